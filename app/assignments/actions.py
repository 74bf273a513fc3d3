"""Who looks after which firm: one lead, any number of deputies, each with the days it held.

The firms of an officer are what her phone shows and who is told of their issues; so nothing here touches an issue: its
waiting answers, links and requests reach whoever is assigned when they are looked for.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from app.assignments import store
from app.audit import store as audit
from app.clock import day_of
from app.db import transaction
from app.errors import Conflict, Invalid, NotFound
from app.firms import store as firms
from app.firms.actions import NO_SUCH_FIRM
from app.firms.models import FirmStatus
from app.i18n import N_
from app.people.models import User

NO_SUCH_OFFICER = N_("没有这位首席服务官，或不在您的工作范围内。")
NOT_HERS = N_("有企业刚刚已不归这位服务官包联，没有作任何改动。请核对最新名单后再交接。")
EARLIEST_START = timedelta(days=3660)


def assign(
    db: Database,
    firm_id: int,
    *,
    user_id: int,
    is_lead: bool,
    by: User,
    now: datetime,
    from_on: date | None = None,
    until_on: date | None = None,
    seen: Collection[int] | None = None,
) -> bool:
    """Give a firm its lead or a deputy, from today or a day past; False if nothing had to change.

    A new lead ends the one before, a deputy who becomes lead ends as deputy. `until_on` is the last day of a deputy who
    only stands in; the tick ends it (`end_run_out`). Raises NotFound for a firm or officer out of scope, Invalid for a
    closed firm, a disabled account, days that make no sense, or making the lead a deputy (name another lead first), and
    Conflict where `seen`, the officers that stood on the page, are no longer those of the firm.
    """
    with transaction(db):
        today = day_of(now)
        firm = firms.get_firm(db, firm_id, visible_to=by)
        if firm is None:
            raise NotFound(NO_SUCH_FIRM)
        if firm.status is FirmStatus.CLOSED:
            raise Invalid(N_("这家企业已注销，不能再安排服务官。"))
        _check_officer(db, user_id, by=by)
        _check_days(from_on, until_on, is_lead=is_lead, today=today)
        current = store.list_current(db, firm_id)
        if seen is not None and set(seen) != {row["user_id"] for row in current}:
            raise Conflict(N_("这家企业的服务官刚刚被别人调整过，您的修改没有保存。请核对后再改。"))
        own = next((row for row in current if row["user_id"] == user_id), None)
        if own is not None and bool(own["is_lead"]) == is_lead:
            return _change_until(db, firm_id, own, until_on=until_on, by=by, now=now)
        if own is not None and own["is_lead"]:
            raise Invalid(N_("这位服务官是该企业的包联人。请先确定新的包联人，再改为协助。"))
        before = next((row for row in current if row["is_lead"]), None) if is_lead else None
        for row in (own, before):
            if row is not None:
                store.end_assignment(db, row["id"], on=today)
        store.insert_assignment(
            db, firm_id, user_id=user_id, is_lead=is_lead, from_on=from_on or today, until_on=until_on
        )
        what = "lead" if is_lead else "deputy"
        detail = f"{what} user:{before['user_id']} → user:{user_id}" if before else f"{what} → user:{user_id}"
        _log(db, firm_id, detail, by=by, now=now)
        return True


def assign_leads(db: Database, firm_ids: Collection[int], *, user_id: int, by: User, now: datetime) -> int:
    """Give firms that nobody leads one lead, all or nothing; how many. Raises Conflict if one has a lead by now."""
    if not firm_ids:
        raise Invalid(N_("请至少选一家企业。"))
    with transaction(db):
        for firm_id in firm_ids:
            if any(row["is_lead"] for row in store.list_current(db, firm_id)):
                raise Conflict(N_("所选企业中有的刚刚已有包联人，没有作任何改动。请核对最新名单后再选。"))
            assign(db, firm_id, user_id=user_id, is_lead=True, by=by, now=now)
        return len(firm_ids)


def end(db: Database, firm_id: int, *, user_id: int, by: User, now: datetime) -> None:
    """Take an officer off a firm; without its lead the firm counts as unassigned. Raises NotFound."""
    with transaction(db):
        if firms.get_firm(db, firm_id, visible_to=by) is None:
            raise NotFound(NO_SUCH_FIRM)
        own = _current_of(db, firm_id, user_id)
        if own is None:
            raise Conflict(N_("这位服务官已不包联这家企业，无需再结束。"))
        store.end_assignment(db, own["id"], on=day_of(now))
        _log(db, firm_id, f"{_role_of(own)} user:{user_id} →", by=by, now=now)


def hand_over(db: Database, from_id: int, *, receivers: Mapping[int, int], by: User, now: datetime) -> int:
    """Give these firms of an officer to others (firm id → receiver), all or nothing; how many.

    Who was lead is followed as lead, a deputy as deputy; a receiver who looks after the firm already keeps the higher
    of the two. Raises Conflict if one of the firms is no longer hers, else as `assign`.
    """
    if not receivers:
        raise Invalid(N_("请至少选一家企业。"))
    with transaction(db):
        if store.get_officer(db, from_id, visible_to=by) is None:
            raise NotFound(NO_SUCH_OFFICER)
        for firm_id, user_id in receivers.items():
            own = _current_of(db, firm_id, from_id)
            if own is None or firms.get_firm(db, firm_id, visible_to=by) is None:
                raise Conflict(NOT_HERS)
            if user_id == from_id:
                raise Invalid(N_("不能交接给本人，请另选接手人。"))
            if own["is_lead"]:
                assign(db, firm_id, user_id=user_id, is_lead=True, by=by, now=now)
                continue
            _check_officer(db, user_id, by=by)
            end(db, firm_id, user_id=from_id, by=by, now=now)
            if _current_of(db, firm_id, user_id) is None:
                until_on = date.fromisoformat(own["until_on"]) if own["until_on"] else None
                assign(db, firm_id, user_id=user_id, is_lead=False, until_on=until_on, by=by, now=now)
        return len(receivers)


def end_run_out(db: Database, *, now: datetime) -> int:
    """End whose last day has passed (the tick calls it); how many."""
    today = day_of(now)
    with transaction(db):
        ended = store.list_run_out(db, before=today)
        for row in ended:
            store.end_assignment(db, row["id"], on=today)
            detail = f"user:{row['user_id']} →"
            audit.add_entry(db, "officer_assigned", f"firm:{row['firm_id']}", by_id=None, now=now, detail=detail)
        return len(ended)


def _current_of(db: Database, firm_id: int, user_id: int):
    return next((row for row in store.list_current(db, firm_id) if row["user_id"] == user_id), None)


def _role_of(row) -> str:
    return "lead" if row["is_lead"] else "deputy"


def _change_until(db: Database, firm_id: int, own, *, until_on: date | None, by: User, now: datetime) -> bool:
    if own["until_on"] == (until_on.isoformat() if until_on else None):
        return False
    store.update_until(db, own["id"], until_on=until_on)
    _log(db, firm_id, f"{_role_of(own)} user:{own['user_id']} – {until_on or ''}".rstrip(), by=by, now=now)
    return True


def _check_officer(db: Database, user_id: int, *, by: User) -> None:
    officer = store.get_officer(db, user_id, visible_to=by)
    if officer is None:
        raise NotFound(NO_SUCH_OFFICER)
    if not officer["is_active"]:
        raise Invalid(fields={"user_id": N_("这个账号已停用，请另选一位在岗的服务官。")})


def _check_days(from_on: date | None, until_on: date | None, *, is_lead: bool, today: date) -> None:
    if from_on is not None and not today - EARLIEST_START <= from_on <= today:
        raise Invalid(fields={"from_on": N_("开始日期不能晚于今天。")})
    if until_on is not None and is_lead:
        raise Invalid(fields={"until_on": N_("包联人不能预定结束日期：到期后企业会无人包联。请届时交接。")})
    if until_on is not None and until_on < today:
        raise Invalid(fields={"until_on": N_("结束日期不能早于今天。")})


def _log(db: Database, firm_id: int, detail: str, *, by: User, now: datetime) -> None:
    audit.add_entry(db, "officer_assigned", f"firm:{firm_id}", by_id=by.id, now=now, detail=detail)
