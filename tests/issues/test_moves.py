"""Every move on a real database: the columns it changes, the line of history it writes, the clocks it moves, and who
may not make it.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from app.clock import day_of, to_text
from app.db import fetch_all, fetch_one, fetch_value, transaction
from app.errors import Conflict, Invalid, NotFound
from app.issues import actions, history_store, store
from app.issues.lifecycle import TRANSITIONS, Actor, Status
from app.people import store as people
from app.permissions import Role
from tests import factories
from tests.factories import DEPARTMENT, OTHER_DEPARTMENT, OTHER_DISTRICT
from tests.issues.kept import (
    CLOCK_COLUMNS,
    DAY,
    HOUR,
    LATER,
    assert_clocks_follow_from_history,
    columns,
    events,
    everything,
)


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


@pytest.mark.parametrize("action", ["dispatch", "redispatch", "designate"])
def test_a_department_that_is_not_there(db, now, action):
    issue = stand(db, CASES[action], now)
    before = everything(db)
    with pytest.raises(Invalid) as refused:
        factories.move(db, issue, action, at=now, department_id=987654)
    assert set(refused.value.fields) == {"department_id"}
    assert everything(db) == before
