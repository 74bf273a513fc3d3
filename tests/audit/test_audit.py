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
    shown = _numbers(page("auditor").get(f"/office/audit/?day={day}"))
    assert shown == inside[::-1]
    assert not {*before, *after} & set(shown)
    answer = page("auditor").get(f"/office/audit/?day={day}&action=sign_in")
    assert not _numbers(answer)
    assert "没有符合条件的记录" in answer.read


def test_signing_in_is_there_and_refused_tries_too(page, client):
    client.post("/login", data={"username": "auditor", "password": "no"})
    rows = [row.one("th").text for row in page("office").get("/office/audit/").all("tbody tr")]
    assert rows == ["登录", "登录被拒"]


@pytest.mark.parametrize(
    "query", ["day=yesterday", "day=2026-02-30", "action=nothing", "before=x", "before=-1", "before=0"]
)
def test_bad_searches_are_refused_in_words(page, query):
    answer = page("auditor").get(f"/office/audit/?{query}", status=422)
    assert answer.has(".err") or answer.has(".note")


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
