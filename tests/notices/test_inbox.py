"""The inbox: at once after a move, once however many tell it, one's own only, read and unread, the bell's count."""

import threading
from datetime import timedelta

import pytest

from app import clock
from app.db import connect, transaction
from app.issues import actions as issues
from app.notices import actions, store
from app.notices.models import KIND_NAMES, Kind
from tests import factories as make

OUTGOING = actions.Outgoing()


def count(db, user, kind=None):
    """How many notices a person has."""
    found = db.conn.execute("SELECT kind FROM notices WHERE user_id = :id", {"id": user.id}).fetchall()
    return len([row for row in found if kind in (None, row["kind"])])


def fill(db, user, number, issue=None):
    """So many unread notices of one issue."""
    issue = issue or make.make_issue(db, status="in_progress")
    first = db.conn.execute("SELECT count(*) FROM notices").fetchone()[0]
    with transaction(db):
        for nth in range(first, first + number):
            store.insert_notice(
                db,
                user.id,
                issue_id=issue.id,
                kind=Kind.URGED,
                event_id=None,
                source=f"test:{nth}",
                at=clock.to_text(clock.now()),
            )
    return issue


def unread(answer):
    """The count in the bar and the one at the side, which are the same; '' for none."""
    bell = answer.one("a.bell")
    item = next(node for node in answer.all("nav.tabs a") if node.get("href") == "/notices/")
    in_bar, at_side = [node.text for node in bell.all("b")], [node.text for node in item.all("b")]
    assert in_bar == at_side
    return in_bar[0] if in_bar else ""


def test_it_is_there_at_once(db, page):
    """The handler accepts nothing yet; the dispatcher's form tells her in the same breath."""
    make.the_user(db, "handler")
    issue = make.make_issue(db)
    dispatcher, handler = page("dispatcher"), page("handler")
    assert unread(handler.get("/me")) == ""
    dispatcher.post(
        f"/issues/{issue.id}/dispatch",
        {"department_id": make.DEPARTMENT, "urgency": "normal", "version": issue.version},
    )
    answer = handler.get("/notices/")
    assert unread(answer) == "1"
    assert "派给本单位，请办理" in answer.read and issue.number in answer.read and issue.title in answer.read
    opened = handler.follow(handler.send(answer.one("section form")))
    assert issue.title in opened.read
    assert unread(opened) == ""
    assert "未读" not in handler.get("/notices/").one("main").text


def test_a_refused_write_tells_nobody(db, page):
    handler = make.the_user(db, "handler")
    issue = make.make_issue(db)
    page("dispatcher").post(f"/issues/{issue.id}/dispatch", {"version": issue.version}, status=422)
    assert count(db, handler) == 0


def test_a_failing_bell_spoils_no_move(db, page, monkeypatch):
    handler = make.the_user(db, "handler")
    issue = make.make_issue(db, status="dispatched")
    here = page("handler")

    def fail(*args, **more):
        raise RuntimeError("no bell today")

    monkeypatch.setattr(actions, "catch_up", fail)
    here.post(f"/issues/{issue.id}/acceptance", {"version": issue.version})
    monkeypatch.undo()
    assert actions.catch_up(db, now=clock.now(), outgoing=OUTGOING) >= 0
    assert db.conn.execute("SELECT status FROM issues").fetchone()[0] == "in_progress"
    assert count(db, handler, Kind.ASSIGNED) == 1


def test_each_thing_is_told_once_however_many_tell_it(app, db):
    handler = make.the_user(db, "handler")
    made = [make.make_issue(db, status="proposed") for _ in range(30)]
    gate = threading.Barrier(4)
    told = []

    def tell():
        own = connect(app.config["DATABASE"])
        gate.wait()
        told.append(actions.catch_up(own, now=clock.now(), outgoing=OUTGOING))
        own.conn.close()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = db.conn.execute("SELECT count(*) FROM notices").fetchone()[0]
    assert sum(told) == total
    assert count(db, handler, Kind.ASSIGNED) == len(made)
    assert actions.catch_up(db, now=clock.now(), outgoing=OUTGOING) == 0
    # Even from the beginning again nothing is told twice.
    with transaction(db):
        db.conn.execute("DELETE FROM settings WHERE name = :name", {"name": actions.CURSOR})
    assert actions.catch_up(db, now=clock.now(), outgoing=OUTGOING) == 0


def test_moves_and_telling_side_by_side_lose_nothing(app, db):
    make.the_user(db, "handler")
    waiting = [make.make_issue(db, status="dispatched") for _ in range(12)]
    dispatcher = make.the_user(db, "officer")
    stop = threading.Event()

    def tell():
        own = connect(app.config["DATABASE"])
        while not stop.is_set():
            actions.catch_up(own, now=clock.now(), outgoing=OUTGOING)
        own.conn.close()

    thread = threading.Thread(target=tell)
    thread.start()
    for issue in waiting:
        make.move(db, make.move(db, issue, "accept"), "answer")
    stop.set()
    thread.join()
    actions.catch_up(db, now=clock.now(), outgoing=OUTGOING)
    assert count(db, dispatcher, Kind.ANSWERED) == len(waiting)


def test_more_than_a_batch(db, monkeypatch):
    handler = make.the_user(db, "handler")
    monkeypatch.setattr(actions, "BATCH", 4)
    for _ in range(5):
        make.make_issue(db, status="dispatched")
    actions.catch_up(db, now=clock.now(), outgoing=OUTGOING)
    assert count(db, handler, Kind.ASSIGNED) == 5


def test_nobody_waits_until_all_others_are_told(db, page, monkeypatch):
    """An answer carries one batch of what was left behind at most; the tick tells the rest."""
    handler = make.the_user(db, "handler")
    for _ in range(5):
        make.make_issue(db, status="dispatched")
    monkeypatch.setattr(actions, "BATCH", 4)
    here = page("handler")  # signing in is such a request
    assert 0 < count(db, handler, Kind.ASSIGNED) < 5
    assert unread(here.get("/me")) != ""
    actions.catch_up(db, now=clock.now(), outgoing=OUTGOING)
    assert count(db, handler, Kind.ASSIGNED) == 5


def test_old_history_is_no_news(db):
    handler = make.the_user(db, "handler")
    make.make_issue(db, status="dispatched", at=clock.now() - timedelta(days=4))
    assert actions.catch_up(db, now=clock.now(), outgoing=OUTGOING) == 0
    assert count(db, handler) == 0
    make.make_issue(db, status="dispatched", at=clock.now() - timedelta(days=2))
    actions.catch_up(db, now=clock.now(), outgoing=OUTGOING)
    assert count(db, handler, Kind.ASSIGNED) == 1


def test_everyone_sees_her_own(db, page):
    issue = fill(db, make.the_user(db, "handler"), 1)
    notice_id = db.conn.execute("SELECT max(id) FROM notices WHERE kind = 'urged'").fetchone()[0]
    make.make_user(db, "handler", username="colleague")
    colleague = page("colleague")
    assert "催办" not in colleague.get("/notices/").read
    colleague.post(f"/notices/{notice_id}/reading", status=404)
    colleague.post("/notices/reading", {"upto_id": notice_id})
    assert unread(page("handler").get("/me")) != ""
    assert issue.title in page("handler").get("/notices/").read


def test_what_went_to_another_department_shows_no_more_of_itself(db, page):
    handler = make.the_user(db, "handler")
    issue = make.make_issue(db, status="dispatched")
    actions.catch_up(db, now=clock.now(), outgoing=OUTGOING)
    issue = make.move(db, issue, "return")
    make.move(db, issue, "redispatch", department_id=make.OTHER_DEPARTMENT)
    here = page("handler")
    answer = here.get("/notices/")
    assert "已不在您的工作范围内" in answer.read
    assert issue.title not in answer.read and issue.number not in answer.read
    after = here.follow(here.send(answer.one("section form")))
    assert "这个问题已不在您的工作范围内" in after.read
    assert store.count_unread(db, handler.id) == 0


def test_opening_one_reads_all_of_that_issue(db, page):
    handler = make.the_user(db, "handler")
    fill(db, handler, 3)
    here = page("handler")
    here.send(here.get("/notices/").all("section form")[0])
    assert store.count_unread(db, handler.id) == 0


def test_marking_all_leaves_what_came_meanwhile(db, page):
    handler = make.the_user(db, "handler")
    issue = fill(db, handler, 2)
    here = page("handler")
    answer = here.get("/notices/")
    fill(db, handler, 1, issue)
    after = here.follow(here.send(answer.one("form[action=/notices/reading]")))
    assert "已标为已读" in after.read
    assert unread(after) == "1"
    here.post("/notices/reading", status=422)


@pytest.mark.parametrize(("number", "shown"), [(0, ""), (1, "1"), (99, "99"), (100, "99+"), (130, "99+")])
def test_the_bell_counts_to_99(db, page, number, shown):
    fill(db, make.the_user(db, "auditor"), number)
    answer = page("auditor").get("/me")
    assert unread(answer) == shown
    assert (
        (shown in answer.one("a.bell").get("aria-label")) if shown else answer.one("a.bell").get("aria-label") == "消息"
    )


def test_the_count_is_one_look_into_an_index(db):
    plan = db.conn.execute(
        "EXPLAIN QUERY PLAN SELECT 1 FROM notices WHERE user_id = 1 AND read_at IS NULL LIMIT 100"
    ).fetchall()
    assert "notices_unread" in plan[0]["detail"] and "SEARCH" in plan[0]["detail"]


def test_thirty_a_page_newest_first(db, page):
    auditor = make.the_user(db, "auditor")
    fill(db, auditor, 65)
    here = page("auditor")
    pages = [here.get(f"/notices/?page={nth}") for nth in (1, 2, 3)]
    assert [len(each.all("section form")) for each in pages] == [30, 30, 5]
    ids = [int(form.get("action").split("/")[2]) for each in pages for form in each.all("section form")]
    assert ids == sorted(ids, reverse=True)
    assert pages[0].link("下一页") == "/notices/?page=2"
    assert "下一页" not in pages[2].read
    for wrong in ("0", "x", "201", "-1"):
        here.get(f"/notices/?page={wrong}", status=404)


def test_on_phones_the_bell_is_in_the_bar_and_not_a_sixth_tab(db, page):
    for role in ("officer", "handler", "dispatcher", "head", "office", "auditor"):
        answer = page(role).get("/me")
        item = next(node for node in answer.all("nav.tabs a") if node.get("href") == "/notices/")
        assert "over" in item.get("class").split()
        shown = [node for node in answer.one("nav.tabs").children if getattr(node, "tag", "") in ("a", "details")]
        assert len([node for node in shown if "over" not in (node.get("class") or "").split()]) <= 5
        assert answer.one("a.bell").get("href") == "/notices/"


def test_signed_out_there_is_no_bell(page, db):
    assert not page.get("/login").has("a.bell")


# ── Clocks running out ──


def at_time(issue, db, name):
    return clock.from_text(db.conn.execute("SELECT * FROM issues WHERE id = :id", {"id": issue.id}).fetchone()[name])


@pytest.mark.parametrize(
    ("status", "who"),
    [
        ("submitted", "dispatcher"),
        ("dispatched", "handler"),
        ("in_progress", "handler"),
        ("proposed", "officer"),
        ("callback", "officer"),
    ],
)
def test_who_must_act_is_reminded_once_when_amber_and_once_when_red(db, status, who):
    people = {role: make.the_user(db, role) for role in ("officer", "handler", "dispatcher", "head", "office")}
    issue = make.make_issue(db, status=status)
    amber, due = at_time(issue, db, "amber_at"), at_time(issue, db, "due_at")
    for at, kinds in (
        (amber - timedelta(seconds=1), []),
        (amber, [Kind.DUE_SOON]),
        (due, [Kind.DUE_SOON]),
        (due + timedelta(seconds=1), [Kind.DUE_SOON, Kind.OVERDUE]),
        (due + timedelta(days=40), [Kind.DUE_SOON, Kind.OVERDUE]),
    ):
        for _again in range(2):
            actions.remind(db, now=at, outgoing=OUTGOING)
        told = db.conn.execute("SELECT kind, user_id FROM notices ORDER BY id").fetchall()
        assert [tuple(row) for row in told] == [(kind, people[who].id) for kind in kinds]


def test_an_extension_is_another_end(db):
    handler = make.the_user(db, "handler")
    issue = make.make_issue(db, status="in_progress")
    actions.remind(db, now=at_time(issue, db, "amber_at"), outgoing=OUTGOING)
    issue = make.move(db, make.move(db, issue, "request_extension"), "grant_extension")
    actions.remind(db, now=at_time(issue, db, "amber_at"), outgoing=OUTGOING)
    assert count(db, handler, Kind.DUE_SOON) == 2


def test_a_supervision_reminds_too(db):
    handler = make.the_user(db, "handler")
    issue = make.make_issue(db, status="in_progress")
    on = clock.today() + timedelta(days=1)
    make.move(db, issue, "supervise", reply_by_on=on)
    due = clock.from_text(db.conn.execute("SELECT due_at FROM issue_clocks WHERE clock = 'reply'").fetchone()[0])
    with transaction(db):  # look at this clock alone
        db.conn.execute("UPDATE issues SET amber_at = NULL, due_at = NULL")
    for _again in range(2):
        actions.remind(db, now=due, outgoing=OUTGOING)
        actions.remind(db, now=due + timedelta(seconds=1), outgoing=OUTGOING)
    told = db.conn.execute("SELECT kind, user_id FROM notices ORDER BY id").fetchall()
    assert [tuple(row) for row in told] == [(Kind.DUE_SOON, handler.id), (Kind.OVERDUE, handler.id)]


def test_what_is_suspended_or_ended_reminds_nobody(db):
    for status in ("suspended", "needs_info", "closed", "merged", "void"):
        make.make_issue(db, status=status)
    master = db.conn.execute("SELECT merged_into_id FROM issues WHERE status = 'merged'").fetchone()[0]
    actions.remind(db, now=clock.now() + timedelta(days=60), outgoing=OUTGOING)
    reminded = {row["issue_id"] for row in db.conn.execute("SELECT issue_id FROM reminders").fetchall()}
    assert reminded == {master}


def test_nobody_to_remind_is_remembered_too(db):
    issue = make.make_issue(db, status="proposed")
    with transaction(db):
        db.conn.execute("UPDATE users SET is_active = 0 WHERE role = 'officer'")
    for _again in range(2):
        assert actions.remind(db, now=at_time(issue, db, "due_at"), outgoing=OUTGOING) == 0
    assert db.conn.execute("SELECT count(*) FROM reminders").fetchone()[0] == 1


def test_every_kind_is_drawn(db, page):
    auditor = make.the_user(db, "auditor")
    issue = make.make_issue(db)
    with transaction(db):
        store.insert_campaign_notice(
            db, auditor.id, campaign_id=make.make_campaign(db).id, source="test", at=clock.to_text(clock.now())
        )
        for kind in set(Kind) - {Kind.CAMPAIGN}:
            store.insert_notice(
                db,
                auditor.id,
                issue_id=issue.id,
                kind=kind,
                event_id=None,
                source="test",
                at=clock.to_text(clock.now()),
            )
    text = page("auditor").get("/notices/").read
    assert all(name in text for name in KIND_NAMES.values())


def test_the_firms_word_tells_too(db, client):
    """The firm has no account; its link moves the issue, and the officer hears of it."""
    from app.issues import links

    officer = make.the_user(db, "officer")
    issue = make.make_issue(db, status="callback")
    link_id = issues.make_link(db, issue.id, by=officer, now=clock.now(), days=14)
    token = links.token_for(link_id, "test-key-of-no-worth")
    answer = client.post(f"/c/{token}", data={"is_solved": "yes", "is_satisfied": "yes"})
    assert answer.status_code in (200, 303)
    assert count(db, officer, Kind.CONFIRMED) == 1
