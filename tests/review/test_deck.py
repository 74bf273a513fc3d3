"""The deck: what is on it, in which order, what an answer does to it, and what is left for tomorrow."""

from datetime import timedelta

import pytest

from app import clock
from app.issues import actions
from app.issues import store as issues
from app.issues.lifecycle import Status
from app.people import store as people
from app.review import deck, store
from app.rules import store as rules
from tests import factories as make

LONG_AGO = timedelta(days=40)


@pytest.fixture
def cases(db):
    """One case of each reason, by its name, with others that are nobody's to decide."""
    now = clock.now()
    make.the_user(db, "head")
    late = make.make_issue(db, status="in_progress", at=now - LONG_AGO, step=timedelta(hours=2), title="超期的")
    supervised = make.make_issue(db, status="in_progress", at=now - LONG_AGO, step=timedelta(hours=2), title="督办的")
    at = now - timedelta(days=20)
    make.move(db, supervised, "supervise", at=at, reply_by_on=clock.day_of(at) + timedelta(days=5))
    asked = make.make_issue(db, status="in_progress", title="要延期的")
    make.move(db, asked, "request_extension", extend_to_on=clock.today() + timedelta(days=30))
    disputed = make.make_issue(db, status="disputed", title="不认领的")
    for status in ("submitted", "dispatched", "in_progress", "suspended", "proposed", "callback", "closed"):
        make.make_issue(db, status=status)
    other = make.make_user(db, "officer", district_id=make.OTHER_DISTRICT)
    make.make_issue(db, status="disputed", officer=other, title="别区的")
    return {"disputed": disputed, "supervised": supervised, "asked": asked, "late": late}


def on_deck(db, user="head", *, now=None):
    """The ids on a person's deck, the sharpest first."""
    now = now or clock.now()
    moments = deck.moments(now, rules.get_calendar(db))
    reader = people.get_user_by_username(db, user)
    rows = [row["id"] for row in store.list_deck(db, district_id=reader.district_id, moments=moments)]
    assert deck.count(db, reader=reader, now=now) == len(rows)
    return rows


def fresh(db, issue):
    return issues.get_issue_for_system(db, issue.id, now=clock.now())


def test_the_sharpest_stands_first(db, cases):
    assert on_deck(db) == [cases[name].id for name in ("disputed", "supervised", "asked", "late")]


def test_one_case_after_the_other(db, cases, page):
    head = page("head")
    first = head.get("/review/deck")
    assert "两个部门都不认领" in first.read and "不认领的" in first.read and "别区的" not in first.read
    assert "第 1 / 4 件" in first.read and "第 2 次退回" in first.read
    assert "不属本单位职责。" in first.read, "the last words of those involved"
    assert [node.text for node in first.all(".answers summary")] == ["指定部门办理", "催办", "督办"]
    form = first.one("form[action$=/designation]")
    answer = head.send(form, department_id=str(make.OTHER_DEPARTMENT))
    assert answer.headers["Location"] == "/review/deck"
    second = head.follow(answer)
    assert "督办到期没有回复" in second.read and "第 1 / 3 件" in second.read
    assert fresh(db, cases["disputed"]).status is Status.IN_PROGRESS
    assert fresh(db, cases["disputed"]).department_id == make.OTHER_DEPARTMENT


def test_the_five_answers(db, cases, page):
    head = page("head")
    head.send(head.get("/review/deck").one("form[action$=/designation]"), department_id=str(make.DEPARTMENT))
    head.send(head.get("/review/deck").one("form[action$=/supervision]"))
    card = head.get("/review/deck")
    assert "申请延期，等着批" in card.read and "需等配件" in card.read
    assert card.all(".answers summary")[0].text == "准予延期"
    head.send(card.one("form[action$=/extension]"))
    assert fresh(db, cases["asked"]).extension_count == 1
    card = head.get("/review/deck")
    assert "超期还没有办结" in card.read
    head.send(card.one("form[action$=/long-term-listing]"))
    listed = fresh(db, cases["late"])
    assert (listed.status, listed.outcome, listed.due_at) == (Status.SUSPENDED, None, None)
    assert listed.review_on == clock.today() + timedelta(days=60)
    assert "没有要定夺的事" in head.get("/review/deck").read


def test_an_urged_case_comes_back(db, cases, page):
    head = page("head")
    late = cases["late"].id
    head.post(f"/issues/{late}/urging", {"version": cases["late"].version, "note": "请抓紧。", "then": "deck"})
    assert late not in on_deck(db)
    assert late in on_deck(db, now=clock.now() + timedelta(days=12))


def test_what_did_not_settle_it_counts_until_tomorrow(db, cases, page):
    disputed = cases["disputed"]
    page("head").post(f"/issues/{disputed.id}/urging", {"version": disputed.version, "note": "先谈一谈。"})
    assert disputed.id not in on_deck(db)
    assert on_deck(db, now=clock.now() + timedelta(days=1))[0] == disputed.id


def test_the_second_extension_is_the_offices(db, cases, page):
    asked = make.move(db, fresh(db, cases["asked"]), "grant_extension", extend_to_on=clock.today() + timedelta(days=30))
    make.move(db, asked, "request_extension", extend_to_on=clock.today() + timedelta(days=60))
    make.the_user(db, "office")
    assert asked.id not in on_deck(db)
    tomorrow = clock.now() + timedelta(days=1)
    assert asked.id in on_deck(db, "office", now=tomorrow)


def test_the_suggested_department_stands_first(db, page):
    issue = make.make_issue(db, status="dispatched")
    issue = make.move(db, issue, "return")
    issue = make.move(db, issue, "redispatch")
    make.move(db, issue, "return", suggested_department_id=make.OTHER_DEPARTMENT)
    select = page("head").get("/review/deck").field("department_id")
    assert [option.get("value") for option in select.all("option")][:2] == ["", str(make.OTHER_DEPARTMENT)]


def test_set_aside_for_today_only(db, cases, page):
    head = page("head")
    form = head.get("/review/deck").one("form[action=/review/deck/set-aside]")
    answer = head.follow(head.send(form))
    assert "督办的" in answer.read and "第 2 / 4 件" in answer.read
    for _each in range(3):
        answer = head.follow(head.send(head.get("/review/deck").one("form[action=/review/deck/set-aside]")))
    assert "今天放下了 4 件" in answer.read
    assert len(on_deck(db)) == 4, "still counted as undecided"
    again = head.follow(head.send(answer.one("form[action=/review/deck/set-aside]")))
    assert "第 1 / 4 件" in again.read
    with head.client.session_transaction() as session:
        session["set_aside"] = {**session["set_aside"], "on": "2020-01-01", "ids": [1, 2, 3]}
    assert "第 1 / 4 件" in head.get("/review/deck").read


def test_the_navigation_counts_what_waits(db, cases, page):
    board = page("head").get("/review/")
    entry = next(node for node in board.all(".tabs a") if node.get("href") == "/review/deck")
    assert entry.text in {"待我定夺 4", "待我定夺4"}


def test_the_count_is_one_query_by_an_index(db, cases):
    head = people.get_user_by_username(db, "head")
    seen = []
    moments = deck.moments(clock.now(), rules.get_calendar(db))
    db.conn.set_trace_callback(seen.append)
    store.count_deck(db, district_id=head.district_id, moments=moments)
    db.conn.set_trace_callback(None)
    assert len(seen) == 1
    plan = [row["detail"] for row in db.conn.execute(f"EXPLAIN QUERY PLAN {seen[0]}")]
    assert not [step for step in plan if step.startswith("SCAN")], plan


def test_a_refused_answer_keeps_its_way_back(db, cases, page):
    head = page("head")
    disputed = cases["disputed"]
    wrong = head.post(
        f"/issues/{disputed.id}/designation", {"version": disputed.version, "ruling": "", "then": "deck"}, status=422
    )
    assert wrong.field("then").get("value") == "deck"
    assert wrong.link("取消") == "/review/deck"


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "auditor"])
def test_the_deck_is_the_heads(page, role):
    page(role).get("/review/deck", status=403)


def test_listing_as_long_term_ends_by_itself_and_settles_what_was_asked(db, cases):
    asked = fresh(db, cases["asked"])
    listed = make.move(db, asked, "list_long_term")
    assert listed.status is Status.SUSPENDED and not listed.is_extension_pending
    actions.advance_by_system(db, listed.id, "resume", brought={}, now=clock.now() + timedelta(days=15))
    resumed = fresh(db, listed)
    assert resumed.status is Status.IN_PROGRESS and resumed.review_on is None and resumed.due_at


@pytest.mark.parametrize("days", [91, -1])
def test_a_long_term_case_is_looked_at_within_ninety_days(db, cases, page, days):
    late = cases["late"]
    typed = {
        "version": late.version,
        "note": "分步推进。",
        "review_on": (clock.today() + timedelta(days=days)).isoformat(),
    }
    page("head").post(f"/issues/{late.id}/long-term-listing", typed, status=422)
