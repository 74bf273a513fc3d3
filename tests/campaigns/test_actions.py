"""What the office does with campaigns, on the real database: firms fixed at the beginning, one at a time, audited."""

from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.audit import store as audit
from app.audit.models import Search
from app.campaigns import actions, coverage_store, store
from app.campaigns.coverage import coverage
from app.campaigns.coverage_store import FirmFilters
from app.campaigns.models import Choice, NewCampaign, NewQuestion, QuestionKind, Status, Step
from app.db import execute, fetch_all, fetch_value
from app.errors import Conflict, Invalid, NotFound
from app.notices import actions as notices
from app.notices import ticker
from tests import factories
from tests.factories import OTHER_DISTRICT, make_campaign, make_firm, make_user, make_visit, the_user

TODAY = clock.today()
DAY = timedelta(days=1)


def new(**more) -> NewCampaign:
    return NewCampaign(**{"name": "四季度大走访", "from_on": TODAY - DAY, "to_on": TODAY + 9 * DAY, **more})


def move(db, campaign, step, *, version=None):
    return actions.move_campaign(
        db,
        campaign.id,
        step,
        version=version or campaign.version,
        by=the_user(db, "office"),
        now=clock.now(),
    )


def update(db, campaign, changed, **more):
    values = {"version": campaign.version, "by": the_user(db, "office"), "now": clock.now(), **more}
    return actions.update_campaign(db, campaign.id, changed, **values)


def firms_of(db, campaign) -> set[int]:
    rows = fetch_all(db, "SELECT firm_id FROM campaign_firms WHERE campaign_id = :id", {"id": campaign.id})
    return {row["firm_id"] for row in rows}


def test_a_draft_has_no_firms_until_it_begins(db):
    firm = make_firm(db)
    make_firm(db, status="stopped")
    draft = make_campaign(db, begun=False)
    assert draft.status is Status.DRAFT and not firms_of(db, draft)
    assert store.get_running(db, on=TODAY) is None
    begun = move(db, draft, Step.BEGIN)
    assert firms_of(db, begun) == {firm.id}, "what does not operate is not visited"
    assert store.get_running(db, on=TODAY) == begun


def test_its_firms_are_fixed_and_later_ones_are_taken_in_by_hand(db):
    first = make_firm(db)
    campaign = make_campaign(db)
    later = make_firm(db)
    assert firms_of(db, campaign) == {first.id}
    assert coverage_store.count_missing(db, campaign.id, Choice()) == 1
    office = the_user(db, "office")
    added = actions.add_firms(db, campaign.id, version=campaign.version, by=office, now=clock.now())
    assert added == 1 and firms_of(db, campaign) == {first.id, later.id}


def test_whom_a_choice_chooses(db):
    town = fetch_value(db, "SELECT min(id) FROM townships WHERE district_id = :id", {"id": OTHER_DISTRICT})
    far = make_user(db, "officer", district_id=OTHER_DISTRICT)
    here = make_firm(db, industry="制造业", size="小型")
    there = make_firm(db, officer=far, industry="制造业", size="微型", township_id=town)
    elsewhere = make_firm(db, officer=far, industry="零售业", size="微型")
    expected = {
        Choice(): {here, there, elsewhere},
        Choice(district_ids=(OTHER_DISTRICT,)): {there, elsewhere},
        Choice(township_ids=(town,)): {there},
        Choice(district_ids=(factories.DISTRICT,), township_ids=(town,)): {here, there},
        Choice(industries=("制造业",)): {here, there},
        Choice(industries=("制造业",), sizes=("微型",)): {there},
        Choice(district_ids=(OTHER_DISTRICT,), industries=("制造业", "零售业")): {there, elsewhere},
        Choice(sizes=("大型",)): set(),
        Choice(codes=(here.credit_code, elsewhere.credit_code)): {here, elsewhere},
        Choice(codes=(here.credit_code,), sizes=("微型",)): {here},  # a list stands alone
    }
    for choice, firms in expected.items():
        officers = {firm.officer_id for firm in firms}
        assert coverage_store.count_chosen(db, choice) == (len(firms), len(officers)), choice
        draft = make_campaign(db, begun=False, choice=choice)
        assert store.get_choice(db, draft.id) == choice
        if firms:
            begun = move(db, draft, Step.BEGIN)
            assert firms_of(db, begun) == {firm.id for firm in firms}, choice
            move(db, begun, Step.WITHDRAW)


def test_one_campaign_runs_at_a_time(db):
    make_firm(db)
    running, draft = make_campaign(db, name="先办的"), make_campaign(db, begun=False, name="后办的")
    with pytest.raises(Conflict) as refused:
        move(db, draft, Step.BEGIN)
    assert refused.value.params == {"name": "先办的"}
    move(db, running, Step.END)
    assert move(db, draft, Step.BEGIN).status is Status.RUNNING


def test_what_cannot_begin(db):
    with pytest.raises(Conflict, match="一家企业也没有"):
        move(db, make_campaign(db, begun=False), Step.BEGIN)
    make_firm(db)
    past = make_campaign(db, begun=False, to_on=TODAY - DAY)
    with pytest.raises(Conflict, match="已经过去"):
        move(db, past, Step.BEGIN)
    assert store.get_campaign(db, past.id).status is Status.DRAFT


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("step", list(Step))
def test_every_step_on_the_database(db, status, step):
    make_firm(db)
    campaign = make_campaign(db, begun=False)
    for before in {
        Status.RUNNING: [Step.BEGIN],
        Status.ENDED: [Step.BEGIN, Step.END],
        Status.WITHDRAWN: [Step.WITHDRAW],
    }.get(status, ()):
        campaign = move(db, campaign, before)
    entries = fetch_value(db, "SELECT count(*) FROM audit_log")
    if (status, step) in actions.STEPS:
        assert move(db, campaign, step).status is actions.STEPS[status, step]
        assert fetch_value(db, "SELECT count(*) FROM audit_log") == entries + 1
    else:
        with pytest.raises(Conflict):
            move(db, campaign, step)
        assert store.get_campaign(db, campaign.id) == campaign
        assert fetch_value(db, "SELECT count(*) FROM audit_log") == entries


def test_an_early_end_is_today(db):
    make_firm(db)
    assert move(db, make_campaign(db), Step.END).to_on == TODAY


def test_two_at_once(db):
    make_firm(db)
    campaign = make_campaign(db)
    update(db, campaign, new(name="改了"))
    for change in (lambda: update(db, campaign, new(name="又改")), lambda: move(db, campaign, Step.END)):
        with pytest.raises(Conflict):
            change()
    assert store.get_campaign(db, campaign.id).name == "改了"
    with pytest.raises(NotFound):
        actions.move_campaign(db, 987654, Step.END, version=1, by=the_user(db, "office"), now=clock.now())


def test_a_draft_changes_in_everything_a_running_one_keeps_its_firms(db):
    make_firm(db, size="微型"), make_firm(db, size="小型")
    draft = make_campaign(db, begun=False)
    changed = update(db, draft, new(choice=Choice(sizes=("微型",)), from_on=TODAY))
    assert store.get_choice(db, draft.id) == Choice(sizes=("微型",)) and changed.from_on == TODAY
    running = move(db, changed, Step.BEGIN)
    before = firms_of(db, running)
    longer = update(db, running, new(from_on=running.from_on, to_on=TODAY + 20 * DAY))
    assert longer.to_on == TODAY + 20 * DAY and firms_of(db, running) == before
    assert store.get_choice(db, draft.id) == Choice(sizes=("微型",))
    with pytest.raises(Invalid):
        update(db, longer, new(from_on=running.from_on, to_on=TODAY - DAY))
    ended = move(db, longer, Step.END)
    with pytest.raises(Conflict):
        update(db, ended, new())


def test_a_list_with_unknown_codes_is_refused_whole(db):
    firm = make_firm(db)
    office = the_user(db, "office")
    with pytest.raises(Invalid) as refused:
        actions.create_campaign(db, new(choice=Choice(codes=(firm.credit_code, "9141XX"))), by=office, now=clock.now())
    assert "codes" in refused.value.fields and refused.value.params == {"n": 1, "codes": "9141XX"}
    assert not fetch_value(db, "SELECT count(*) FROM campaigns")


ORDERS = NewQuestion("订单比去年", QuestionKind.CHOICE, ("增加", "减少"), "研判行业")
KNOWN = NewQuestion("知道免申即享吗", QuestionKind.YES_NO)


def test_questions_keep_their_ids_and_their_words(db):
    make_firm(db)
    campaign = make_campaign(db, questions=(ORDERS, KNOWN))
    orders, known = store.list_questions(db, campaign.id)
    reworded = NewQuestion("听说过免申即享吗", QuestionKind.YES_NO)
    campaign = update(db, campaign, new(from_on=campaign.from_on, questions=(reworded, ORDERS)))
    other, same = store.list_questions(db, campaign.id)
    assert same == orders and other.id not in (orders.id, known.id)
    campaign = update(db, campaign, new(from_on=campaign.from_on, questions=()))
    assert store.list_questions(db, campaign.id) == []
    assert fetch_value(db, "SELECT count(*) FROM campaign_questions") == 3, "what was asked stays on record"


# ── Coverage ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_coverage_counts_firms_in_the_span(db):
    officer = the_user(db, "officer")
    once, twice, early, gone, never = (make_firm(db, officer=officer) for _ in range(5))
    campaign = make_campaign(db)
    outside = make_firm(db, officer=officer)
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 4, tzinfo=UTC) - DAY
    for firm, at in (
        (once, noon),
        (twice, noon - 2 * DAY),
        (twice, noon),
        (early, clock.midnight(campaign.from_on) - timedelta(minutes=1)),
        (outside, noon),
    ):
        make_visit(db, firm=firm, by=officer, visited_at=at)
    execute(db, "UPDATE firms SET status = 'moved' WHERE id IN (:a, :b)", {"a": gone.id, "b": once.id})
    assert coverage_store.count_coverage(db, campaign) == (2, 4), "moved unvisited: no longer to be visited"
    found = coverage(coverage_store.count_groups(db, campaign))
    assert (found.total.visited, found.total.firms, found.out) == (2, 4, 1)
    assert sorted(found.met.values()) == [1, 1]
    assert coverage_store.list_behind(db, campaign) == [officer.id]
    listed = {
        state: {row["id"] for row in coverage_store.list_firms(db, campaign, FirmFilters(state=state), page=1, limit=9)}
        for state in ("", "visited", "unvisited", "out")
    }
    assert listed["visited"] == {once.id, twice.id} and listed["unvisited"] == {early.id, never.id}
    assert listed["out"] == {gone.id} and listed[""] == listed["visited"] | listed["unvisited"]


def test_coverage_reads_by_index(db):
    """2,000 firms and 100,000 visits: each firm's visits are one step into an index, and no table is read whole."""
    make_firm(db)
    campaign, seen = make_campaign(db), []
    db.conn.set_trace_callback(seen.append)
    coverage_store.count_coverage(db, campaign, district_id=factories.DISTRICT)
    coverage_store.count_groups(db, campaign)
    coverage_store.list_behind(db, campaign)
    coverage_store.list_firms(db, campaign, FirmFilters(state="unvisited"), page=1, limit=9)
    db.conn.set_trace_callback(None)
    assert len(seen) == 4
    for statement in seen:
        plan = [row["detail"] for row in db.conn.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert any("SEARCH v USING COVERING INDEX visits_by_firm (firm_id=? AND visited_at" in each for each in plan), (
            plan
        )
        assert not [each for each in plan if each.startswith(("SCAN v", "SCAN f ", "SCAN m", "SCAN o", "SCAN u"))], plan


# ── Reminders and the clock ─────────────────────────────────────────────────────────────────────────────────────────


def told(db, user) -> int:
    return fetch_value(db, "SELECT count(*) FROM notices WHERE user_id = :id AND kind = 'campaign'", {"id": user.id})


def remind(db, campaign, now=None):
    now = now or clock.now()
    actions.remind(db, campaign.id, by=the_user(db, "office"), now=now)
    notices.tell_campaigns(db, now=now)


def test_one_notice_for_an_officer_not_for_a_firm(db):
    behind, done = the_user(db, "officer"), make_user(db, "officer")
    for _ in range(3):
        make_firm(db, officer=behind)
    visited = make_firm(db, officer=done)
    campaign = make_campaign(db)
    make_visit(db, firm=visited, by=done)
    remind(db, campaign)
    assert (told(db, behind), told(db, done)) == (1, 0)
    with pytest.raises(Conflict, match="今天已经提醒过"):
        remind(db, campaign)
    remind(db, campaign, now=clock.now() + DAY)
    assert told(db, behind) == 2
    assert [row["told_count"] for row in store.list_reminders(db, campaign.id)] == [1, 1]


def test_nobody_is_reminded_without_need(db):
    officer = the_user(db, "officer")
    firm = make_firm(db, officer=officer)
    draft = make_campaign(db, begun=False)
    with pytest.raises(Conflict, match="不能提醒"):
        remind(db, draft)
    running = move(db, draft, Step.BEGIN)
    make_visit(db, firm=firm, by=officer)
    with pytest.raises(Conflict, match="不用提醒"):
        remind(db, running)
    assert told(db, officer) == 0


def test_the_clock_reminds_once_for_each_end(db, settings, app):
    officer = the_user(db, "officer")
    make_firm(db, officer=officer)
    start = datetime(2026, 11, 16, 2, tzinfo=UTC)  # a Monday, ten in the morning
    campaign = make_campaign(db, now=start, from_on=start.date(), to_on=start.date() + 11 * DAY, remind_days=3)

    def tick(day, hour):
        with app.app_context():
            ticker.tick(settings, at=datetime(2026, 11, day, hour, tzinfo=UTC))
        return told(db, officer)

    assert tick(23, 2) == 0  # Friday the 27th less three working days is Tuesday the 24th
    assert tick(24, 0) == 0  # eight in the morning
    assert tick(24, 1) == tick(24, 2) == tick(25, 2) == 1
    campaign = store.get_campaign(db, campaign.id)
    longer = NewCampaign(campaign.name, campaign.from_on, campaign.to_on + 7 * DAY, remind_days=3)
    update(db, campaign, longer, now=datetime(2026, 11, 26, 2, tzinfo=UTC))
    assert tick(30, 2) == 1
    assert tick(30 - 1, 2) == 1
    with app.app_context():
        ticker.tick(settings, at=datetime(2026, 12, 1, 2, tzinfo=UTC))
    assert told(db, officer) == 2


def test_the_clock_ends_it(db, settings, app):
    make_firm(db)
    campaign = make_campaign(db, to_on=TODAY)
    assert actions.end_over(db, now=clock.now()) == 0
    with app.app_context():
        ticker.tick(settings, at=clock.now() + DAY)
    ended = store.get_campaign(db, campaign.id)
    assert ended.status is Status.ENDED and ended.to_on == TODAY
    [entry] = audit.list_entries(db, Search(action="campaign_ended"))
    assert entry["object"] == f"campaign:{campaign.id}"
