"""The audit log: who may read it, newest first, by action and by day, fifty a page; and that nothing alters it."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app import clock
from app.audit import store
from app.audit.models import ACTION_NAMES
from app.db import IntegrityError, transaction
from tests import factories as make


def _fill(db, count, *, action="contact_revealed", now=None):
    officer = make.the_user(db, "officer")
    with transaction(db):
        return [
            store.add_entry(db, action, f"firm:{nth}", by_id=officer.id, now=now or clock.now())
            for nth in range(1, count + 1)
        ]


def _numbers(answer):
    return [int(cell.text) for cell in answer.all("td[data-label=序号]")]


def test_newest_first_fifty_a_page(db, page):
    ids = _fill(db, 120)
    auditor = page("auditor")
    seen, address = [], "/office/audit/?action=contact_revealed"
    for _page in range(4):
        answer = auditor.get(address)
        seen.append(_numbers(answer))
        if "更早的" not in answer.read:
            break
        address = answer.link("更早的")
    assert [len(each) for each in seen] == [50, 50, 20]
    assert [each for numbers in seen for each in numbers] == ids[::-1]
    assert _numbers(auditor.get(answer.link("回到最新"))) == seen[0]


def test_an_entry_says_who_did_what_to_which(db, page):
    firm = make.make_firm(db)
    with transaction(db):
        store.add_entry(
            db, "contact_revealed", f"firm:{firm.id}", by_id=make.the_user(db, "officer").id, now=clock.now()
        )
    answer = page("auditor").get("/office/audit/?action=contact_revealed")
    row = answer.one("tbody tr")
    assert row.one("th").text == "查看企业联系电话"
    assert "测试officer" in row.text and "首席服务官" in row.text
    assert answer.link(firm.name) == f"/firms/{firm.id}"


def test_actions_without_words_show_their_code(db, page):
    _fill(db, 1, action="something_new")
    assert "something_new" in page("auditor").get("/office/audit/").read


def test_by_day_of_the_city(db, page):
    day = clock.today() - timedelta(days=3)
    midnight = datetime(day.year, day.month, day.day, tzinfo=clock.LOCAL)
    before = _fill(db, 1, now=midnight - timedelta(seconds=1))
    inside = _fill(db, 1, now=midnight) + _fill(db, 1, now=midnight + timedelta(hours=23, minutes=59))
    after = _fill(db, 1, now=midnight + timedelta(days=1))
    shown = _numbers(page("auditor").get(f"/office/audit/?from={day}&to={day}"))
    assert shown == inside[::-1]
    assert not {*before, *after} & set(shown)
    answer = page("auditor").get(f"/office/audit/?from={day}&to={day}&action=sign_in")
    assert not _numbers(answer)
    assert "没有符合条件的记录" in answer.read


def test_by_person_what_she_did_and_what_was_done_to_her_account(db, page):
    other, officer = make.make_user(db, "officer", username="li.si", name="李四"), make.the_user(db, "officer")
    office = make.the_user(db, "office")
    with transaction(db):
        did = store.add_entry(db, "contact_revealed", "firm:1", by_id=other.id, now=clock.now())
        store.add_entry(db, "contact_revealed", "firm:1", by_id=officer.id, now=clock.now())
        about = store.add_entry(db, "account_disabled", f"user:{other.id}", by_id=office.id, now=clock.now())
    auditor = page("auditor")
    for typed in ("li.si", "LI.SI", "李四", "李"):
        assert _numbers(auditor.get(f"/office/audit/?person={typed}")) == [about, did]
    assert _numbers(auditor.get("/office/audit/?person=li.si&action=account_disabled")) == [about]
    assert not _numbers(auditor.get("/office/audit/?person=nobody"))
    assert not _numbers(auditor.get("/office/audit/?person=%25")), "a sign of the search is a letter like any other"


def test_by_what_it_is_about(db, page):
    issue = make.make_issue(db, firm=make.make_firm(db, name="鹰城纺织有限公司", credit_code="91410400MA00000001"))
    with transaction(db):
        ids = {
            each: store.add_entry(db, "looked", each, by_id=None, now=clock.now())
            for each in (f"firm:{issue.firm_id}", f"issue:{issue.id}", "report:visits", "backup")
        }
    auditor = page("auditor")
    for typed, object_ in (
        ("鹰城纺织", f"firm:{issue.firm_id}"),
        ("91410400MA00000001", f"firm:{issue.firm_id}"),
        (issue.number, f"issue:{issue.id}"),
        (f"issue:{issue.id}", f"issue:{issue.id}"),
        ("report:visits", "report:visits"),
        ("backup", "backup"),
    ):
        assert _numbers(auditor.get(f"/office/audit/?about={typed}")) == [ids[object_]], typed
    assert auditor.get(f"/office/audit/?about={issue.number}").link(issue.number) == f"/issues/{issue.id}"


def test_a_name_that_hundreds_have_is_to_be_said_in_full(db, page):
    for _nth in range(101):
        make.make_user(db, "officer", name="王伟")
    answer = page("auditor").get("/office/audit/?person=王伟", status=422)
    assert "请写得更全" in answer.one(".err").text


def test_signing_in_is_there_and_refused_tries_too(page, client):
    client.post("/login", data={"username": "auditor", "password": "no"})
    rows = [row.one("th").text for row in page("office").get("/office/audit/").all("tbody tr")]
    assert rows == ["登录", "登录被拒"]


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "to=2026-02-30",
        "from=2026-11-20&to=2026-11-19",
        "person=" + "x" * 65,
        "about=%00",
        "action=nothing",
        "before=x",
        "before=-1",
        "before=0",
    ],
)
def test_bad_searches_are_refused_in_words(page, query):
    answer = page("auditor").get(f"/office/audit/?{query}", status=422)
    assert answer.has(".err") or answer.has(".note")


def test_what_is_refused_is_written(db, sign_in):
    firm = make.make_firm(db, officer=make.make_user(db, "officer", district_id=make.OTHER_DISTRICT))
    officer = sign_in("officer")
    assert officer.get(f"/firms/{firm.id}").status_code == 404
    assert officer.get("/office/audit/").status_code == 403
    assert officer.get("/nowhere").status_code == 404
    rows = db.conn.execute(
        "SELECT object, detail, by_id FROM audit_log WHERE action = 'access_refused' ORDER BY id"
    ).fetchall()
    by = make.the_user(db, "officer").id
    assert [tuple(row) for row in rows] == [
        (f"firm:{firm.id}", "404 GET firms.show", by),
        ("page", "403 GET audit.index", by),
    ]


def test_who_knocks_on_every_door_does_not_fill_the_log(app, db, sign_in):
    officer = sign_in("officer")
    for number in range(1000, 1030):
        assert officer.get(f"/firms/{number}").status_code == 404
    count = "SELECT count(*) FROM audit_log WHERE action = 'access_refused'"
    assert db.conn.execute(count).fetchone()[0] == 20
    sign_in("handler").get("/office/audit/")
    assert db.conn.execute(count).fetchone()[0] == 21, "another person's refusals still count"


def test_a_refusal_stands_when_it_cannot_be_written(app, db, sign_in):
    officer = sign_in("officer")
    db.conn.execute("PRAGMA query_only = ON")
    try:
        assert officer.get("/office/audit/").status_code == 403
    finally:
        db.conn.execute("PRAGMA query_only = OFF")
    assert not db.conn.execute("SELECT 1 FROM audit_log WHERE action = 'access_refused'").fetchone()


def test_nobody_signed_in_leaves_no_refusal(db, client):
    client.get("/firms/1")
    client.post("/firms/1/position")
    assert db.conn.execute("SELECT count(*) FROM audit_log").fetchone()[0] == 0


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head"])
def test_only_the_office_and_the_auditor_read_it(page, role):
    page(role).get("/office/audit/", status=403)


def test_nothing_alters_it(db):
    _fill(db, 2)
    for statement in ("UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"):
        with pytest.raises(IntegrityError):
            db.conn.execute(statement)
    assert store.first_broken_entry(db) is None


def test_every_action_written_has_its_words():
    folder = Path(store.__file__).resolve().parent.parent
    written = {
        name
        for path in folder.rglob("*.py")
        for name in re.findall(r'add_entry\(\s*db,\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert written <= ACTION_NAMES.keys()
