"""The calendar's page: a year looked at, a notice tried, confirmed, refused; the deadlines that move with it."""

import io
from datetime import date

import openpyxl
import pytest

from app.db import fetch_all, fetch_value
from app.issues import store as issues
from app.rules import store as rules
from tests import factories
from tests.clocks.test_calendar import FILED

NOTICE = """国务院办公厅关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。"""


def tried(page, text=NOTICE, **more):
    """The trial's page, as the office opens it."""
    here = page("office")
    form = here.get("/office/calendar").one("form#take-in")
    return here, here.send(form, text=text, **more)


def test_a_year_is_looked_at_by_whoever_reads_rules(page):
    for role in ("office", "auditor", "dispatcher", "head"):
        shown = page(role).get("/office/calendar?year=2026")
        assert len(shown.all("table.month")) == 12
        assert shown.has("form#take-in") is (role == "office")
    assert "国庆节" in shown.read or "放假" in shown.read


@pytest.mark.parametrize("year", ["2018", "2101", "abc", "02026", "-1", "9" * 400])
def test_no_such_year(page, year):
    page("office").get(f"/office/calendar?year={year}", status=404)


def test_others_have_no_calendar_to_change(page, sign_in):
    page("officer").get("/office/calendar", status=403)
    assert sign_in("auditor").post("/office/calendar/trial", data={"text": NOTICE}).status_code == 403
    assert sign_in("dispatcher").post("/office/calendar", data={"days": "2027-01-01,0,x"}).status_code == 403


def test_a_notice_is_tried_and_then_confirmed(db, page):
    issue = factories.make_issue(db, status="in_progress", at=FILED)
    before = issues.get_issue_for_system(db, issue.id, now=FILED)
    here, trial = tried(page)
    assert issue.number in trial.read and "还没有保存" in trial.read
    assert "没有读到：清明节、劳动节、端午节、中秋节、国庆节" in trial.read
    assert rules.get_calendar(db).published_through.year == 2026
    assert issues.get_issue_for_system(db, issue.id, now=FILED).due_at == before.due_at
    done = here.send(trial.one("form#confirm"), status=303)
    assert done.headers["Location"].startswith("/office/calendar?year=2027")
    after = issues.get_issue_for_system(db, issue.id, now=FILED)
    assert not after.is_due_provisional and before.is_due_provisional
    assert not rules.get_calendar(db).is_workday(date(2027, 2, 5))
    assert rules.get_calendar(db).is_workday(date(2027, 1, 31))
    [row] = fetch_all(db, "SELECT object, detail FROM audit_log WHERE action = 'calendar_changed'")
    assert row["object"] == "calendar:2027" and "上班 01-31 02-20" in row["detail"]
    assert "2027" in here.get("/office/calendar?year=2027").read


def test_the_deadlines_that_move_as_a_file(db, page):
    issue = factories.make_issue(db, status="in_progress", at=FILED)
    here, trial = tried(page, text="2027-01-01,0,元旦\n2027-01-04,0,元旦\n2027-01-05,0,元旦")
    form = trial.one("form[action$=/calendar/moves]")
    answer = here.client.post("/office/calendar/moves", data={**form.values, "as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert issue.number in [row[0].value for row in sheet.iter_rows()]
    answer.close()
    answer = here.client.post("/office/calendar/moves", data={**form.values, "as": "csv"})
    assert issue.number in answer.text
    answer.close()
    assert here.client.post("/office/calendar/moves", data={"days": "nonsense"}).status_code == 422


def test_what_was_tried_on_other_ground_is_not_confirmed(db, page):
    here, trial = tried(page)
    form = trial.one("form#confirm")
    _other, second = tried(page, text="2027-01-01,0,元旦")
    here.send(second.one("form#confirm"), status=303)
    again = here.send(form, status=409)
    assert "刚刚被改过" in again.read
    assert fetch_value(db, "SELECT count(*) FROM workday_exceptions WHERE day LIKE '2027%'") == 1
    here.send(again.one("form#confirm"), status=303)
    assert fetch_value(db, "SELECT count(*) FROM workday_exceptions WHERE day LIKE '2027%'") > 1


def test_a_file_instead_of_a_text(page):
    book = openpyxl.Workbook()
    for row in (["日期", "是否上班", "说明"], [date(2027, 1, 1), 0, "元旦"], [date(2027, 1, 9), 1, "调休上班"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    for name, content in (
        ("2027.xlsx", out.getvalue()),
        ("2027.csv", "日期,是否上班,说明\n2027-01-01,0,元旦\n2027-01-09,1,调休上班\n".encode("gb18030")),
    ):
        answer = page("office").client.post("/office/calendar/trial", data={"file": (io.BytesIO(content), name)})
        assert answer.status_code == 200 and "2027-01-09,1" in answer.text, name


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no zip", b"\x89PNG\r\n\x1a\n" + b"\xff" * 99, b"\x00" * 5000, b"a,b,c\n" * 9999]
)
def test_a_file_that_is_no_calendar(db, sign_in, content):
    answer = sign_in("office").post("/office/calendar/trial", data={"file": (io.BytesIO(content), "x.xlsx")})
    assert answer.status_code == 422
    assert rules.get_calendar(db).published_through.year == 2026


def test_nothing_and_too_much(sign_in, monkeypatch):
    client = sign_in("office")
    monkeypatch.setattr("app.clocks.calendar_routes.LARGEST_FILE", 1000)
    assert client.post("/office/calendar/trial", data={}).status_code == 422
    assert client.post("/office/calendar/trial", data={"text": "一" * 20_001}).status_code == 422
    large = io.BytesIO(b"x" * 1001)
    assert client.post("/office/calendar/trial", data={"file": (large, "x.csv")}).status_code == 422
    assert client.post("/office/calendar", data={"days": "2027-01-01,0,x", "state": "old"}).status_code == 409
    assert client.post("/office/calendar", data={"days": "1900-01-01,0,x", "state": "old"}).status_code == 422
