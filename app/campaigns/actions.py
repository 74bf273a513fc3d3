"""What the office does with campaigns, each step in one transaction with its audit entry."""

from collections.abc import Sequence
from datetime import datetime, time

from sqlite_utils import Database

from app.audit import store as audit
from app.campaigns import coverage_store, store
from app.campaigns.models import STEPS, Campaign, NewCampaign, NewQuestion, Question, Status, Step
from app.clock import day_of, local
from app.db import transaction
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.people.models import User
from app.rules import store as rules

NO_SUCH_CAMPAIGN = N_("没有这次走访活动。请从活动列表进入。")
CHANGED = N_("这次活动刚刚被改过，您的修改没有保存。请核对后再改。")
NOT_NOW = N_("这次活动现在的状态不能这样操作。请刷新页面后再看。")
OTHER_RUNS = N_("“%(name)s”还在进行。为减轻服务官负担，同一时间只办一次走访活动，请先结束它。")
NO_FIRMS = N_("按现在的条件一家企业也没有选中。请先修改走访哪些企业。")
ALREADY_OVER = N_("结束日期已经过去。请先修改日期。")
REMINDED_TODAY = N_("今天已经提醒过，不再重复打扰。")
NOT_RUNNING = N_("活动还没有开始或已经结束，不能提醒。")
NOBODY_LEFT = N_("没有还要走访的企业，不用提醒。")

REMINDS_FROM = time(9)
"""No reminder goes out by itself before the day's work has begun."""

_AUDITED = {Step.BEGIN: "campaign_begun", Step.END: "campaign_ended", Step.WITHDRAW: "campaign_withdrawn"}


def _get(db: Database, campaign_id: int, version: int) -> Campaign:
    campaign = store.get_campaign(db, campaign_id)
    if campaign is None:
        raise NotFound(NO_SUCH_CAMPAIGN)
    if campaign.version != version:
        raise Conflict(CHANGED)
    return campaign


def create_campaign(db: Database, new: NewCampaign, *, by: User, now: datetime) -> int:
    """Write down a draft; its id. Raises Invalid for credit codes that the roster does not have."""
    with transaction(db):
        _refuse_unknown(db, new)
        campaign_id = store.insert_campaign(db, new, created_by=by.id, now=now)
        _log(db, "campaign_changed", campaign_id, by=by, now=now, detail=f"{new.from_on} – {new.to_on}")
        return campaign_id


def update_campaign(
    db: Database, campaign_id: int, new: NewCampaign, *, version: int, by: User, now: datetime
) -> Campaign:
    """Change a draft in everything; of a running one name, last day, target, reminder and questions.

    Raises NotFound, Conflict when it was changed meanwhile or has ended, Invalid for what cannot be.
    """
    with transaction(db):
        campaign = _get(db, campaign_id, version)
        if campaign.status is Status.DRAFT:
            _refuse_unknown(db, new)
            store.update_terms(db, campaign_id, new.choice)
        elif campaign.status is not Status.RUNNING:
            raise Conflict(NOT_NOW)
        elif new.to_on < day_of(now):
            raise Invalid(fields={"to_on": N_("活动正在进行，结束日期不能早于今天。要停办请用“提前结束”。")})
        if not store.update_campaign(db, campaign, new):
            raise Conflict(CHANGED)
        _update_questions(db, campaign_id, store.list_questions(db, campaign_id), new.questions)
        detail = f"{new.from_on} – {new.to_on}, {len(new.questions)} ?"
        _log(db, "campaign_changed", campaign_id, by=by, now=now, detail=detail)
        changed = store.get_campaign(db, campaign_id)
        assert changed is not None
        return changed


def _update_questions(db: Database, campaign_id: int, old: Sequence[Question], new: Sequence[NewQuestion]) -> None:
    """What was asked keeps its words and its id, by which phones answer; other words are another question."""

    def same(question: Question) -> NewQuestion:
        return NewQuestion(question.text, question.kind, question.choices, question.purpose, question.is_required)

    known = {same(question): question.id for question in old}
    for question in old:
        store.update_question(db, question.id, position=None)
    for position, asked in enumerate(new):
        question_id = known.pop(asked, None)
        if question_id is None:
            store.insert_question(db, campaign_id, asked, position=position)
        else:
            store.update_question(db, question_id, position=position)


def _refuse_unknown(db: Database, new: NewCampaign) -> None:
    unknown = sorted(set(new.choice.codes) - coverage_store.list_known_codes(db, new.choice.codes))
    if unknown:
        message = N_("有 %(n)d 个代码不在企业名册里：%(codes)s。请先在名册里补上，或从名单里去掉。")
        raise Invalid(fields={"codes": message}, n=len(unknown), codes=", ".join(unknown[:5]))


def move_campaign(db: Database, campaign_id: int, step: Step, *, version: int, by: User, now: datetime) -> Campaign:
    """Begin a draft (its firms are fixed), end a running campaign today, or withdraw either.

    Raises NotFound; Conflict when it was changed meanwhile, does not stand so, has no firm or another runs.
    """
    with transaction(db):
        campaign = _get(db, campaign_id, version)
        if (campaign.status, step) not in STEPS:
            raise Conflict(NOT_NOW)
        to_on = campaign.to_on
        detail = ""
        if step is Step.BEGIN:
            detail = f"{_begin(db, campaign, now=now)} firms"
        elif step is Step.END and campaign.from_on <= day_of(now):
            to_on = min(to_on, day_of(now))
        if not store.move_campaign(db, campaign, to=STEPS[campaign.status, step], to_on=to_on, now=now):
            raise Conflict(CHANGED)
        _log(db, _AUDITED[step], campaign_id, by=by, now=now, detail=detail)
        moved = store.get_campaign(db, campaign_id)
        assert moved is not None
        return moved


def _begin(db: Database, campaign: Campaign, *, now: datetime) -> int:
    other = store.get_started(db)
    if other is not None:
        raise Conflict(OTHER_RUNS, name=other.name)
    if campaign.to_on < day_of(now):
        raise Conflict(ALREADY_OVER)
    added = coverage_store.add_firms(db, campaign.id, store.get_choice(db, campaign.id), now=now)
    if not added:
        raise Conflict(NO_FIRMS)
    return added


def add_firms(db: Database, campaign_id: int, *, version: int, by: User, now: datetime) -> int:
    """Take in the firms that fit and were not there when it began; how many."""
    with transaction(db):
        campaign = _get(db, campaign_id, version)
        if campaign.status is not Status.RUNNING:
            raise Conflict(NOT_NOW)
        added = coverage_store.add_firms(db, campaign_id, store.get_choice(db, campaign_id), now=now)
        _log(db, "campaign_changed", campaign_id, by=by, now=now, detail=f"+ {added} firms")
        return added


def remind(db: Database, campaign_id: int, *, by: User, now: datetime) -> None:
    """Ask for the officers with firms left to be reminded, at most once a day. `notices` tells them."""
    with transaction(db):
        campaign = store.get_campaign(db, campaign_id)
        if campaign is None:
            raise NotFound(NO_SUCH_CAMPAIGN)
        today = day_of(now)
        if campaign.status is not Status.RUNNING or not campaign.from_on <= today <= campaign.to_on:
            raise Conflict(NOT_RUNNING)
        if not coverage_store.list_behind(db, campaign):
            raise Conflict(NOBODY_LEFT)
        if not store.insert_reminder(db, campaign_id, source=f"day:{today}", by_id=by.id, now=now):
            raise Conflict(REMINDED_TODAY)
        _log(db, "campaign_reminded", campaign_id, by=by, now=now)


def remind_due(db: Database, *, now: datetime) -> int:
    """Ask for the reminder so many working days before the running campaign's end, once for each end; 0 or 1."""
    with transaction(db):
        campaign = store.get_running(db, on=day_of(now))
        if campaign is None or campaign.remind_days is None or local(now).time() < REMINDS_FROM:
            return 0
        if day_of(now) < rules.get_calendar(db).before(campaign.to_on, campaign.remind_days):
            return 0
        source = f"end:{campaign.to_on}"
        return int(store.insert_reminder(db, campaign.id, source=source, by_id=None, now=now))


def end_over(db: Database, *, now: datetime) -> int:
    """End the campaign whose last day is over; 0 or 1."""
    with transaction(db):
        campaign = store.get_started(db)
        if campaign is None or campaign.to_on >= day_of(now):
            return 0
        store.move_campaign(db, campaign, to=Status.ENDED, to_on=campaign.to_on, now=now)
        _log(db, "campaign_ended", campaign.id, by=None, now=now)
        return 1


def _log(db: Database, action: str, campaign_id: int, *, by: User | None, now: datetime, detail: str = "") -> None:
    audit.add_entry(db, action, f"campaign:{campaign_id}", by_id=by.id if by else None, now=now, detail=detail)
