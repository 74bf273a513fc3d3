"""The ledgers: the headings of the city's offices, the rows of the list and no others, and nothing that calculates."""

import csv
import io
from datetime import datetime, timedelta
from urllib.parse import unquote

import openpyxl
import pytest

from app import clock
from app.audit import store as audit
from app.audit.models import Search
from app.reports import handing_out, sheets
from tests import factories as make

ISSUES = (
    "序号 问题编号 收集时间 县(市、区) 企业名称 问题来源 问题类别 企业问题诉求 解决层级 问题交办单位 协办单位 责任人 "
    "交办时间 解决问题时限 签收时间 当前进展情况 解决措施 是否解决 办结时间 延期申请 异议/退回 回访情况 "
    "企业满意度 督办情况 销号 备注"
).split()
VISITS = (
    "序号 县(市、区) 企业名称 统一社会信用代码 所属行业 企业规模 包联领导 首席服务员 包联单位 走访时间 走访方式 "
    "走访人员 企业接待人 生产经营情况 宣传政策情况 企业反映问题 现场解决情况 是否需上报 走访照片 备注"
).split()


def sheet_of(answer):
    return openpyxl.load_workbook(io.BytesIO(answer.data)).active


def rows_of(answer):
    """The lines of a workbook, as dicts by heading."""
    head, *rows = sheet_of(answer).values
    return [dict(zip(head, row, strict=True)) for row in rows]


def lines_of(answer):
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


@pytest.fixture
def city(db):
    """Issues of two districts, one of them closed, one returned and asked for time, with assisting departments."""
    firm = make.make_firm(
        db, name="平顶山市甲机械有限公司", credit_code="914104990000000123", contact_phone="13837501234"
    )
    visit = make.make_visit(db, firm=firm, issues=(make.new_issue(title="=1+1"),))
    other = make.make_user(db, "officer", district_id=make.OTHER_DISTRICT)
    closed = make.make_issue(db, firm=firm, status="closed", title="已办结的")
    asked = make.make_issue(db, firm=firm, status="in_progress")
    make.move(db, asked, "request_extension")
    make.move(db, make.make_issue(db, firm=firm, status="dispatched", title="有协办的"), "assist")
    far = make.make_issue(db, officer=other, status="disputed")
    return {"firm": firm, "visit": visit, "closed": closed, "asked": asked, "far": far}


def test_the_headings_are_those_of_the_offices(city, page):
    assert [cell.value for cell in sheet_of(page("head").get("/reports/ledger.xlsx"))[1]] == ISSUES
    assert [cell.value for cell in sheet_of(page("head").get("/reports/visits.xlsx"))[1]] == VISITS
    assert list(lines_of(page("head").get("/reports/ledger.csv"))[0]) == ISSUES
    assert list(lines_of(page("head").get("/reports/visits.csv"))[0]) == VISITS


def test_what_a_line_says(city, page):
    rows = {row["问题编号"]: row for row in rows_of(page("head").get("/reports/ledger.xlsx"))}
    row = rows[city["closed"].number]
    assert row["是否解决"] == "已解决" and row["销号"] == "是" and row["企业满意度"] == "满意"
    assert row["回访情况"] == "企业确认已解决" and row["解决措施"] == "问题已解决。"
    assert row["问题交办单位"] == "国网平顶山供电公司" and row["责任人"] == "测试handler"
    for name in ("收集时间", "交办时间", "解决问题时限", "签收时间", "办结时间"):
        assert isinstance(row[name], datetime), name
    assert rows[city["asked"].number]["延期申请"].startswith("待审")
    assert any(row["协办单位"] for row in rows.values())


def test_the_list_and_the_ledger_agree(city, page, db):
    head = page("head")
    for query in (
        "",
        "status=open",
        "status=closed",
        "due=overdue",
        "q=已办结",
        "status=in_progress&pending=extension",
    ):
        rows = rows_of(head.get(f"/reports/ledger.xlsx?{query}"))
        assert len(rows) == len(lines_of(head.get(f"/reports/ledger.csv?{query}")))
        expected = {"": 4, "status=open": 3, "status=closed": 1, "due=overdue": 0, "q=已办结": 1}.get(query, 1)
        assert len(rows) == expected, query
        assert f"{expected} 件" in head.get(f"/reports/?{query}").read
    assert len(rows_of(page("office").get("/reports/ledger.xlsx"))) == 5
    assert len(rows_of(page("office").get(f"/reports/ledger.xlsx?district={make.OTHER_DISTRICT}"))) == 1
    head.get("/reports/ledger.xlsx?status=lost", status=404)


def test_nobody_exports_what_she_may_not_see(city, page):
    names = {
        row["县(市、区)"] for row in rows_of(page("head").get(f"/reports/ledger.xlsx?district={make.OTHER_DISTRICT}"))
    }
    assert names == set()
    for role in ("officer", "handler"):
        for url in ("/reports/", "/reports/ledger.xlsx", "/reports/visits.csv"):
            page(role).get(url, status=403)


def test_text_stays_text(city, page):
    answer = page("head").get("/reports/ledger.xlsx")
    cells = [cell for row in sheet_of(answer).iter_rows(min_row=2) for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith("=1+1") for cell in cells)
    lines = lines_of(page("head").get("/reports/ledger.csv"))
    assert any(line["企业问题诉求"].startswith("'=1+1") for line in lines)
    visit = sheet_of(page("head").get("/reports/visits.xlsx"))
    code = next(cell for cell in visit[2] if cell.column == 4)
    assert (code.value, code.data_type) == ("914104990000000123", "s")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_whatever_a_spreadsheet_would_calculate_is_marked(start):
    file = io.BytesIO()
    sheets.write_csv(file, [sheets.Column("a")], [[f"{start}cmd"], ["plain"], [-5]])
    lines = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))
    assert lines == [["a"], [f"'{start}cmd"], ["plain"], ["-5"]]


def test_a_workbook_is_ready_to_read(city, page):
    sheet = sheet_of(page("head").get("/reports/ledger.xlsx"))
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:Z{sheet.max_row}"
    assert sheet.column_dimensions["H"].width > 40
    assert sheet["C2"].number_format == "yyyy-mm-dd"


def test_a_long_text_is_cut_not_lost():
    file = io.BytesIO()
    assert sheets.write_xlsx(file, "x", [sheets.Column("a")], [["长" * 40_000], [None], ["\x01"]]) == 3
    values = [row[0] for row in openpyxl.load_workbook(file).active.values]
    assert len(values[1]) == sheets.LONGEST_TEXT


def test_telephones_only_when_asked_for_and_written_down(city, page, db):
    head = page("head")
    assert b"13837501234" not in head.get("/reports/ledger.csv").data
    asked = lines_of(head.get("/reports/ledger.csv?contacts=y"))
    assert {line["联系电话"] for line in asked} == {"13837501234"}
    assert lines_of(head.get("/reports/visits.csv?contacts=y"))[0]["联系电话"] == "13837501234"
    page("auditor").get("/reports/ledger.csv?contacts=y", status=403)
    page("auditor").get("/reports/visits.xlsx?contacts=y", status=403)
    rows = audit.list_entries(db, Search())
    assert [row["object"] for row in rows if row["action"] == "contact_revealed"] == ["report:visits", "report:issues"]


def test_every_export_is_written_down(city, page, db):
    head = page("head")
    head.get("/reports/ledger.xlsx?status=closed&q=王经理")
    head.get("/reports/visits.csv")
    visits, issues = [row for row in audit.list_entries(db, Search()) if row["action"] == "ledger_exported"]
    assert (visits["object"], issues["object"]) == ("report:visits", "report:issues")
    assert "status=closed" in issues["detail"] and "王" not in issues["detail"], "no personal data in the log"
    assert "1 rows" in visits["detail"] and audit.first_broken_entry(db) is None


def test_visits_of_some_days(city, page, db):
    make.make_visit(db, firm=city["firm"], visited_at=clock.now() - timedelta(days=80))
    head = page("head")
    today = clock.today()
    row = rows_of(head.get("/reports/visits.xlsx"))
    assert len(row) == 1 and row[0]["企业反映问题"] == "=1+1" and row[0]["是否需上报"] == "是，1 件"
    assert row[0]["走访时间"].date() == today and row[0]["走访方式"] == "实地"
    assert len(rows_of(head.get(f"/reports/visits.xlsx?from={today - timedelta(days=90)}&to={today}"))) == 2
    assert "不能早于开始那天。" in head.get(f"/reports/visits.xlsx?from={today}&to=2026-01-01", status=422).read
    assert "最多看一年" in head.get(f"/reports/visits.xlsx?from=2021-01-01&to={today}", status=422).read
    head.get("/reports/visits.xlsx?from=x&to=y", status=422)


def test_a_ledger_is_read_in_pieces(city, page, monkeypatch):
    whole = rows_of(page("office").get("/reports/ledger.xlsx"))
    monkeypatch.setattr("app.reports.ledgers.CHUNK", 2)
    assert rows_of(page("office").get("/reports/ledger.xlsx")) == whole


def test_visits_are_read_in_pieces_by_their_time(city, page, db, monkeypatch):
    today = clock.today()
    url = f"/reports/visits.xlsx?from={today - timedelta(days=20)}&to={today}"
    for days in (9, 3, 9, 9, 3, 12):  # what came in late stands where it belongs, and of one moment none is lost
        make.make_visit(db, firm=city["firm"], visited_at=clock.now() - timedelta(days=days))
    whole = rows_of(page("office").get(url))
    moments = [row["走访时间"] for row in whole]
    assert len(whole) == 7 and moments == sorted(moments)
    for size in (1, 2, 3):
        monkeypatch.setattr("app.reports.ledgers.CHUNK", size)
        assert rows_of(page("head").get(url)) == whole


def test_a_real_server_can_send_the_name(city, page):
    """Headers are latin-1: a Chinese name in one is a 500 that the test client does not see."""
    for url, name in (("/reports/ledger.xlsx", "问题台账_"), ("/reports/visits.csv", "走访台账_")):
        answer = page("head").get(url)
        held = answer.headers["Content-Disposition"]
        assert held.isascii() and unquote(held).split("''")[1].startswith(name)
        assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_nothing_to_export(page):
    assert sheet_of(page("head").get("/reports/ledger.xlsx")).max_row == 1
    assert lines_of(page("head").get("/reports/visits.csv")) == []


def test_the_list_leads_to_its_ledger(city, page):
    head = page("head")
    url = head.get("/issues/?status=closed").link("导出台账")
    answer = head.get(url)
    assert answer.one("#status option[selected]").get("value") == "closed"
    assert "1 件" in answer.read


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_short_ledger_comes_at_once_from_the_page(city, page, kind):
    """The button posts: the same file as the address, and the same line in the audit log."""
    head = page("head")
    direct = head.client.get(f"/reports/ledger.{kind}")
    posted = head.client.post(f"/reports/issues/{kind}", data={"status": ""})
    assert posted.status_code == 200 and posted.mimetype == direct.mimetype
    if kind == "xlsx":
        assert rows_of(posted) == rows_of(direct)


def test_a_long_ledger_is_made_by_a_job(city, app, page, db, monkeypatch):
    monkeypatch.setattr(handing_out, "LONG", 2)
    head = page("head")
    direct = rows_of(head.client.get("/reports/ledger.xlsx"))
    answer = head.client.post("/reports/issues/xlsx", data={"status": ""})
    assert answer.status_code == 303
    app.extensions["jobs"].join()
    done = head.get(answer.headers["Location"])
    file = head.client.get(done.one("#job a[download]").get("href"))
    assert rows_of(file) == direct and len(direct) > 2
    taken = [entry["detail"] for entry in audit.list_entries(db, Search(action="ledger_exported"))]
    assert len(taken) == 2 and taken[0] == taken[1] == f"xlsx; {len(direct)} rows"
    again = head.client.post("/reports/visits/csv", data={"from": "2026-13-01", "to": "x"})
    assert again.status_code == 422
