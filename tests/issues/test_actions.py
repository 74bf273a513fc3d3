"""What is reported, merged, voided, supervised; whom a contact is shown to; the history as one chain."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app import chain
from app.clock import day_of, to_text
from app.db import IntegrityError, fetch_all, fetch_one, fetch_value
from app.errors import Conflict, Invalid, NotFound
from app.issues import actions, history_store, store
from app.issues.lifecycle import Status
from app.rules.models import Clock
from tests import factories
from tests.factories import DEPARTMENT, DISTRICT, OTHER_DEPARTMENT, OTHER_DISTRICT
from tests.issues.kept import (
    HOUR,
    assert_clocks_follow_from_history,
    clock,
    columns,
    due,
    events,
    everything,
    handled,
)


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
    issue = factories.move(db, handled(db, now), "supervise", at=now, level="red", reply_by_on=date(2026, 11, 24))
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


def test_accepting_many(db, now):
    mine = [factories.make_issue(db, status="dispatched", at=now - HOUR) for _ in range(3)]
    gone = factories.make_issue(db, status="in_progress", at=now - HOUR)
    others = factories.make_issue(db, status="dispatched", department_id=OTHER_DEPARTMENT, at=now - HOUR)
    ids = [*(each.id for each in mine), mine[0].id, gone.id, others.id, 987654]
    assert actions.accept_many(db, ids, by=factories.the_user(db, "handler"), now=now) == (3, 4)
    assert {columns(db, each)["status"] for each in mine} == {"in_progress"}
    assert columns(db, others)["status"] == "dispatched"


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
