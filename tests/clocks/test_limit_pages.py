"""Limits as the office changes them: dated, tried first, running cases only when told, withdrawn before they begin."""

import io
from datetime import timedelta

import openpyxl
import pytest

from app import clock
from app.clock import from_text, today
from app.db import fetch_all, fetch_one, fetch_value
from app.issues import store as issues
from app.rules import store as rules
from app.rules.limits import limit_for
from app.rules.models import Clock
from tests import factories


def running(db, **more):
    """An issue in progress since yesterday."""
    return factories.make_issue(db, status="in_progress", at=clock.now() - timedelta(days=1), **more)


def due(db, issue):
    return issues.get_issue_for_system(db, issue.id, now=clock.now()).due_at


def help_limit(db):
    return fetch_one(db, "SELECT * FROM limits WHERE clock = 'handle' AND kind = 'help' AND valid_to IS NULL")


def tried(page, db, row=None, **typed):
    here = page("office")
    form = here.get(f"/office/limits/{(row or help_limit(db))['id']}").one("form#limit-form")
    return here, here.send(form, **{"amount": "8", **typed})


def in_force(db, at=None):
    return limit_for(
        rules.list_limits(db), Clock.HANDLE, kind="help", urgency="normal", category_id=None, at=at or clock.now()
    )


@pytest.mark.parametrize("role", ["office", "auditor", "dispatcher", "head"])
def test_limits_are_read_by_whoever_reads_rules(page, role):
    shown = page(role).get("/office/limits")
    assert "5 个工作日" in shown.read and "24 小时" in shown.read
    assert shown.has("a[href$=/limits/new]") is (role == "office")


def test_others_do_not_change_them(page, sign_in, db):
    page("officer").get("/office/limits", status=403)
    client = sign_in("auditor")
    for url in ("/office/limits", "/office/limits/trial", f"/office/limits/{help_limit(db)['id']}/ending"):
        assert client.post(url, data={}).status_code == 403


def test_new_cases_follow_a_change_and_running_ones_keep_theirs(db, page):
    issue = running(db)
    before, row = due(db, issue), help_limit(db)
    here, trial = tried(page, db)
    assert "在办的问题照原时限办理" in trial.read and help_limit(db)["id"] == row["id"]
    here.send(trial.one("form#confirm"), status=303)
    assert in_force(db).amount == 8
    assert due(db, issue) == before
    assert fetch_value(db, "SELECT valid_to FROM limits WHERE id = :id", {"id": row["id"]})
    [entry] = fetch_all(db, "SELECT detail FROM audit_log WHERE action = 'limit_changed'")
    assert entry["detail"].startswith("handle help normal: 8 working_days")


def test_running_cases_follow_when_told_and_the_trial_says_which(db, page):
    issue, other = running(db), running(db, kind="complaint")
    before = due(db, issue), due(db, other)
    here, trial = tried(page, db, is_retroactive="y")
    assert issue.number in trial.read and other.number not in trial.read
    sheet = here.client.post(
        "/office/limits/moves", data={**trial.one("form[action$=/limits/moves]").values, "as": "xlsx"}
    )
    book = openpyxl.load_workbook(io.BytesIO(sheet.data))
    assert issue.number in [row[0].value for row in book.active.iter_rows()]
    sheet.close()
    assert (due(db, issue), due(db, other)) == before
    here.send(trial.one("form#confirm"), status=303)
    assert due(db, issue) > before[0] and due(db, other) == before[1]


def test_one_that_is_to_come_waits_and_can_be_withdrawn(db, page):
    start = today() + timedelta(days=10)
    here, trial = tried(page, db, valid_from=start.isoformat())
    here.send(trial.one("form#confirm"), status=303)
    assert in_force(db).amount == 5
    assert in_force(db, clock.now() + timedelta(days=11)).amount == 8
    shown = here.get("/office/limits")
    assert "将要执行" in shown.read
    _here, second = tried(page, db, fetch_one(db, "SELECT * FROM limits WHERE amount = 8"), amount="9")
    assert here.send(second.one("form#confirm"), status=409).read.count("先撤销")
    here.send(shown.one("form[action$=/ending]"), status=303)
    assert in_force(db, clock.now() + timedelta(days=11)).amount == 5
    assert "将要执行" not in here.get("/office/limits").read


def test_a_category_of_its_own_and_its_end(db, page):
    here = page("office")
    form = here.get("/office/limits/new").one("form#limit-form")
    typed = {"clock": "handle", "category_id": str(factories.ROUTED), "amount": "20", "unit": "working_days"}
    here.send(here.send(form, **typed).one("form#confirm"), status=303)
    row = fetch_one(db, "SELECT * FROM limits WHERE category_id = :id AND amount = 20", {"id": factories.ROUTED})
    assert row["kind"] is None and row["urgency"] is None
    narrow = here.get(f"/office/limits/{row['id']}")
    here.send(narrow.one("form[action$=/ending]"), status=303)
    ended = fetch_one(db, "SELECT valid_to FROM limits WHERE id = :id", {"id": row["id"]})["valid_to"]
    assert from_text(ended) <= clock.now() + timedelta(seconds=1)
    assert here.client.post(f"/office/limits/{row['id']}/ending").status_code == 409
    assert here.client.post(f"/office/limits/{help_limit(db)['id']}/ending").status_code == 409
    assert here.client.post("/office/limits/987654/ending").status_code == 404


def test_what_was_tried_on_other_ground_is_not_confirmed(db, page):
    here, first = tried(page, db)
    _here, second = tried(page, db, amount="9")
    here.send(second.one("form#confirm"), status=303)
    again = here.send(first.one("form#confirm"), status=409)
    assert "刚刚被改过" in again.read and in_force(db).amount == 9


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"amount": "0"}, "整数"), ({"amount": "-3"}, "整数"), ({"amount": "1.5"}, "整数"), ({"amount": "五"}, "整数"),
        ({"amount": "٣"}, "整数"), ({"amount": ""}, "请填写"), ({"amount": "251"}, "最多 250"),
        ({"amount": "9999", "unit": "hours"}, "最多 1000"), ({"unit": "moons"}, "列表"),
        ({"valid_from": "2020-01-01"}, "日期"), ({"valid_from": "soon"}, "日期"), ({"clock": "reply"}, "列表"),
        ({"category_id": "987654"}, "列表"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_words(db, page, typed, words):
    before = db["limits"].count
    here = page("office")
    form = here.get(f"/office/limits/{help_limit(db)['id']}").one("form#limit-form")
    answer = here.send(form, status=422, **{"amount": "8", **typed})
    assert words in answer.read
    assert db["limits"].count == before


def test_running_cases_follow_only_from_today_on(db, page):
    here = page("office")
    form = here.get(f"/office/limits/{help_limit(db)['id']}").one("form#limit-form")
    later = (today() + timedelta(days=3)).isoformat()
    here.send(form, status=422, amount="8", valid_from=later, is_retroactive="y")
    assert db["limits"].count == 12
