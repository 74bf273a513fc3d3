"""Who looks after a firm: one lead, deputies, days, history, and an officer's firms going to others."""

from datetime import timedelta

import pytest

from app.assignments import actions, store
from app.clock import day_of
from app.errors import Conflict, Invalid, NotFound
from app.firms import store as firms
from app.firms.models import FirmStatus
from app.issues import open_store
from app.issues.lifecycle import Status
from tests import factories as make


@pytest.fixture
def office(db):
    return make.the_user(db, "office")


@pytest.fixture
def officers(db):
    return [make.make_user(db, "officer") for _ in range(3)]


def current(db, firm_id):
    return [(row["user_id"], bool(row["is_lead"])) for row in store.list_current(db, firm_id)]


def audited(db, firm_id):
    rows = db.conn.execute(
        "SELECT detail FROM audit_log WHERE action = 'officer_assigned' AND object = ? ORDER BY id", [f"firm:{firm_id}"]
    )
    return [row["detail"] for row in rows]


def test_a_new_lead_ends_the_one_before(db, office, officers, now):
    first, second, _third = officers
    firm = make.make_firm(db, officer=first, now=now - timedelta(days=30))
    assert actions.assign(db, firm.id, user_id=second.id, is_lead=True, by=office, now=now)
    assert current(db, firm.id) == [(second.id, True)]
    (past,) = store.list_past(db, firm.id)
    assert (past["user_id"], past["to_on"]) == (first.id, day_of(now).isoformat())
    assert audited(db, firm.id) == [f"lead user:{first.id} → user:{second.id}"]


def test_the_same_again_changes_nothing(db, office, officers, now):
    firm = make.make_firm(db, officer=officers[0])
    assert not actions.assign(db, firm.id, user_id=officers[0].id, is_lead=True, by=office, now=now)
    assert audited(db, firm.id) == []


def test_deputies_stand_beside_the_lead_and_may_become_it(db, office, officers, now):
    lead, deputy, other = officers
    firm = make.make_firm(db, officer=lead)
    for user in (deputy, other):
        actions.assign(db, firm.id, user_id=user.id, is_lead=False, by=office, now=now)
    assert current(db, firm.id) == [(lead.id, True), (deputy.id, False), (other.id, False)]
    actions.assign(db, firm.id, user_id=deputy.id, is_lead=True, by=office, now=now)
    assert sorted(current(db, firm.id)) == sorted([(deputy.id, True), (other.id, False)])


def test_a_lead_is_not_made_a_deputy(db, office, officers, now):
    firm = make.make_firm(db, officer=officers[0])
    with pytest.raises(Invalid, match="包联人"):
        actions.assign(db, firm.id, user_id=officers[0].id, is_lead=False, by=office, now=now)
    assert current(db, firm.id) == [(officers[0].id, True)]


def test_an_end_leaves_the_firm_without_and_a_second_end_is_a_conflict(db, office, officers, now):
    firm = make.make_firm(db, officer=officers[0])
    actions.end(db, firm.id, user_id=officers[0].id, by=office, now=now)
    assert current(db, firm.id) == []
    with pytest.raises(Conflict):
        actions.end(db, firm.id, user_id=officers[0].id, by=office, now=now)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"is_lead": True, "from_on": 1}, "from_on"),
        ({"is_lead": False, "until_on": -1}, "until_on"),
        ({"is_lead": True, "until_on": 5}, "until_on"),
    ],
)
def test_days_that_make_no_sense(db, office, officers, now, more, field):
    firm = make.make_firm(db, officer=officers[0])
    days = {name: day_of(now) + timedelta(days=value) for name, value in more.items() if name != "is_lead"}
    with pytest.raises(Invalid) as refused:
        actions.assign(db, firm.id, user_id=officers[1].id, is_lead=more["is_lead"], by=office, now=now, **days)
    assert set(refused.value.fields) == {field}
    assert current(db, firm.id) == [(officers[0].id, True)]


def test_who_stands_in_is_ended_after_the_last_day(db, office, officers, now):
    lead, deputy, _other = officers
    firm = make.make_firm(db, officer=lead)
    until = day_of(now) + timedelta(days=5)
    actions.assign(db, firm.id, user_id=deputy.id, is_lead=False, by=office, now=now, until_on=until)
    assert actions.end_run_out(db, now=now + timedelta(days=5)) == 0
    assert actions.end_run_out(db, now=now + timedelta(days=6)) == 1
    assert actions.end_run_out(db, now=now + timedelta(days=6)) == 0
    assert current(db, firm.id) == [(lead.id, True)]


def test_a_closed_firm_and_a_disabled_account_are_refused(db, office, officers, now):
    firm = make.make_firm(db, officer=officers[0])
    db.conn.execute("UPDATE users SET is_active = 0 WHERE id = ?", [officers[1].id])
    with pytest.raises(Invalid) as refused:
        actions.assign(db, firm.id, user_id=officers[1].id, is_lead=True, by=office, now=now)
    assert "user_id" in refused.value.fields
    firms.update_status(db, firm.id, status=FirmStatus.CLOSED)
    with pytest.raises(Invalid, match="已注销"):
        actions.assign(db, firm.id, user_id=officers[2].id, is_lead=True, by=office, now=now)


def test_a_desk_assigns_its_own_firms_to_its_own_officers(db, officers, now):
    desk = make.the_user(db, "dispatcher")
    firm = make.make_firm(db, officer=officers[0])
    stranger = make.make_user(db, "officer", district_id=make.OTHER_DISTRICT)
    handler = make.the_user(db, "handler")
    far = make.make_firm(db, officer=stranger)
    assert actions.assign(db, firm.id, user_id=officers[1].id, is_lead=True, by=desk, now=now)
    for firm_id, user_id in ((firm.id, stranger.id), (far.id, officers[1].id), (firm.id, handler.id), (10**6, 1)):
        with pytest.raises(NotFound):
            actions.assign(db, firm_id, user_id=user_id, is_lead=True, by=desk, now=now)
        with pytest.raises((NotFound, Conflict)):
            actions.end(db, firm_id, user_id=user_id, by=desk, now=now)
    assert current(db, far.id) == [(stranger.id, True)]


def test_handing_over_keeps_lead_and_deputy(db, office, officers, now):
    leaving, first, second = officers
    led = [make.make_firm(db, officer=leaving) for _ in range(2)]
    helped = make.make_firm(db, officer=first)
    actions.assign(db, helped.id, user_id=leaving.id, is_lead=False, by=office, now=now)
    own = make.make_firm(db, officer=second)
    actions.assign(db, own.id, user_id=leaving.id, is_lead=False, by=office, now=now)
    receivers = {led[0].id: first.id, led[1].id: second.id, helped.id: second.id, own.id: second.id}
    assert actions.hand_over(db, leaving.id, receivers=receivers, by=office, now=now) == 4
    assert current(db, led[0].id) == [(first.id, True)]
    assert current(db, led[1].id) == [(second.id, True)]
    assert current(db, helped.id) == [(first.id, True), (second.id, False)]
    assert current(db, own.id) == [(second.id, True)]
    assert audited(db, led[0].id) == [f"lead user:{leaving.id} → user:{first.id}"]


def test_a_hand_over_is_all_or_nothing(db, office, officers, now):
    leaving, first, second = officers
    mine, gone = make.make_firm(db, officer=leaving), make.make_firm(db, officer=leaving)
    actions.assign(db, gone.id, user_id=second.id, is_lead=True, by=office, now=now)
    with pytest.raises(Conflict):
        actions.hand_over(db, leaving.id, receivers={mine.id: first.id, gone.id: first.id}, by=office, now=now)
    assert current(db, mine.id) == [(leaving.id, True)]
    assert audited(db, mine.id) == []


@pytest.mark.parametrize("receivers", ["none", "herself", "stranger"])
def test_a_hand_over_to_nobody_sensible(db, officers, now, receivers):
    desk, leaving = make.the_user(db, "dispatcher"), officers[0]
    firm = make.make_firm(db, officer=leaving)
    stranger = make.make_user(db, "officer", district_id=make.OTHER_DISTRICT)
    given = {"none": {}, "herself": {firm.id: leaving.id}, "stranger": {firm.id: stranger.id}}[receivers]
    with pytest.raises((Invalid, NotFound)):
        actions.hand_over(db, leaving.id, receivers=given, by=desk, now=now)
    assert current(db, firm.id) == [(leaving.id, True)]


def test_what_waited_for_the_old_lead_waits_for_the_new_one(db, office, officers, now):
    leaving, first, _second = officers
    firm = make.make_firm(db, officer=leaving)
    issue = make.make_issue(db, firm=firm, officer=leaving, status=Status.PROPOSED, at=now - timedelta(hours=2))
    actions.hand_over(db, leaving.id, receivers={firm.id: first.id}, by=office, now=now)
    waiting = {
        user.id: [row["id"] for row in open_store.list_waiting(db, visible_to=user, now=now, limit=9)]
        for user in (leaving, first)
    }
    assert waiting[first.id] == [issue.id]
    assert firms.get_firm(db, firm.id, visible_to=leaving) is None
    assert make.move(db, issue, "verify", by=first, at=now).status is Status.CALLBACK
