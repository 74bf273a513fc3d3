"""Which event tells whom: by table for the rules, by real moves for the people."""

import re
from datetime import timedelta

import pytest

from app.assignments import store as assignments
from app.clock import now, today
from app.db import transaction
from app.issues.lifecycle import TRANSITIONS, Status
from app.notices import actions, telling
from app.notices.models import CHANNEL_NAMES, KIND_NAMES, Channel, Kind, Part
from app.rules.models import Clock
from tests import factories as make

OUTGOING = actions.Outgoing()


def test_every_action_tells_somebody_or_is_silent_on_purpose():
    assert set(telling.TOLD) | telling.SILENT == set(TRANSITIONS)
    assert not set(telling.TOLD) & telling.SILENT
    assert set(telling.DUE) == set(Clock)


def test_every_kind_has_its_words_and_somebody_to_hear_them():
    assert set(KIND_NAMES) == set(Kind)
    assert set(CHANNEL_NAMES) == set(Channel)
    assert {each.kind for each in telling.TOLD.values()} | {Kind.DUE_SOON, Kind.OVERDUE, Kind.CAMPAIGN} == set(Kind)


@pytest.mark.parametrize(("column", "table", "kinds"), [("kind", "notices", Kind), ("channel", "deliveries", Channel)])
def test_what_may_be_stored_is_what_the_code_knows(db, column, table, kinds):
    sql = db.conn.execute("SELECT sql FROM sqlite_master WHERE name = :name", {"name": table}).fetchone()[0]
    listed = re.search(rf"CHECK \({column} IN \(([^)]*)\)\)", sql)[1]
    assert set(re.findall(r"'(\w+)'", listed)) == {each.value for each in kinds}


@pytest.mark.parametrize(
    ("action", "facts", "kind", "parts"),
    [
        ("report", {}, Kind.REPORTED, {Part.DISPATCHERS}),
        ("report", {"status": Status.DISPATCHED}, None, set()),
        ("request_extension", {}, Kind.EXTENSION_ASKED, {Part.DISPATCHERS}),
        ("request_extension", {"extension_count": 1}, Kind.EXTENSION_ASKED, {Part.OFFICE}),
        ("reject_answer", {}, Kind.REJECTED, {Part.LEAD}),
        ("reject_answer", {"has_lead": False}, Kind.REJECTED, {Part.DISPATCHERS}),
        ("dispute_answer", {"has_lead": False}, Kind.DISPUTED, {Part.DISPATCHERS, Part.OFFICER, Part.HEADS}),
        ("note", {}, None, set()),
    ],
)
def test_the_facts_that_change_who_is_told(action, facts, kind, parts):
    told = telling.told_of(action, **{"status": Status.SUBMITTED, "has_lead": True, "extension_count": 0, **facts})
    assert (told.kind if told else None, set(told.parts) if told else set()) == (kind, parts)


# The history before, the action, what is told, and which of the accounts below hear it.
MOVES = [
    ("submitted", "ask_info", Kind.INFO_ASKED, {"officer"}),
    ("needs_info", "supplement", Kind.SUPPLEMENTED, {"dispatcher", "dispatcher2"}),
    ("submitted", "dispatch", Kind.ASSIGNED, {"handler", "handler2", "assistant"}),
    ("submitted", "answer_on_spot", Kind.ANSWERED, {"officer"}),
    ("dispatched", "accept", None, set()),
    ("dispatched", "return", Kind.RETURNED, {"dispatcher", "dispatcher2"}),
    ("returned", "redispatch", Kind.ASSIGNED, {"handler", "handler2", "assistant"}),
    ("disputed", "designate", Kind.ASSIGNED, {"handler", "handler2", "assistant"}),
    ("in_progress", "request_extension", Kind.EXTENSION_ASKED, {"dispatcher", "dispatcher2"}),
    ("in_progress", "request_suspension", Kind.SUSPENSION_ASKED, {"office"}),
    ("suspended", "resume", Kind.RESUMED, {"handler", "handler2"}),
    ("in_progress", "answer", Kind.ANSWERED, {"officer"}),
    ("in_progress", "urge", Kind.URGED, {"handler", "handler2"}),
    ("in_progress", "supervise", Kind.SUPERVISED, {"handler", "handler2"}),
    ("in_progress", "assist", Kind.ASSIGNED, {"assistant"}),
    ("in_progress", "note", None, set()),
    ("proposed", "reject_answer", Kind.REJECTED, {"handler", "handler2"}),
    ("proposed", "verify", Kind.VERIFIED, {"handler", "handler2"}),
    ("callback", "log_contact", None, set()),
    ("callback", "confirm", Kind.CONFIRMED, {"officer", "handler", "handler2"}),
    ("callback", "dispute_answer", Kind.DISPUTED, {"officer", "handler", "handler2", "head"}),
    ("closed", "reopen", Kind.REOPENED, {"handler", "handler2", "head"}),
    ("in_progress", "merge", Kind.MERGED, {"officer", "handler", "handler2"}),
    ("in_progress", "void", Kind.VOIDED, {"officer", "handler", "handler2"}),
]


@pytest.fixture
def people(db):
    """Two of each that may be several, some in other places, and a closed account: names by id."""
    roles = "officer handler dispatcher head office auditor".split()
    users = [make.the_user(db, role) for role in roles]
    users += [make.make_user(db, role, username=f"{role}2") for role in ("officer", "handler", "dispatcher")]
    users.append(make.make_user(db, "handler", username="assistant", department_id=make.OTHER_DEPARTMENT))
    for role in ("dispatcher", "head"):
        users.append(make.make_user(db, role, username=f"{role}-elsewhere", district_id=make.OTHER_DISTRICT))
    users.append(make.make_user(db, "handler", username="handler-elsewhere", department_id=1))
    gone = make.make_user(db, "handler", username="gone")
    with transaction(db):
        db.conn.execute("UPDATE users SET is_active = 0 WHERE id = :id", {"id": gone.id})
    return {user.id: user.username for user in users} | {gone.id: "gone"}


def told(db, people):
    """{kind: who} of everything told so far."""
    found = {}
    for row in db.conn.execute("SELECT kind, user_id FROM notices").fetchall():
        found.setdefault(Kind(row["kind"]), set()).add(people[row["user_id"]])
    return found


def forget(db):
    """Start afresh behind all that happened."""
    actions.catch_up(db, now=now(), outgoing=OUTGOING)
    with transaction(db):
        db.conn.execute("DELETE FROM notices")


@pytest.mark.parametrize(("status", "action", "kind", "who"), MOVES, ids=[f"{each[1]}" for each in MOVES])
def test_who_hears_of_a_move(db, people, status, action, kind, who):
    issue = make.make_issue(db, status=status)
    forget(db)
    brought = {"assisting_ids": (make.OTHER_DEPARTMENT,)} if action in ("dispatch", "redispatch", "designate") else {}
    by = make.the_user(db, "office") if action == "resume" else None
    make.move(db, issue, action, by=by, **brought)
    actions.catch_up(db, now=now(), outgoing=OUTGOING)
    found = told(db, people)
    if action == "merge":
        found.pop(Kind.REPORTED, None)  # the master was reported on the way
    assert found == ({kind: who} if who else {})


def test_a_report_tells_the_desk_or_the_department_it_went_to(db, people):
    make.make_issue(db)
    actions.catch_up(db, now=now(), outgoing=OUTGOING)
    assert told(db, people) == {Kind.REPORTED: {"dispatcher", "dispatcher2"}}
    forget(db)
    make.make_issue(db, status="dispatched", category_id=make.ROUTED)
    actions.catch_up(db, now=now(), outgoing=OUTGOING)
    assert told(db, people) == {Kind.ASSIGNED: {"handler", "handler2"}}


def test_the_second_return_tells_the_head(db, people):
    issue = make.make_issue(db, status="returned")
    issue = make.move(db, issue, "redispatch")
    forget(db)
    make.move(db, issue, "return")
    actions.catch_up(db, now=now(), outgoing=OUTGOING)
    assert told(db, people)[Kind.ESCALATED] == {"head"}


def test_a_reply_tells_who_supervised(db, people):
    issue = make.make_issue(db, status="in_progress")
    issue = make.move(db, issue, "supervise", by=make.the_user(db, "office"))
    forget(db)
    make.move(db, issue, "reply")
    actions.catch_up(db, now=now(), outgoing=OUTGOING)
    assert told(db, people) == {Kind.REPLIED: {"office"}}


@pytest.mark.parametrize(
    ("steps", "kind", "who"),
    [
        (("request_extension", "grant_extension"), Kind.EXTENSION_DECIDED, {"handler", "handler2"}),
        (("request_extension", "refuse_extension"), Kind.EXTENSION_DECIDED, {"handler", "handler2"}),
        (("request_extension", "grant_extension", "request_extension"), Kind.EXTENSION_ASKED, {"office"}),
        (("request_suspension", "suspend"), Kind.SUSPENSION_DECIDED, {"handler", "handler2"}),
        (("request_suspension", "refuse_suspension"), Kind.SUSPENSION_DECIDED, {"handler", "handler2"}),
    ],
)
def test_what_was_asked_for_and_decided(db, people, steps, kind, who):
    issue = make.make_issue(db, status="in_progress")
    for action in steps[:-1]:
        issue = make.move(db, issue, action)
    forget(db)
    is_second = steps.count("request_extension") > 1
    make.move(db, issue, steps[-1], **({"extend_to_on": today() + timedelta(days=20)} if is_second else {}))
    actions.catch_up(db, now=now(), outgoing=OUTGOING)
    assert told(db, people) == {kind: who}


def test_who_looks_after_the_firm_now_hears_of_the_answer(db, people):
    issue = make.make_issue(db, status="in_progress")
    forget(db)
    newcomer = next(user_id for user_id, name in people.items() if name == "officer2")
    with transaction(db):
        db.conn.execute("UPDATE firm_officers SET to_on = from_on")
        assignments.insert_assignment(db, issue.firm_id, user_id=newcomer, is_lead=True, from_on=today())
    make.move(db, issue, "answer")
    actions.catch_up(db, now=now(), outgoing=OUTGOING)
    assert told(db, people) == {Kind.ANSWERED: {"officer2"}}


def test_whoever_did_it_is_not_told(db, people):
    issue = make.make_issue(db, status="closed")
    forget(db)
    make.move(db, issue, "reopen", by=make.the_user(db, "officer"))
    actions.catch_up(db, now=now(), outgoing=OUTGOING)
    assert "officer" not in told(db, people)[Kind.REOPENED]


def test_assisting_departments_hear_of_it_once(db, people):
    issue = make.make_issue(db, status="in_progress")
    forget(db)
    for ids in ((make.OTHER_DEPARTMENT,), (), (make.OTHER_DEPARTMENT,)):
        issue = make.move(db, issue, "assist", assisting_ids=ids)
        actions.catch_up(db, now=now(), outgoing=OUTGOING)
    assert db.conn.execute("SELECT count(*) FROM notices").fetchone()[0] == 1


def test_lines_that_leave_name_no_firm_no_title_and_nobody(db, people):
    issue = make.make_issue(db, status="in_progress", title="测试厂门口的路", urgency="urgent", category_id=make.ROUTED)
    with transaction(db):
        db.conn.execute("DELETE FROM settings WHERE name = :name", {"name": actions.CURSOR})
    outgoing = actions.Outgoing(channels=(Channel.WECOM,), site_url="https://qifang.test")
    make.move(db, issue, "supervise")
    actions.catch_up(db, now=now(), outgoing=outgoing)
    bodies = [row["body"] for row in db.conn.execute("SELECT body FROM deliveries ORDER BY id").fetchall()]
    assert f"【紧急】{issue.number} 督办，请按期回复 · 供电公司 https://qifang.test/issues/{issue.id}" in bodies
    for body in bodies:
        assert issue.firm not in body and issue.title not in body and issue.reporter not in body
        assert issue.firm_phone not in body


@pytest.mark.parametrize(
    ("kind", "is_urgent", "out"),
    [
        (Kind.OVERDUE, False, True),
        (Kind.SUPERVISED, False, True),
        (Kind.DISPUTED, False, True),
        (Kind.ASSIGNED, False, False),
        (Kind.ASSIGNED, True, True),
        (Kind.DUE_SOON, False, False),
        (Kind.DUE_SOON, True, True),
        (Kind.VERIFIED, True, False),
    ],
)
def test_what_leaves_the_house(kind, is_urgent, out):
    assert telling.goes_out(kind, is_urgent=is_urgent) is out


def test_a_digest_fits_into_one_message_however_many_there_are():
    """WeCom takes 2,048 bytes."""
    rows = [
        {
            "name": "平顶山市市场监督管理局",
            "dispatched": 123,
            "handling": 456,
            "overdue": 78,
            "submitted": 99,
            "returned": 12,
            "disputed": 3,
        }
        for _ in range(50)
    ]
    text = telling.digest(
        day="11月24日",
        total={"open": 12345, "soon": 678, "overdue": 910},
        departments=rows,
        districts=rows,
        url="https://qifang.pingdingshan.example.gov.cn",
    )
    assert len(text.encode()) <= 2048
    assert text.count("另有 42 个，见系统") == 2
    assert text.splitlines()[1] == "全市未办结 12345 件，将到期 678 件，已超期 910 件"
