"""Many at once: one wins, the others are told so, and the history stays one chain."""

import threading
from collections import Counter
from contextlib import closing

import pytest

from app import chain
from app.clock import now as clock_now
from app.db import close_all, connect, fetch_all, fetch_value
from app.errors import Conflict
from app.issues import actions, history_store, links
from tests import factories

SECRET = "test-key-of-no-worth"


def at_once(app, tasks) -> list:
    """Run every task in a thread of its own, all let go together, each on its own connection; what each gave."""
    gate, given = threading.Barrier(len(tasks)), [None] * len(tasks)

    def run(nth: int) -> None:
        db = connect(app.config["DATABASE"])
        with closing(db.conn):
            gate.wait(timeout=30)
            try:
                given[nth] = tasks[nth](db)
            except Exception as error:
                given[nth] = error

    threads = [threading.Thread(target=run, args=(nth,)) for nth in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return given


def over_http(app, requests) -> list[int]:
    """The same with clients: the status that each request got."""
    gate, given = threading.Barrier(len(requests)), [0] * len(requests)

    def run(nth: int) -> None:
        client, url, data = requests[nth]
        gate.wait(timeout=30)
        try:
            given[nth] = client.post(url, data=data).status_code
        finally:
            close_all()  # this thread's own

    threads = [threading.Thread(target=run, args=(nth,)) for nth in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return given


def assert_one_chain(db) -> None:
    assert history_store.first_broken_event(db) is None
    rows = fetch_all(db, "SELECT previous_hash, hash FROM issue_events ORDER BY id")
    assert rows[0]["previous_hash"] == chain.START
    assert len({row["previous_hash"] for row in rows}) == len(rows), "no two lines follow the same one"


def test_of_fifty_moves_one_wins(app, db):
    issue = factories.make_issue(db, status="dispatched")
    handler, before = factories.the_user(db, "handler"), len(history_store.list_events(db, issue.id))

    def accept(db):
        return actions.advance(db, issue.id, "accept", by=handler, now=clock_now(), version=issue.version)

    given = at_once(app, [accept] * 50)
    kinds = Counter(type(each) for each in given)
    assert kinds[Conflict] == 49 and sum(kinds.values()) == 50, kinds
    history = history_store.list_events(db, issue.id)
    assert len(history) == before + 1 and history[-1]["action"] == "accept"
    assert fetch_value(db, "SELECT version FROM issues") == issue.version + 1
    assert_one_chain(db)


def test_of_fifty_different_moves_one_wins(app, db):
    """Accepting, returning, noting, urging, voiding: whoever comes second looked at an older issue."""
    issue = factories.make_issue(db, status="dispatched")
    doers = [
        ("accept", factories.the_user(db, "handler"), {}),
        ("return", factories.the_user(db, "handler"), {"note": "不属本单位。", "basis": "职责"}),
        ("note", factories.the_user(db, "officer"), {"note": "企业又来问。"}),
        ("urge", factories.the_user(db, "head"), {"note": "请抓紧。"}),
        ("void", factories.the_user(db, "office"), {"note": "重复。"}),
    ]

    def task(action, by, brought):
        return lambda db: actions.advance(
            db, issue.id, action, by=by, now=clock_now(), version=issue.version, brought=brought
        )

    before = len(history_store.list_events(db, issue.id))
    given = at_once(app, [task(*doers[nth % 5]) for nth in range(50)])
    assert Counter(type(each) for each in given)[Conflict] == 49
    assert len(history_store.list_events(db, issue.id)) == before + 1
    assert_one_chain(db)


def test_of_fifty_clients_one_gets_a_303(app, db, sign_in):
    issue = factories.make_issue(db, status="in_progress")
    cookie = sign_in("handler").get_cookie("qifang")
    clients = [app.test_client() for _ in range(50)]
    for client in clients:
        client.set_cookie("qifang", cookie.value)
    url, before = f"/issues/{issue.id}/notes", len(history_store.list_events(db, issue.id))
    given = over_http(app, [(each, url, {"version": issue.version, "note": "已联系企业。"}) for each in clients])
    assert Counter(given) == {303: 1, 409: 49}
    assert len(history_store.list_events(db, issue.id)) == before + 1
    assert_one_chain(db)


def test_moves_on_different_issues_all_succeed_in_one_chain(app, db):
    issues = [factories.make_issue(db, status="dispatched") for _ in range(12)]
    handler = factories.the_user(db, "handler")

    def accept(issue):
        return lambda db: actions.advance(db, issue.id, "accept", by=handler, now=clock_now(), version=issue.version)

    given = at_once(app, [accept(issue) for issue in issues])
    assert {each.id for each in given} == {issue.id for issue in issues}
    assert_one_chain(db)


def test_reports_at_once_have_numbers_of_their_own(app, db):
    officer = factories.the_user(db, "officer")
    firm = factories.make_firm(db, officer=officer)

    def report(db):
        return actions.report(
            db,
            factories.new_issue(category_id=factories.ROUTED),
            firm_id=firm.id,
            district_id=firm.district_id,
            visit_id=None,
            pictures=(),
            by=officer,
            now=clock_now(),
        )

    given = at_once(app, [report] * 20)
    assert len(set(given)) == 20
    numbers = [row["number"] for row in fetch_all(db, "SELECT number FROM issues ORDER BY number")]
    assert [int(each[5:]) for each in numbers] == list(range(1, 21))
    assert_one_chain(db)


@pytest.mark.parametrize(
    "answer", [{"is_solved": "yes", "is_satisfied": "yes"}, {"is_solved": "no", "is_satisfied": "no"}]
)
def test_the_firms_link_pressed_by_twenty(app, db, answer):
    issue = factories.make_issue(db, status="callback")
    link_id = actions.make_link(db, issue.id, by=factories.the_user(db, "officer"), now=clock_now(), days=14)
    before = len(history_store.list_events(db, issue.id))
    url = f"/c/{links.token_for(link_id, SECRET)}"
    given = over_http(app, [(app.test_client(), url, answer) for _ in range(20)])
    assert Counter(given) == {303: 1, 409: 19}
    assert len(history_store.list_events(db, issue.id)) == before + 1
    assert_one_chain(db)


def test_making_the_link_at_once_makes_one(app, db):
    issue = factories.make_issue(db, status="callback")
    officer = factories.the_user(db, "officer")
    given = at_once(
        app, [lambda db: actions.make_link(db, issue.id, by=officer, now=clock_now(), days=14) for _ in range(10)]
    )
    assert len(set(given)) == 1 and fetch_value(db, "SELECT count(*) FROM firm_links") == 1


def test_two_people_accept_the_same_inbox(app, db):
    issues = [factories.make_issue(db, status="dispatched") for _ in range(15)]
    ids = [issue.id for issue in issues]
    people = [factories.the_user(db, "handler"), factories.make_user(db, "handler")]

    def accept(by, order):
        return lambda db: actions.accept_many(db, order, by=by, now=clock_now())

    first, second = at_once(app, [accept(people[0], ids), accept(people[1], ids[::-1])])
    assert first[0] + second[0] == 15 and first[1] + second[1] == 15
    for issue in issues:
        assert [row["action"] for row in history_store.list_events(db, issue.id)].count("accept") == 1
    assert {row["status"] for row in fetch_all(db, "SELECT status FROM issues")} == {"in_progress"}
    assert_one_chain(db)
