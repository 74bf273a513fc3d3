# ruff: noqa: S608 (the names of tables are our own)
"""Every move on a real database: the columns it changes, the line of history it writes, the clocks it moves, and who
may not make it.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app import chain
from app.clock import day_of, to_text
from app.db import IntegrityError, fetch_all, fetch_one, fetch_value, transaction
from app.errors import Conflict, Invalid, NotFound
from app.issues import actions, history_store, link_store, store
from app.issues.deadlines import running
from app.issues.lifecycle import TRANSITIONS, Actor, Outcome, Status
from app.people import store as people
from app.permissions import Role
from app.rules.models import Clock
from tests import factories
from tests.factories import DEPARTMENT, DISTRICT, OTHER_DEPARTMENT, OTHER_DISTRICT

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = "2026-12-04"  # 14 days after `now`, as the factories ask for
TABLES = ("issues", "issue_events", "issue_departments", "issue_clocks", "firm_links", "photos", "issue_numbers")
CLOCK_COLUMNS = {"clock", "due_at", "amber_at", "is_due_provisional"}


def everything(db) -> dict[str, list[tuple]]:
    """All that a move could write."""
    return {table: [tuple(row) for row in fetch_all(db, f"SELECT * FROM {table}")] for table in TABLES}


def columns(db, issue) -> dict:
    return dict(fetch_one(db, "SELECT * FROM issues WHERE id = :id", {"id": issue.id}))


def events(db, issue) -> list:
    return history_store.list_events(db, issue.id)


def clock(db, issue, name: str, nth: int = 1):
    """One stored round of a clock."""
    return fetch_one(
        db,
        "SELECT * FROM issue_clocks WHERE issue_id = :id AND clock = :clock AND round = :nth",
        {"id": issue.id, "clock": name, "nth": nth},
    )


def assert_clocks_follow_from_history(db, issue) -> None:
    """What is stored is what the history gives, for every round and for the clock on the screen."""
    states = actions.clocks_of(db, issue.id)
    stored = fetch_all(db, "SELECT * FROM issue_clocks WHERE issue_id = :id", {"id": issue.id})
    assert {
        (row["clock"], row["round"]): (row["started_at"], row["due_at"], row["stopped_at"], row["is_late"])
        for row in stored
    } == {
        (state.clock, state.round): (
            to_text(state.started_at),
            state.due_at and to_text(state.due_at),
            state.stopped_at and to_text(state.stopped_at),
            None if state.late is None else int(state.late),
        )
        for state in states
    }
    showing, row = running(states), columns(db, issue)
    assert row["clock"] == (showing.clock if showing else None)
    assert row["due_at"] == (to_text(showing.due_at) if showing and showing.due_at else None)
    assert row["amber_at"] == (to_text(showing.amber_at) if showing and showing.amber_at else None)
    assert row["is_due_provisional"] == int(bool(showing and showing.is_provisional))


def due(day: int, month: int = 11) -> str:
    """Six in the evening in Pingdingshan on that day of 2026."""
    return to_text(datetime(2026, month, day, 10, tzinfo=UTC))


@dataclass(frozen=True)
class Case:
    """A move: where the issue stands before, what was done besides, and which columns change (status apart)."""

    at: str
    to: str
    changes: dict = field(default_factory=dict)
    before: tuple[str, ...] = ()
    data: dict = field(default_factory=dict)
    brought: dict = field(default_factory=dict)
    by: str = ""  # where the factories would send the dispatcher
    days: int = 0  # how long ago it began; hours otherwise


def _lead(department_id: int = DEPARTMENT) -> dict:
    return {"department_id": department_id}


ANSWERED = {"outcome": "solved", "public_answer": "问题已解决。"}
CONTACTED = {"contacted_on": "2026-11-20", "contact_mode": "phone"}
CASES = {
    "ask_info": Case("submitted", "needs_info"),
    "supplement": Case("needs_info", "submitted"),
    "answer_on_spot": Case(
        "submitted",
        "proposed",
        {"outcome": "explained", "public_answer": "已当场说明政策。"},
        data={"outcome": "explained", "public_answer": "已当场说明政策。"},
    ),
    "dispatch": Case(
        "submitted",
        "dispatched",
        {"department_id": DEPARTMENT, "urgency": "urgent"},
        brought={"urgency": "urgent"},
        data={"department_id": DEPARTMENT, "previous_department_id": None, "urgency": "urgent"},
    ),
    "accept": Case("dispatched", "in_progress"),
    "agree_return": Case("in_progress", "in_progress", {"is_return_agreed": 1}, days=3),
    "return": Case("dispatched", "returned", {"return_count": 1}, data={"basis": "职责清单第 3 条"}),
    "redispatch": Case(
        "returned",
        "dispatched",
        data={"department_id": DEPARTMENT, "previous_department_id": DEPARTMENT, "is_return_right": False},
    ),
    "designate": Case(
        "disputed",
        "in_progress",
        _lead(OTHER_DEPARTMENT),
        brought=_lead(OTHER_DEPARTMENT),
        data={
            "department_id": OTHER_DEPARTMENT,
            "previous_department_id": DEPARTMENT,
            "ruling": "由供电公司办理。",
            "was_wrong": True,
        },
    ),
    "request_extension": Case(
        "in_progress", "in_progress", {"extension_asked_on": LATER}, data={"extend_to_on": LATER}
    ),
    "grant_extension": Case(
        "in_progress",
        "in_progress",
        {"extension_asked_on": None, "extension_count": 1},
        before=("request_extension",),
        data={"extend_to_on": LATER},
    ),
    "refuse_extension": Case("in_progress", "in_progress", {"extension_asked_on": None}, before=("request_extension",)),
    "request_suspension": Case("in_progress", "in_progress", {"suspension_asked_on": LATER}, data={"review_on": LATER}),
    "suspend": Case(
        "in_progress",
        "suspended",
        {"suspension_asked_on": None, "review_on": LATER},
        before=("request_suspension",),
        data={"review_on": LATER},
    ),
    "refuse_suspension": Case(
        "in_progress", "in_progress", {"suspension_asked_on": None}, before=("request_suspension",)
    ),
    "list_long_term": Case(
        "in_progress",
        "suspended",
        {"extension_asked_on": None, "suspension_asked_on": None, "review_on": LATER},
        before=("request_extension", "request_suspension"),
        data={"review_on": LATER},
        by="head",
    ),
    "resume": Case("suspended", "in_progress", {"review_on": None}, by="handler"),
    "answer": Case(
        "in_progress",
        "proposed",
        {**ANSWERED, "extension_asked_on": None, "suspension_asked_on": None},
        before=("request_extension", "request_suspension"),
        data={**ANSWERED, **CONTACTED},
    ),
    "verify": Case("proposed", "callback"),
    "reject_answer": Case("proposed", "in_progress", {"outcome": None, "rework_count": 1}),
    "log_contact": Case("callback", "callback", data={"contact_mode": "phone"}),
    "close_unreached": Case(
        "callback", "closed", {"closed_at": "2026-11-20T02:00:00Z"}, before=("log_contact",) * 3, days=4
    ),
    "dispute_answer": Case(
        "callback", "in_progress", {"outcome": None, "is_solved": 0, "is_satisfied": 0, "reopen_count": 1}
    ),
    "reopen": Case(
        "closed",
        "in_progress",
        {"outcome": None, "is_solved": None, "is_satisfied": None, "closed_at": None, "reopen_count": 1},
    ),
    "merge": Case("in_progress", "merged", {"merged_into_id": ...}, data={"master_number": ..., "merged_into_id": ...}),
    "void": Case("suspended", "void", {"review_on": None, "reply_by_on": None}, before=("supervise",)),
    "urge": Case("in_progress", "in_progress"),
    "supervise": Case(
        "in_progress",
        "in_progress",
        {"supervision": "yellow", "reply_by_on": LATER},
        data={"level": "yellow", "reply_by_on": LATER},
    ),
    "reply": Case("in_progress", "in_progress", {"reply_by_on": None}, before=("supervise",)),
    "assist": Case("in_progress", "in_progress", data={"assisting_ids": [OTHER_DEPARTMENT]}),
    "note": Case("in_progress", "in_progress"),
}


def stand(db, case: Case, now: datetime):
    """An issue where the move can be made, its last move a minute before `now`."""
    start = now - (case.days * DAY or 2 * HOUR)
    issue = factories.make_issue(db, status=case.at, at=start)
    for nth, action in enumerate(case.before, start=1):
        at = start + nth * DAY if action == "log_contact" else now - HOUR + nth * timedelta(minutes=1)
        issue = factories.move(db, issue, action, at=at)
    return issue


def person(db, action: str, issue):
    """Who makes this move."""
    by = CASES[action].by
    return factories.the_user(db, by) if by else factories.who(db, action, issue)


def test_every_move_is_tried():
    assert set(CASES) == set(TRANSITIONS) - {"report", "escalate", "confirm"}  # these have tests of their own


@pytest.mark.parametrize("action", CASES)
def test_a_move_writes_its_columns_and_one_event(db, now, action):
    case, row = CASES[action], TRANSITIONS[action]
    issue = stand(db, case, now)
    before, told = columns(db, issue), events(db, issue)
    others = fetch_all(db, "SELECT id, version FROM issues WHERE id <> :id", {"id": issue.id})
    by = person(db, action, issue)
    fresh = factories.move(db, issue, action, at=now, by=by, **case.brought)

    after = columns(db, issue)
    changed = {name: value for name, value in after.items() if value != before[name]}
    expected = {"version": before["version"] + 1, "changed_at": to_text(now), **case.changes}
    if case.to != case.at:
        expected["status"] = case.to
    if action == "merge":
        expected["merged_into_id"] = fetch_value(db, "SELECT max(id) FROM issues")
    assert {name: value for name, value in changed.items() if name not in CLOCK_COLUMNS} == {
        name: value for name, value in expected.items() if before[name] != value
    }
    assert (fresh.version, fresh.status) == (issue.version + 1, Status(case.to))
    moved = fetch_all(db, "SELECT id, version FROM issues WHERE id <> :id", {"id": issue.id})
    assert [tuple(each) for each in moved][: len(others)] == [tuple(each) for each in others]

    history = events(db, issue)
    assert [tuple(each) for each in history[:-1]] == [tuple(each) for each in told]
    event = history[-1]
    part = Actor.LEAD if by.role is Role.HANDLER else Actor(by.role)
    assert (event["action"], event["at"], event["by_id"], event["actor"]) == (action, to_text(now), by.id, part)
    assert (event["from_status"], event["to_status"]) == (case.at, case.to)
    brought = factories.brings(action, on=day_of(now))
    assert event["note"] == brought.get("note", brought.get("ruling", ""))
    data = json.loads(event["data"])
    if action == "merge":
        master = fetch_one(db, "SELECT id, number FROM issues ORDER BY id DESC LIMIT 1")
        assert data == {"master_number": master["number"], "merged_into_id": master["id"]}
    else:
        assert data == case.data
    assert part in row.by
    assert_clocks_follow_from_history(db, issue)
    assert history_store.first_broken_event(db) is None


@pytest.mark.parametrize("action", CASES)
def test_a_stale_move_writes_nothing(db, now, action):
    issue = stand(db, CASES[action], now)
    by, brought = person(db, action, issue), factories.brings(action, on=day_of(now), department_id=DEPARTMENT)
    if action == "merge":
        officer = factories.the_user(db, "officer")
        firm = factories.make_firm(db, officer=officer)
        brought = {"master_number": factories.make_issue(db, firm=firm, at=issue.reported_at).number}
    before = everything(db)
    for version in (issue.version - 1, issue.version + 1, 10**15):
        with pytest.raises(Conflict):
            actions.advance(db, issue.id, action, by=by, now=now, version=version, brought=brought)
    assert everything(db) == before


@pytest.mark.parametrize("action", CASES)
def test_a_move_is_refused_to_all_others(db, now, action):
    """Conflict for whoever sees the issue but has no part in the move; NotFound for whoever does not see it."""
    issue = stand(db, CASES[action], now)
    with transaction(db):
        store.replace_assisting(db, issue.id, (OTHER_DEPARTMENT,))
    see = {
        Actor(role): factories.the_user(db, role) for role in (Role.OFFICER, Role.DISPATCHER, Role.HEAD, Role.OFFICE)
    }
    see[Actor.LEAD] = people.get_user(db, factories.the_user(db, "handler").id)
    if issue.department_id is not None and issue.department_id != DEPARTMENT:
        see[Actor.LEAD] = factories.make_user(db, "handler", department_id=issue.department_id)
    see[Actor.ASSISTING] = factories.make_user(db, "handler", department_id=OTHER_DEPARTMENT)
    blind = [
        factories.make_user(db, "officer"),
        factories.make_user(db, "handler", department_id=7),
        factories.make_user(db, "dispatcher", district_id=OTHER_DISTRICT),
        factories.make_user(db, "head", district_id=OTHER_DISTRICT),
    ]
    if issue.department_id is None:
        blind.append(see.pop(Actor.LEAD))
    auditor = factories.the_user(db, "auditor")
    brought = factories.brings(action, on=day_of(now), department_id=DEPARTMENT) | {"master_number": "2026-00001"}
    before = everything(db)

    def attempt(by):
        actions.advance(db, issue.id, action, by=by, now=now, version=issue.version, brought=brought)

    for part, user in [*see.items(), (None, auditor)]:
        if part not in TRANSITIONS[action].by:
            with pytest.raises(Conflict):
                attempt(user)
    for user in blind:
        with pytest.raises(NotFound):
            attempt(user)
    assert everything(db) == before


@pytest.mark.parametrize("action", ["report", "escalate", "confirm"])
def test_nobody_signed_in_makes_the_moves_of_the_firm_and_the_system(db, now, action):
    status = {"escalate": "returned", "confirm": "callback"}.get(action, "submitted")
    issue = factories.make_issue(db, status=status, at=now - HOUR)
    for role in Role:
        if role is not Role.AUDITOR:
            with pytest.raises((Conflict, NotFound)):
                actions.advance(db, issue.id, action, by=factories.the_user(db, role), now=now, version=None)


def test_the_system_makes_no_move_of_a_person(db, now):
    issue = factories.make_issue(db, status="dispatched", at=now - HOUR)
    before = everything(db)
    with pytest.raises(Conflict):
        actions.advance_by_system(db, issue.id, "accept", brought={}, now=now)
    with pytest.raises(NotFound):
        actions.advance_by_system(db, 987654, "resume", brought={}, now=now)
    assert everything(db) == before


def test_an_issue_that_is_not_there(db, now):
    with pytest.raises(NotFound):
        actions.advance(db, 987654, "note", by=factories.the_user(db, "office"), now=now, version=1)


# --- Reporting


def _report(db, now, **fields):
    officer = factories.the_user(db, "officer")
    firm = factories.make_firm(db, officer=officer)
    issue_id = actions.report(
        db,
        factories.new_issue(**fields),
        firm_id=firm.id,
        district_id=DISTRICT,
        visit_id=None,
        pictures=[factories.make_picture()],
        by=officer,
        now=now,
    )
    return store.get_issue_for_system(db, issue_id, now=now)


def test_a_report_without_a_rule_waits_for_the_dispatcher(db, now):
    issue = _report(db, now)
    assert (issue.status, issue.department_id, issue.version) == (Status.SUBMITTED, None, 1)
    (event,) = events(db, issue)
    officer = factories.the_user(db, "officer")
    assert (event["action"], event["actor"], event["by_id"], event["from_status"], event["to_status"]) == (
        "report",
        "officer",
        officer.id,
        None,
        "submitted",
    )
    assert json.loads(event["data"]) == {"category_id": factories.UNROUTED, "kind": "help", "urgency": "normal"}
    assert (issue.clock, issue.due_at) == (Clock.DISPATCH, now + 24 * HOUR)
    assert issue.amber_at == now + 24 * HOUR - 24 * HOUR / 5
    assert [row["clock"] for row in fetch_all(db, "SELECT clock FROM issue_clocks")] == ["dispatch"]
    assert_clocks_follow_from_history(db, issue)
    photo = fetch_one(db, "SELECT * FROM photos")
    assert (photo["issue_id"], photo["event_id"], photo["added_by"]) == (issue.id, None, officer.id)


def test_a_report_that_a_rule_knows_goes_straight_to_the_department(db, now):
    issue = _report(db, now, category_id=factories.ROUTED)
    assert (issue.status, issue.department_id, issue.version) == (Status.DISPATCHED, DEPARTMENT, 2)
    first, second = events(db, issue)
    assert (first["action"], second["action"]) == ("report", "dispatch")
    assert (second["actor"], second["by_id"], second["at"]) == ("system", None, first["at"])
    data = json.loads(second["data"])
    assert data["department_id"] == DEPARTMENT
    assert fetch_value(db, "SELECT department_id FROM routing_rules WHERE id = :id", {"id": data["rule_id"]}) == 39
    assert clock(db, issue, "dispatch")["is_late"] == 0
    assert clock(db, issue, "accept")["due_at"] == due(23), "one working day after a Friday"
    assert clock(db, issue, "handle")["due_at"] == due(27)
    assert (issue.clock, issue.due_at) == (Clock.ACCEPT, datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert_clocks_follow_from_history(db, issue)


def test_a_rule_names_who_assists(db, now):
    issue = _report(db, now, category_id=factories.ROUTED, title="天然气压力低")
    assert (issue.department_id, issue.assisting_ids) == (41, (13,))


def test_an_urgent_report_counts_hours(db, now):
    issue = _report(db, now, category_id=factories.ROUTED, urgency="urgent")
    assert clock(db, issue, "accept")["due_at"] == to_text(now + 2 * HOUR)
    assert clock(db, issue, "handle")["due_at"] == to_text(now + 24 * HOUR)


def test_numbers_run_by_the_citys_year(db, now):
    last = _report(db, datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC))
    first = _report(db, datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    assert (last.number, first.number) == ("2026-00001", "2027-00001")


def test_a_report_is_all_or_nothing(db, now):
    before = everything(db)
    broken = replace(factories.make_picture(), main=b"")  # the table refuses a photo of no bytes
    officer = factories.the_user(db, "officer")
    firm = factories.make_firm(db, officer=officer)
    with pytest.raises(IntegrityError):
        actions.report(
            db,
            factories.new_issue(category_id=factories.ROUTED),
            firm_id=firm.id,
            district_id=DISTRICT,
            visit_id=None,
            pictures=[factories.make_picture(), broken],
            by=officer,
            now=now,
        )
    assert everything(db) == before
    assert fetch_value(db, "SELECT count(*) FROM issues_fts") == 0


def test_a_move_is_all_or_nothing(db, now):
    issue = factories.make_issue(db, status="in_progress", at=now - HOUR)
    before = everything(db)
    with pytest.raises(IntegrityError):
        actions.advance(
            db,
            issue.id,
            "answer",
            by=factories.the_user(db, "handler"),
            now=now,
            version=issue.version,
            brought=factories.brings("answer", on=day_of(now)),
            pictures=[replace(factories.make_picture(), main=b"")],
        )
    assert everything(db) == before


# --- Returning, redispatching, designating


def test_a_return_leaves_the_handling_clock_running(db, now):
    issue = factories.make_issue(db, status="dispatched", at=now - HOUR, step=HOUR)  # dispatched at `now`
    promised = clock(db, issue, "handle")["due_at"]
    issue = factories.move(db, issue, "return", at=now + HOUR)
    handle = clock(db, issue, "handle")
    assert (handle["due_at"], handle["stopped_at"]) == (promised, None)
    assert clock(db, issue, "accept")["stopped_at"] == to_text(now + HOUR)
    assert (issue.clock, issue.due_at) == (Clock.HANDLE, datetime(2026, 11, 27, 10, tzinfo=UTC))


def test_a_return_found_wrong_goes_on_counting(db, now):
    issue = factories.make_issue(db, status="returned", at=now - 2 * HOUR, step=HOUR)  # dispatched an hour ago
    fresh = factories.move(db, issue, "redispatch", at=now + 3 * DAY)
    assert clock(db, fresh, "accept", 2)["due_at"] == due(24)
    assert clock(db, fresh, "handle")["due_at"] == due(27)
    assert clock(db, fresh, "handle", 2) is None
    assert "was_wrong" not in json.loads(events(db, fresh)[-1]["data"])


def test_a_return_found_right_starts_afresh_elsewhere(db, now):
    issue = factories.make_issue(db, status="returned", at=now - 2 * HOUR, step=HOUR)
    with pytest.raises(Invalid) as refused:
        factories.move(db, issue, "redispatch", at=now + 3 * DAY, is_return_right=True)
    assert set(refused.value.fields) == {"department_id"}
    fresh = factories.move(
        db, issue, "redispatch", at=now + 3 * DAY, is_return_right=True, department_id=OTHER_DEPARTMENT
    )
    assert fresh.department_id == OTHER_DEPARTMENT
    first, second = clock(db, fresh, "handle"), clock(db, fresh, "handle", 2)
    assert (first["stopped_at"], first["is_late"]) == (to_text(now + 3 * DAY), 0)
    assert (second["started_at"], second["due_at"]) == (to_text(now + 3 * DAY), due(30))
    data = json.loads(events(db, fresh)[-1]["data"])
    assert data["was_wrong"] is True and data["previous_department_id"] == DEPARTMENT
    handler = factories.the_user(db, "handler")
    assert store.get_issue(db, fresh.id, visible_to=handler, now=now) is None, "it is no longer hers to see"


def test_the_second_return_goes_to_the_head(db, now):
    issue = factories.make_issue(db, status="returned", at=now - 3 * HOUR)
    issue = factories.move(db, issue, "redispatch", at=now - 2 * HOUR)
    fresh = factories.move(db, issue, "return", at=now)
    assert (fresh.status, fresh.return_count, fresh.version) == (Status.DISPUTED, 2, issue.version + 2)
    back, up = events(db, fresh)[-2:]
    assert (back["action"], back["to_status"], up["action"], up["actor"], up["by_id"]) == (
        "return",
        "returned",
        "escalate",
        "system",
        None,
    )
    assert (up["at"], up["from_status"], up["to_status"]) == (back["at"], "returned", "disputed")
    assert_clocks_follow_from_history(db, fresh)


def test_the_second_return_and_its_escalation_are_one(db, now, monkeypatch):
    issue = factories.make_issue(db, status="returned", at=now - 3 * HOUR)
    issue = factories.move(db, issue, "redispatch", at=now - 2 * HOUR)
    before = everything(db)

    def fail(*args, **more):
        raise OSError("the power went")

    monkeypatch.setattr(actions, "advance_by_system", fail)
    with pytest.raises(OSError, match="power"):
        factories.move(db, issue, "return", at=now)
    assert everything(db) == before


def test_a_ruling_becomes_a_precedent(db, now):
    there = factories.make_user(db, "officer", district_id=OTHER_DISTRICT)
    rulings = {}
    for officer in (factories.the_user(db, "officer"), there):
        issue = factories.make_issue(db, status="disputed", officer=officer, at=now - HOUR)
        asked = {"category_id": issue.category_id, "district_id": DISTRICT}
        assert len(history_store.list_precedents(db, **asked)) == len(rulings)
        rulings[issue.number] = factories.move(db, issue, "designate", at=now, department_id=OTHER_DEPARTMENT)
    found = history_store.list_precedents(db, **asked)
    assert [row["number"] for row in found] == list(rulings), "those of the district come first, older or not"
    assert found[0]["department"] == rulings[found[0]["number"]].department
    assert found[0]["note"] == "由供电公司办理。"
    assert not history_store.list_precedents(db, category_id=factories.ROUTED, district_id=DISTRICT)


@pytest.mark.parametrize(("department_id", "rounds"), [(DEPARTMENT, 1), (OTHER_DEPARTMENT, 2)])
def test_designation_restarts_the_clock_only_for_another_department(db, now, department_id, rounds):
    issue = factories.make_issue(db, status="disputed", at=now - HOUR)
    fresh = factories.move(db, issue, "designate", at=now, department_id=department_id)
    assert fresh.status is Status.IN_PROGRESS and fresh.clock is Clock.HANDLE
    assert clock(db, fresh, "handle", rounds)["stopped_at"] is None
    assert clock(db, fresh, "handle", rounds + 1) is None


def test_a_designated_department_cannot_send_it_back(db, now):
    issue = factories.make_issue(db, status="disputed", at=now - HOUR)
    fresh = factories.move(db, issue, "designate", at=now)
    with pytest.raises(Conflict):
        factories.move(db, fresh, "return", at=now + HOUR)
    fresh = factories.move(db, fresh, "agree_return", at=now + HOUR)
    assert factories.move(db, fresh, "return", at=now + 2 * HOUR).status is Status.DISPUTED


def test_after_the_accept_window_a_return_needs_consent(db, now):
    issue = factories.make_issue(db, status="in_progress", at=now - 2 * HOUR)  # to be accepted by Monday 18:00
    monday = datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert store.get_issue_for_system(db, issue.id, now=monday).is_accept_window_open
    late = monday + timedelta(seconds=1)
    with pytest.raises(Conflict):
        factories.move(db, issue, "return", at=late)
    agreed = factories.move(db, issue, "agree_return", at=late)
    with pytest.raises(Conflict):
        factories.move(db, agreed, "agree_return", at=late)
    fresh = factories.move(db, agreed, "return", at=late)
    assert (fresh.status, fresh.is_return_agreed) == (Status.RETURNED, False)


# --- Extension and suspension


def _handled(db, now, **more):
    return factories.make_issue(db, status="in_progress", at=now - 2 * HOUR, **more)


@pytest.mark.parametrize("role", ["dispatcher", "head", "office"])
def test_the_first_extension_may_be_granted_in_the_district(db, now, role):
    issue = factories.move(db, _handled(db, now), "request_extension", at=now)
    fresh = factories.move(db, issue, "grant_extension", at=now, by=factories.the_user(db, role))
    assert (fresh.extension_count, fresh.extension_asked_on) == (1, None)
    assert clock(db, fresh, "handle")["due_at"] == due(4, month=12)


def test_the_second_extension_is_the_offices_and_the_last(db, now):
    issue = factories.move(db, _handled(db, now), "request_extension", at=now)
    issue = factories.move(db, issue, "grant_extension", at=now)
    issue = factories.move(db, issue, "request_extension", at=now, extend_to_on=date(2026, 12, 18))
    for role in ("dispatcher", "head"):
        for action in ("grant_extension", "refuse_extension"):
            with pytest.raises(Conflict):
                factories.move(db, issue, action, at=now, by=factories.the_user(db, role))
    issue = factories.move(
        db,
        issue,
        "grant_extension",
        at=now,
        by=factories.the_user(db, "office"),
        extend_to_on=date(2026, 12, 16),
    )
    assert issue.extension_count == 2
    assert clock(db, issue, "handle")["due_at"] == due(16, month=12), "what was granted counts, not what was asked"
    with pytest.raises(Conflict):
        factories.move(db, issue, "request_extension", at=now, extend_to_on=date(2026, 12, 31))


def test_an_extension_is_asked_once_at_a_time_and_in_time(db, now):
    issue = factories.move(db, _handled(db, now), "request_extension", at=now)
    with pytest.raises(Conflict):
        factories.move(db, issue, "request_extension", at=now)
    issue = factories.move(db, issue, "refuse_extension", at=now)
    assert issue.extension_count == 0
    with pytest.raises(Conflict):
        factories.move(db, issue, "request_extension", at=now + 30 * DAY)


@pytest.mark.parametrize("action", ["request_extension", "grant_extension"])
def test_an_extension_leads_beyond_the_day_it_is_due(db, now, action):
    issue = _handled(db, now)
    if action == "grant_extension":
        issue = factories.move(db, issue, "request_extension", at=now)
    before = everything(db)
    for day in (26, 27):
        with pytest.raises(Invalid) as refused:
            factories.move(db, issue, action, at=now, extend_to_on=date(2026, 11, day))
        assert set(refused.value.fields) == {"extend_to_on"}
    assert everything(db) == before
    factories.move(db, issue, action, at=now, extend_to_on=date(2026, 11, 28))


def test_a_suspension_stops_the_clock_until_it_is_resumed(db, now):
    issue = factories.move(db, _handled(db, now), "request_suspension", at=now)
    with pytest.raises(Conflict):
        factories.move(db, issue, "request_suspension", at=now)
    issue = factories.move(db, issue, "suspend", at=now, review_on=date(2026, 12, 25))
    assert (issue.status, issue.review_on, issue.clock, issue.due_at) == (
        Status.SUSPENDED,
        date(2026, 12, 25),
        Clock.HANDLE,
        None,
    )
    assert clock(db, issue, "handle")["due_at"] is None
    handler = factories.the_user(db, "handler")
    fresh = factories.move(db, issue, "resume", at=now + 5 * DAY, by=handler)  # the Wednesday: three working days later
    assert (fresh.status, fresh.review_on) == (Status.IN_PROGRESS, None)
    assert clock(db, fresh, "handle")["due_at"] == due(2, month=12)
    assert_clocks_follow_from_history(db, fresh)


@pytest.mark.parametrize("who", ["handler", "office", None])
def test_lead_office_and_clock_may_resume(db, now, who):
    issue = factories.make_issue(db, status="suspended", at=now - HOUR)
    if who:
        factories.move(db, issue, "resume", at=now, by=factories.the_user(db, who))
    else:
        actions.advance_by_system(db, issue.id, "resume", brought={}, now=now)
    event = events(db, issue)[-1]
    assert (event["actor"], event["to_status"]) == (
        {"handler": "lead", None: "system"}.get(who, who),
        "in_progress",
    )


def test_a_refused_suspension_may_be_asked_for_again(db, now):
    issue = factories.move(db, _handled(db, now), "request_suspension", at=now)
    issue = factories.move(db, issue, "refuse_suspension", at=now)
    assert factories.move(db, issue, "request_suspension", at=now).is_suspension_pending


# --- Answer, verification, the firm's word


def test_answer_rejection_answer(db, now):
    issue = factories.make_issue(db, status="proposed", at=now - HOUR, step=timedelta(0))
    assert clock(db, issue, "handle")["is_late"] == 0
    rejected = factories.move(db, issue, "reject_answer", at=now + DAY)
    assert (rejected.status, rejected.rework_count, rejected.outcome) == (Status.IN_PROGRESS, 1, None)
    handle = clock(db, rejected, "handle")
    assert handle["stopped_at"] is None and handle["is_late"] is None, "the same round goes on"
    assert clock(db, rejected, "handle", 2) is None
    again = factories.move(db, rejected, "answer", at=now + 20 * DAY, outcome=Outcome.PARTLY)
    assert (again.status, again.outcome, again.rework_count) == (Status.PROPOSED, Outcome.PARTLY, 1)
    assert clock(db, again, "handle")["is_late"] == 1
    assert clock(db, again, "verify", 2)["started_at"] == to_text(now + 20 * DAY)
    assert_clocks_follow_from_history(db, again)


def test_lateness_is_frozen_when_the_step_ends(db, now):
    issue = factories.make_issue(db, status="dispatched", at=now)
    issue = factories.move(db, issue, "accept", at=now + 10 * DAY)
    assert clock(db, issue, "accept")["is_late"] == 1
    issue = factories.move(db, issue, "note", at=now + 11 * DAY)
    assert clock(db, issue, "accept")["is_late"] == 1


def test_an_answer_on_the_spot_needs_no_department(db, now):
    issue = factories.make_issue(db, at=now - HOUR)
    for role in ("officer", "dispatcher"):
        fresh = factories.move(db, issue, "answer_on_spot", at=now, by=factories.the_user(db, role))
        assert (fresh.status, fresh.department_id, fresh.clock) == (Status.PROPOSED, None, Clock.VERIFY)
        assert clock(db, fresh, "dispatch")["stopped_at"] == to_text(now)
        issue = factories.move(db, fresh, "reject_answer", at=now)
        assert issue.status is Status.SUBMITTED, "nobody leads, so it goes back to the dispatcher"
        assert issue.clock is Clock.DISPATCH
        assert_clocks_follow_from_history(db, issue)


def test_the_department_never_verifies_its_own_answer(db, now):
    issue = factories.make_issue(db, status="proposed", at=now - HOUR)
    for action in ("verify", "reject_answer"):
        with pytest.raises(Conflict):
            factories.move(db, issue, action, at=now, by=factories.the_user(db, "handler"))


def _asked(db, now, **more):
    """An issue that waits for the firm's word, and the link it holds."""
    issue = factories.make_issue(db, status="callback", at=now - HOUR, **more)
    link_id = actions.make_link(db, issue.id, by=factories.the_user(db, "officer"), now=now, days=14)
    return issue, link_id


@pytest.mark.parametrize(("is_solved", "is_satisfied"), [(True, True), (True, False), (False, True)])
def test_the_firms_word_closes(db, now, is_solved, is_satisfied):
    issue, link_id = _asked(db, now)
    fresh = actions.confirm_by_firm(
        db, link_id, is_solved=is_solved, is_satisfied=is_satisfied, comment="谢谢。", now=now + HOUR
    )
    assert (fresh.status, fresh.is_solved, fresh.is_satisfied) == (Status.CLOSED, is_solved, is_satisfied)
    assert (fresh.closed_at, fresh.clock, fresh.version) == (now + HOUR, None, issue.version + 1)
    event = events(db, fresh)[-1]
    assert (event["action"], event["actor"], event["by_id"], event["note"]) == ("confirm", "firm", None, "谢谢。")
    assert json.loads(event["data"]) == {"is_solved": is_solved, "is_satisfied": is_satisfied}
    assert link_store.get_link(db, link_id)["used_at"] == to_text(now + HOUR)
    assert_clocks_follow_from_history(db, fresh)


def test_a_link_is_used_once(db, now):
    _, link_id = _asked(db, now)
    actions.confirm_by_firm(db, link_id, is_solved=True, is_satisfied=True, comment="", now=now)
    before = everything(db)
    with pytest.raises(Conflict):
        actions.confirm_by_firm(db, link_id, is_solved=False, is_satisfied=False, comment="", now=now)
    assert everything(db) == before
    assert actions.open_link(db, link_id, now=now + 99 * DAY)[1] is False, "a used link still says thank you"


@pytest.mark.parametrize(("kind", "half", "last"), [("help", 3, due(25)), ("complaint", 5, due(27))])
def test_neither_solved_nor_satisfied_starts_half_the_limit(db, now, kind, half, last):
    _, link_id = _asked(db, now, kind=kind)
    fresh = actions.confirm_by_firm(db, link_id, is_solved=False, is_satisfied=False, comment="没修好。", now=now)
    assert (fresh.status, fresh.reopen_count, fresh.outcome) == (Status.IN_PROGRESS, 1, None)
    assert (fresh.is_solved, fresh.is_satisfied, fresh.closed_at) == (False, False, None)
    event = events(db, fresh)[-1]
    assert (event["action"], event["actor"], event["note"]) == ("dispute_answer", "firm", "没修好。")
    state = next(each for each in actions.clocks_of(db, fresh.id) if each.clock is Clock.HANDLE and each.round == 2)
    assert state.limit_amount == half
    assert clock(db, fresh, "handle", 2)["due_at"] == last
    assert clock(db, fresh, "callback")["stopped_at"] == to_text(now)
    with pytest.raises(Conflict):
        actions.confirm_by_firm(db, link_id, is_solved=True, is_satisfied=True, comment="", now=now)


def test_a_new_answer_waits_for_a_new_word(db, now):
    """What the firm said of the last answer is not said of this one."""
    issue, link_id = _asked(db, now)
    issue = actions.confirm_by_firm(db, link_id, is_solved=False, is_satisfied=False, comment="", now=now)
    issue = factories.move(db, issue, "answer", at=now + HOUR)
    assert (issue.is_solved, issue.is_satisfied) == (None, None)


def test_a_dispatcher_may_dispute_for_a_firm_that_nobody_leads(db, now):
    issue = factories.move(db, factories.make_issue(db, at=now - HOUR), "answer_on_spot", at=now)
    issue = factories.move(db, issue, "verify", at=now)
    fresh = factories.move(db, issue, "dispute_answer", at=now)
    assert (fresh.status, fresh.clock, fresh.reopen_count) == (Status.SUBMITTED, Clock.DISPATCH, 1)


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.CALLBACK])
def test_a_link_is_made_only_while_the_firm_is_asked(db, now, status):
    issue = factories.make_issue(db, status=status, at=now - HOUR)
    with pytest.raises(Conflict):
        actions.make_link(db, issue.id, by=factories.the_user(db, "dispatcher"), now=now, days=14)
    assert (
        fetch_value(db, "SELECT count(*) FROM firm_links WHERE issue_id = :id AND used_at IS NULL", {"id": issue.id})
        == 0
    )


def test_who_may_hand_out_the_link(db, now):
    issue, link_id = _asked(db, now)
    for role in ("handler", "head", "office", "auditor"):
        with pytest.raises(Conflict):
            actions.make_link(db, issue.id, by=factories.the_user(db, role), now=now, days=14)
    with pytest.raises(NotFound):
        actions.make_link(db, issue.id, by=factories.make_user(db, "officer"), now=now, days=14)
    by = factories.the_user(db, "dispatcher")
    assert actions.make_link(db, issue.id, by=by, now=now + DAY, days=14) == link_id, "the one that works"
    late = now + 14 * DAY
    with pytest.raises(NotFound):
        actions.open_link(db, link_id, now=late)
    with pytest.raises(NotFound):
        actions.confirm_by_firm(db, link_id, is_solved=True, is_satisfied=True, comment="", now=late)
    newer = actions.make_link(db, issue.id, by=by, now=late, days=14)
    assert newer != link_id
    with pytest.raises(NotFound):
        actions.open_link(db, link_id, now=now)  # its successor ended it


def _unreached(db, now, *days: float):
    """An issue in callback, its first failed contact `days` after `now`, and so on."""
    issue = factories.make_issue(db, status="callback", at=now - HOUR)
    for each in days:
        issue = factories.move(db, issue, "log_contact", at=now + each * DAY)
    return issue


@pytest.mark.parametrize(
    ("days", "may"),
    [((), False), ((0, 1), False), ((0, 0.1, 0.2), False), ((0, 0.1, 1, 1.1), False), ((0, 1, 2), True)],
)
def test_three_failed_contacts_on_three_days(db, now, days, may):
    issue = _unreached(db, now, *days)
    assert issue.failed_contact_days == len({int(day) for day in days})
    if may:
        fresh = factories.move(db, issue, "close_unreached", at=now + 3 * DAY)
        assert (fresh.status, fresh.is_solved, fresh.is_satisfied) == (Status.CLOSED, None, None)
    else:
        with pytest.raises(Conflict):
            factories.move(db, issue, "close_unreached", at=now + 3 * DAY)


def test_contacts_that_failed_before_a_new_answer_count_no_more(db, now):
    issue = _unreached(db, now, 0, 1, 2)
    for action in ("dispute_answer", "answer", "verify"):
        issue = factories.move(db, issue, action, at=now + 3 * DAY)
    assert issue.failed_contact_days == 0
    with pytest.raises(Conflict):
        factories.move(db, issue, "close_unreached", at=now + 4 * DAY)


def test_an_officer_reopens_within_thirty_days_the_office_at_any_time(db, now):
    issue = factories.make_issue(db, status="closed", at=now - HOUR, step=timedelta(0))
    closed_at = now - HOUR
    officer, office = factories.the_user(db, "officer"), factories.the_user(db, "office")
    with pytest.raises(Conflict):
        factories.move(db, issue, "reopen", at=closed_at + 30 * DAY + timedelta(seconds=1), by=officer)
    fresh = factories.move(db, issue, "reopen", at=closed_at + 30 * DAY, by=officer)
    assert (fresh.status, fresh.closed_at, fresh.reopen_count, fresh.clock) == (
        Status.IN_PROGRESS,
        None,
        1,
        Clock.HANDLE,
    )
    other = factories.make_issue(db, status="closed", at=now - HOUR)
    assert factories.move(db, other, "reopen", at=now + 400 * DAY, by=office).reopen_count == 1


# --- Merging, voiding, supervising


def test_what_may_be_merged_into_what(db, now):
    officer = factories.the_user(db, "officer")
    firm = factories.make_firm(db, officer=officer)
    issue = factories.make_issue(db, firm=firm, at=now - HOUR)
    same_firm = factories.make_issue(db, firm=firm, category_id=factories.ROUTED, status="dispatched", at=now - HOUR)
    same_cause = factories.make_issue(db, at=now - HOUR)
    unlike = factories.make_issue(db, category_id=factories.ROUTED, status="dispatched", at=now - HOUR)
    ended = factories.make_issue(db, firm=firm, status="void", at=now - HOUR)
    away = factories.make_issue(
        db, officer=factories.make_user(db, "officer", district_id=OTHER_DISTRICT), at=now - HOUR
    )
    before = everything(db)
    for number in (issue.number, unlike.number, ended.number, away.number, "2026-99999", "", "' OR 1=1 --"):
        with pytest.raises(Invalid) as refused:
            factories.move(db, issue, "merge", at=now, master_number=number)
        assert set(refused.value.fields) == {"master_number"}
    assert everything(db) == before
    fresh = factories.move(db, issue, "merge", at=now, master_number=same_firm.number)
    assert (fresh.status, fresh.merged_into_id, fresh.clock, fresh.due_at) == (
        Status.MERGED,
        same_firm.id,
        None,
        None,
    )
    assert not fetch_all(db, "SELECT 1 FROM issue_clocks WHERE issue_id = :id AND stopped_at IS NULL", {"id": issue.id})
    with pytest.raises(Invalid):  # a circle would have no end
        factories.move(db, same_firm, "merge", at=now, master_number=issue.number)
    assert factories.move(db, same_firm, "merge", at=now, master_number=unlike.number).merged_into_id == unlike.id
    assert factories.move(db, same_cause, "note", at=now).status is Status.SUBMITTED


@pytest.mark.parametrize("status", [each for each in Status if each not in (Status.CLOSED, Status.MERGED, Status.VOID)])
def test_void_stops_every_clock(db, now, status):
    issue = factories.make_issue(db, status=status, at=now - HOUR)
    if issue.department_id:
        issue = factories.move(db, issue, "supervise", at=now)
    fresh = factories.move(db, issue, "void", at=now)
    assert (fresh.status, fresh.clock, fresh.due_at, fresh.reply_by_on) == (Status.VOID, None, None, None)
    assert not fetch_all(db, "SELECT 1 FROM issue_clocks WHERE stopped_at IS NULL")
    assert_clocks_follow_from_history(db, fresh)


def test_supervision_and_its_reply(db, now):
    issue = factories.move(db, _handled(db, now), "supervise", at=now, level="red", reply_by_on=date(2026, 11, 24))
    assert (issue.supervision, issue.reply_by_on, issue.is_reply_due) == ("red", date(2026, 11, 24), True)
    assert clock(db, issue, "reply")["due_at"] == due(24)
    assert issue.clock is Clock.HANDLE, "the step's own clock stays on the screen"
    fresh = factories.move(db, issue, "reply", at=now + HOUR)
    assert (fresh.supervision, fresh.is_reply_due) == ("red", False)
    assert clock(db, fresh, "reply")["is_late"] == 0
    with pytest.raises(Conflict):
        factories.move(db, fresh, "reply", at=now + HOUR)
    again = factories.move(db, fresh, "supervise", at=now + 2 * HOUR)
    assert clock(db, again, "reply", 2)["stopped_at"] is None


def test_urging_needs_somebody_to_urge(db, now):
    issue = factories.make_issue(db, at=now - HOUR)
    for action in ("urge", "supervise"):
        with pytest.raises(Conflict):
            factories.move(db, issue, action, at=now)


# --- Photos and assisting departments


def test_photos_belong_to_the_event_they_came_with(db, now):
    issue = factories.make_issue(db, status="in_progress", pictures=[factories.make_picture()], at=now - HOUR)
    handler = factories.the_user(db, "handler")
    pictures = [factories.make_picture(colour=(each, 0, 0)) for each in (1, 2)]
    actions.advance(
        db,
        issue.id,
        "answer",
        by=handler,
        now=now,
        version=issue.version,
        brought=factories.brings("answer", on=day_of(now)),
        pictures=pictures,
    )
    event = events(db, issue)[-1]
    rows = fetch_all(db, "SELECT * FROM photos WHERE event_id IS NOT NULL ORDER BY position")
    assert [(row["issue_id"], row["event_id"], row["position"], row["sha256"], row["added_by"]) for row in rows] == [
        (issue.id, event["id"], nth, picture.sha256, handler.id) for nth, picture in enumerate(pictures)
    ]
    assert fetch_value(db, "SELECT count(*) FROM photos WHERE event_id IS NULL") == 1


def test_who_assists(db, now):
    issue = factories.make_issue(db, at=now - HOUR)
    issue = factories.move(
        db, issue, "dispatch", at=now, assisting_ids=(DEPARTMENT, OTHER_DEPARTMENT, 7), department_id=DEPARTMENT
    )
    assert sorted(issue.assisting_ids) == [7, OTHER_DEPARTMENT], "the lead does not assist itself"
    helper = factories.make_user(db, "handler", department_id=7)
    assert store.get_issue(db, issue.id, visible_to=helper, now=now)
    noted = actions.advance(
        db, issue.id, "note", by=helper, now=now, version=issue.version, brought={"note": "我们也看了。"}
    )
    assert events(db, noted)[-1]["actor"] == "assisting"
    fresh = factories.move(db, noted, "assist", at=now, assisting_ids=(DEPARTMENT, 8))
    assert fresh.assisting_ids == (8,)
    assert json.loads(events(db, fresh)[-1]["data"])["assisting_ids"] == [8]
    assert store.get_issue(db, issue.id, visible_to=helper, now=now) is None
    assert factories.move(db, fresh, "assist", at=now, assisting_ids=()).assisting_ids == ()


@pytest.mark.parametrize("action", ["dispatch", "redispatch", "designate"])
def test_a_department_that_is_not_there(db, now, action):
    issue = stand(db, CASES[action], now)
    before = everything(db)
    with pytest.raises(Invalid) as refused:
        factories.move(db, issue, action, at=now, department_id=987654)
    assert set(refused.value.fields) == {"department_id"}
    assert everything(db) == before


def test_accepting_many(db, now):
    mine = [factories.make_issue(db, status="dispatched", at=now - HOUR) for _ in range(3)]
    gone = factories.make_issue(db, status="in_progress", at=now - HOUR)
    others = factories.make_issue(db, status="dispatched", department_id=OTHER_DEPARTMENT, at=now - HOUR)
    ids = [*(each.id for each in mine), mine[0].id, gone.id, others.id, 987654]
    assert actions.accept_many(db, ids, by=factories.the_user(db, "handler"), now=now) == (3, 4)
    assert {columns(db, each)["status"] for each in mine} == {"in_progress"}
    assert columns(db, others)["status"] == "dispatched"


# --- Contact and history


@pytest.mark.parametrize("status", list(Status))
def test_a_department_sees_the_contact_only_while_the_case_is_open(db, now, status):
    issue = factories.make_issue(db, status="in_progress", at=now - HOUR)
    for action in {"closed": ("answer", "verify", "confirm"), "merged": ("merge",), "void": ("void",)}.get(status, ()):
        issue = factories.move(db, issue, action, at=now)
    handler = factories.the_user(db, "handler")
    log = "SELECT action, object, by_id, at FROM audit_log"
    if status in ("closed", "merged", "void"):
        with pytest.raises(Conflict):
            actions.reveal_contact(db, issue.id, by=handler, now=now)
        assert fetch_all(db, log) == []
    else:
        assert actions.reveal_contact(db, issue.id, by=handler, now=now).firm_phone == issue.firm_phone
        assert [tuple(row) for row in fetch_all(db, log)] == [
            ("contact_revealed", f"issue:{issue.id}", handler.id, to_text(now))
        ]
    assert actions.reveal_contact(db, issue.id, by=factories.the_user(db, "officer"), now=now)
    with pytest.raises(Conflict):
        actions.reveal_contact(db, issue.id, by=factories.the_user(db, "auditor"), now=now)
    with pytest.raises(NotFound):
        actions.reveal_contact(db, issue.id, by=factories.make_user(db, "handler", department_id=7), now=now)


@pytest.fixture
def lived_in(db, now):
    """One issue in each status: some sixty events of many kinds."""
    return [factories.make_issue(db, status=status, at=now - HOUR) for status in Status]


def test_the_history_of_everything_is_one_chain(db, lived_in):
    rows = fetch_all(db, "SELECT * FROM issue_events ORDER BY id")
    assert len(rows) > 40
    assert rows[0]["previous_hash"] == chain.START
    assert [row["previous_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]
    assert history_store.first_broken_event(db) is None
    for issue in lived_in:
        assert_clocks_follow_from_history(db, issue)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE issue_events SET note = note || ' ' WHERE id = 20",
        "UPDATE issue_events SET at = '2026-11-20T00:00:00Z' WHERE id = 20",
        "UPDATE issue_events SET by_id = NULL, actor = 'system' WHERE id = 20",
        'UPDATE issue_events SET data = \'{"urgency":"urgent"}\' WHERE id = 20',
        "UPDATE issue_events SET to_status = 'closed' WHERE id = 20",
        "UPDATE issue_events SET issue_id = 1 WHERE id = 20",
        "UPDATE issue_events SET hash = lower(hex(zeroblob(32))) WHERE id = 20",
        "DELETE FROM issue_events WHERE id = 19",
    ],
)
def test_tampering_shows(db, lived_in, tampering):
    with pytest.raises(IntegrityError):
        db.conn.execute(tampering)
    for name in ("updated", "deleted"):
        db.conn.execute(f"DROP TRIGGER issue_events_are_not_{name}")
    db.conn.execute("UPDATE issue_events SET at = at")
    assert history_store.first_broken_event(db) is None
    db.conn.execute("PRAGMA foreign_keys = OFF")  # whoever tampers has the file itself
    assert db.conn.execute(tampering).rowcount == 1
    db.conn.execute("PRAGMA foreign_keys = ON")
    assert history_store.first_broken_event(db) == 20
