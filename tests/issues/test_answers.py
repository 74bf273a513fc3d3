"""Answers: verified, sent back, confirmed or disputed by the firm, reopened."""

import json
from datetime import timedelta

import pytest

from app.clock import to_text
from app.db import fetch_value
from app.errors import Conflict, NotFound
from app.issues import actions, link_store
from app.issues.lifecycle import Outcome, Status
from app.rules.models import Clock
from tests import factories
from tests.issues.kept import (
    DAY,
    HOUR,
    assert_clocks_follow_from_history,
    clock,
    due,
    events,
    everything,
)


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
