"""Issues that go to and fro: returned, redispatched, designated, given more time, suspended."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from app.clock import to_text
from app.errors import Conflict, Invalid
from app.issues import actions, history_store, store
from app.issues.lifecycle import Status
from app.rules.models import Clock
from tests import factories
from tests.factories import DEPARTMENT, DISTRICT, OTHER_DEPARTMENT, OTHER_DISTRICT
from tests.issues.kept import (
    DAY,
    HOUR,
    assert_clocks_follow_from_history,
    clock,
    due,
    events,
    everything,
    handled,
)


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


@pytest.mark.parametrize("role", ["dispatcher", "head", "office"])
def test_the_first_extension_may_be_granted_in_the_district(db, now, role):
    issue = factories.move(db, handled(db, now), "request_extension", at=now)
    fresh = factories.move(db, issue, "grant_extension", at=now, by=factories.the_user(db, role))
    assert (fresh.extension_count, fresh.extension_asked_on) == (1, None)
    assert clock(db, fresh, "handle")["due_at"] == due(4, month=12)


def test_the_second_extension_is_the_offices_and_the_last(db, now):
    issue = factories.move(db, handled(db, now), "request_extension", at=now)
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
    issue = factories.move(db, handled(db, now), "request_extension", at=now)
    with pytest.raises(Conflict):
        factories.move(db, issue, "request_extension", at=now)
    issue = factories.move(db, issue, "refuse_extension", at=now)
    assert issue.extension_count == 0
    with pytest.raises(Conflict):
        factories.move(db, issue, "request_extension", at=now + 30 * DAY)


@pytest.mark.parametrize("action", ["request_extension", "grant_extension"])
def test_an_extension_leads_beyond_the_day_it_is_due(db, now, action):
    issue = handled(db, now)
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
    issue = factories.move(db, handled(db, now), "request_suspension", at=now)
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
    issue = factories.move(db, handled(db, now), "request_suspension", at=now)
    issue = factories.move(db, issue, "refuse_suspension", at=now)
    assert factories.move(db, issue, "request_suspension", at=now).is_suspension_pending
