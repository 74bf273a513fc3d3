"""The firms' roster from file to city: preview, then one transaction."""

import re

import pytest

from app.audit import store as audit
from app.db import fetch_all, fetch_one, fetch_value
from app.firms import store as firms
from app.firms.models import FirmStatus
from tests import factories
from tests.rosters.books import FIRM_HEADINGS, code, rows_of, text, xlsx

HEAD = ("企业名称", "统一社会信用代码", "区县", "联系电话")


def table(*rows) -> bytes:
    return xlsx([HEAD, *rows])


def firm(db, credit_code):
    return fetch_one(db, "SELECT * FROM firms WHERE credit_code = :code", {"code": credit_code})


def test_new_firms_are_shown_then_stored_found_and_told_of(db, desk):
    officer = factories.make_user(db, "officer", name="测试服务官甲")
    full = [
        FIRM_HEADINGS,
        [
            "鹰城（集团）有限公司",
            code(1),
            "新华区",
            "",
            "建设路1号",
            "工业",
            "王经理",
            "0375 2861234",
            "正常",
            officer.name,
        ],
    ]
    shown = desk.send("firms", xlsx(full))
    assert desk.counts == {"new": 1} and firm(db, code(1)) is None, "a preview stores nothing"
    assert "鹰城（集团）有限公司" in shown.one("tbody").text and "2861234" not in shown.text
    done = desk.store()
    assert "已入库 1 行" in done.text
    row = firm(db, code(1))
    assert (row["contact_phone"], row["address"], row["status"]) == ("0375-2861234", "建设路1号", "operating")
    office = factories.the_user(db, "office")
    assert firms.get_firm(db, row["id"], visible_to=office).officer_id == officer.id
    for query in ("集团", "ycjt", code(1)[4:]):
        found = firms.list_firms(db, visible_to=office, now=factories.clock.now(), query=query)
        assert [each["id"] for each in found] == [row["id"]], query
    entry = fetch_one(db, "SELECT * FROM audit_log WHERE action = 'roster_imported'")
    assert entry["by_id"] == office.id and "stored=1" in entry["detail"] and "鹰城" not in entry["detail"]
    assert audit.first_broken_entry(db) is None


def test_the_same_file_twice_changes_nothing(db, desk):
    content = table(["鹰城甲有限公司", code(1), "新华区", "13837500001"], ["鹰城乙有限公司", "", "410402", ""])
    assert desk.take_in("firms", content) == {"new": 2}
    before = [dict(row) for row in fetch_all(db, "SELECT * FROM firms ORDER BY id")]
    page = desk.send("firms", content)
    assert desk.counts == {"same": 2} and not page.has("form[action$=storing]")
    desk.store()
    assert "没有要入库的行" in desk.show().text
    assert [dict(row) for row in fetch_all(db, "SELECT * FROM firms ORDER BY id")] == before


def test_changes_are_shown_old_and_new_and_an_empty_cell_changes_nothing(db, desk):
    desk.take_in("firms", xlsx([[*HEAD, "地址"], ["鹰城甲有限公司", code(1), "新华区", "13837500001", "建设路1号"]]))
    page = desk.send("firms", xlsx([[*HEAD, "地址"], ["鹰城甲有限公司", code(1), "卫东区", "", "矿工路2号"]]))
    assert desk.counts == {"changed": 1}
    assert "建设路1号 → 矿工路2号" in page.one("tbody").text and "新华区 → 卫东区" in page.one("tbody").text
    desk.store()
    row = firm(db, code(1))
    assert (row["district_id"], row["address"], row["contact_phone"], row["version"]) == (
        410403,
        "矿工路2号",
        "13837500001",
        2,
    )
    assert fetch_value(db, "SELECT detail FROM audit_log WHERE action = 'firm_changed'") == "address district_id"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["鹰城甲有限公司", "91410400MA40000000", "新华区", ""]], "B2 统一社会信用代码的校验位不对"),
        ([["鹰城甲有限公司", 9.14e17, "新华区", ""]], "B2 Excel 把信用代码变成了数字"),
        ([["鹰城甲有限公司", "9.14E+17", "新华区", ""]], "B2 Excel 把信用代码变成了数字"),
        ([["鹰城甲有限公司", "", "新化区", ""]], "C2 没有“新化区”这个区县"),
        ([["鹰城甲有限公司", "", "", ""]], "C2 没有写区县"),
        ([["鹰城甲有限公司", "", "新华区", "1383750"]], "D2 电话写法不对"),
        ([["", code(1), "新华区", ""]], "A2 这一格不能空"),
        ([["鹰城甲有限公司", code(1), "新华区", ""], ["鹰城甲有限责任公司", code(1), "新华区", ""]], "与第 2 行重复"),
    ],
)
def test_what_cannot_be_taken_says_why_and_where(desk, rows, reason):
    desk.send("firms", table(*rows))
    assert desk.counts["refused"] == 1
    assert reason in desk.show("refused").one("tbody").text


def test_refused_rows_come_back_as_a_file_that_is_taken_once_corrected(db, desk, page):
    content = xlsx(
        [
            ["序号", *HEAD],
            [1, "鹰城甲有限公司", code(1), "新华区", ""],
            [2, "鹰城乙有限公司", "", "新化区", "13837500001"],
        ]
    )
    shown = desk.send("firms", content)
    answer = page("office").client.get(shown.link("下载不收的行"))
    head, line = rows_of(answer.data)
    assert head == ["原因", "序号", *HEAD] and line[2:] == ["鹰城乙有限公司", "", "新化区", "13837500001"]
    assert line[0].startswith("D3 没有“新化区”")
    desk.store()
    assert desk.take_in("firms", xlsx([head, [*line[:4], "新华区", line[5]]])) == {"new": 1}
    assert fetch_value(db, "SELECT count(*) FROM firms") == 2


DOUBTFUL = [
    ("鹰城甲有限责任公司", "", "名称相近"),
    ("鹰城甲(有限公司)", "", "名称相近"),
    ("鹰城别名有限公司", code(1), "现在登记的是“鹰城甲有限公司”"),
    ("鹰城甲有限公司", code(2), "已有同名企业"),
]


@pytest.mark.parametrize(("name", "credit_code", "reason"), DOUBTFUL)
def test_what_is_doubtful_is_left_alone_unless_ticked(db, desk, page, name, credit_code, reason):
    desk.take_in("firms", table(["鹰城甲有限公司", code(1), "新华区", ""]))
    desk.send("firms", table([name, credit_code, "新华区", ""]))
    assert desk.counts == {"doubtful": 1}
    shown = desk.show("doubtful")
    assert reason in shown.one("tbody").text
    form = shown.one("#ticks")
    page("office").send(form, line=form.one("[name=line]").get("value"))
    assert desk.show("doubtful").one("[name=line]").get("checked") is not None
    desk.store()
    assert fetch_value(db, "SELECT name FROM firms ORDER BY version DESC, id DESC") == re.sub(
        r"\((.*)\)", r"（\1）", name
    )


def test_branches_that_differ_in_a_number_are_different_firms(desk):
    names = [
        "鹰城甲有限公司第一分公司",
        "鹰城甲有限公司第二分公司",
        "鹰城甲有限公司第12分公司",
        "鹰城甲有限公司第13分公司",
    ]
    assert desk.take_in("firms", table(*([name, "", "新华区", ""] for name in names))) == {"new": 4}


def test_one_code_under_two_names_in_a_file_makes_both_doubtful(desk):
    desk.send("firms", table(["鹰城甲有限公司", code(1), "新华区", ""], ["鹰城丙有限公司", code(1), "新华区", ""]))
    assert desk.counts == {"doubtful": 2}
    desk.page("office").post(desk.show().one("#ticks").get("action"), data={"all": "yes"})
    desk.store()
    assert "只能选一行" in desk.show().text


WILD = ["\u3000鹰城\u200b甲(集团)\n有限公司 ", code(7).lower(), "平顶山市新华区", "138 3750-0001"]


def test_oddities_are_read_as_they_are_meant(db, desk):
    desk.take_in("firms", table(WILD))
    row = firm(db, code(7))
    assert (row["name"], row["district_id"], row["contact_phone"]) == ("鹰城甲（集团）有限公司", 410402, "13837500001")
    assert desk.take_in("firms", table(["鹰城甲（集团）有限公司", code(7), "410402", 13837500001])) == {"same": 1}


@pytest.mark.parametrize(
    "content",
    [
        text([HEAD, ["鹰城甲有限公司", code(1), "新华区", "13837500001"]], "gb18030"),
        text([HEAD, ["鹰城甲有限公司", code(1), "新华区", "13837500001"]], "utf-8"),
        text([HEAD, ["鹰城甲有限公司", code(1), "新华区", "13837500001"]], "utf-8-sig"),
        text([HEAD, ["鹰城甲有限公司", code(1), "新华区", "13837500001"]], "utf-16", "\t"),
        text([HEAD, ["鹰城甲有限公司", code(1), "新华区", "13837500001"]], "gb18030", ";"),
        xlsx(
            [["2026年企业名册"], [], ["单位：市营商办"], HEAD, ["鹰城甲有限公司", code(1), "新华区", "13837500001"]],
            merges=[(0, 0, 0, 3, "2026年企业名册")],
        ),
        xlsx(
            [
                ["*单位名称（全称）", "社会信用代码", "所属县区", "企业联系电话"],
                ["鹰城甲有限公司", code(1), "新华区", "13837500001"],
            ]
        ),
        xlsx(
            [HEAD, ["鹰城甲有限公司", code(1), "新华区", "13837500001"]],
            before=[("说明", [["填表说明"]]), ("旧", [HEAD, ["旧有限公司", "", "新华区", ""]])],
            hidden=["旧"],
        ),
        xlsx([HEAD, ["鹰城甲有限公司", code(1), "", "13837500001"]], merges=[(1, 2, 3, 2, "新华区")]),
    ],
)
def test_every_way_of_sending_it(db, desk, content):
    desk.take_in("firms", content, "企业.csv")
    assert firm(db, code(1))["contact_phone"] == "13837500001"
    assert fetch_value(db, "SELECT count(*) FROM firms") == 1


def test_a_firm_that_left_is_closed_and_keeps_its_record(db, desk):
    officer = factories.the_user(db, "officer")
    gone, stays = (
        factories.make_firm(db, officer=officer, name=name, credit_code=code(n))
        for n, name in enumerate(("走了有限公司", "还在有限公司"))
    )
    elsewhere = factories.make_firm(db, officer=officer, district_id=factories.OTHER_DISTRICT)
    issue = factories.make_issue(db, firm=gone, officer=officer)
    district = fetch_value(db, "SELECT name FROM districts WHERE id = :id", {"id": factories.DISTRICT})
    content = table([stays.name, stays.credit_code, district, ""])
    assert desk.take_in("firms", content) == {"same": 1}, "without being asked nobody leaves"
    page = desk.send("firms", content, is_full="y")
    assert desk.counts == {"same": 1, "leaving": 1}
    assert "1 个未办结的问题" in page.one("tbody").text and "→ 已注销" in page.one("tbody").text
    desk.store()
    states = dict(fetch_all(db, "SELECT id, status FROM firms"))
    assert states == {gone.id: FirmStatus.CLOSED, stays.id: "operating", elsewhere.id: "operating"}
    assert (
        fetch_value(db, "SELECT count(*) FROM firm_officers WHERE firm_id = :id AND to_on IS NULL", {"id": gone.id})
        == 0
    )
    assert fetch_value(db, "SELECT status FROM issues WHERE id = :id", {"id": issue.id}) == issue.status


def test_nobody_leaves_while_rows_are_refused(db, desk):
    factories.make_firm(db)
    district = fetch_value(db, "SELECT name FROM districts WHERE id = :id", {"id": factories.DISTRICT})
    desk.send("firms", table(["鹰城甲有限公司", "", district, ""], ["鹰城乙有限公司", "", district, "12"]), is_full="y")
    assert desk.counts == {"new": 1, "refused": 1}


def test_what_changed_since_the_preview_is_compared_anew_and_nothing_stored(db, desk):
    desk.take_in("firms", table(["鹰城甲有限公司", code(1), "新华区", "13837500001"]))
    desk.send(
        "firms", table(["鹰城甲有限公司", code(1), "新华区", "13837500002"], ["鹰城乙有限公司", code(2), "新华区", ""])
    )
    db.conn.execute("UPDATE firms SET contact_phone = '13837500009'")
    again = desk.store()
    assert "没有作任何改动" in again.text and again.has("form[action$=storing]")
    assert fetch_value(db, "SELECT count(*) FROM firms") == 1
    desk.store()
    assert (
        fetch_value(db, "SELECT contact_phone FROM firms WHERE credit_code = :code", {"code": code(1)}) == "13837500002"
    )
    assert fetch_value(db, "SELECT count(*) FROM firms") == 2


def test_a_preview_is_stored_once_and_not_after_it_was_given_up(db, desk, page):
    desk.send("firms", table(["鹰城甲有限公司", code(1), "新华区", ""]))
    form = desk.show().one("form[action$=storing]")
    desk.store()
    page("office").send(form, status=409)
    desk.send("firms", table(["鹰城乙有限公司", code(2), "新华区", ""]))
    page("office").send(desk.show().one("form[action$=dropping]"))
    desk.store(status=409)
    assert fetch_value(db, "SELECT count(*) FROM firms") == 1


def test_ticks_on_the_page_go_along_with_the_button_that_stores(db, desk, page):
    desk.take_in("firms", table(["鹰城甲有限公司", code(1), "新华区", ""]))
    shown = desk.send("firms", table(["鹰城甲有限责任公司", "", "新华区", ""]))
    button = shown.one("button[formaction$=storing]")
    assert button.get("form") == "ticks"
    form = shown.one("#ticks")
    page("office").post(button.get("formaction"), data={**form.values, "line": form.one("[name=line]").get("value")})
    desk.runner.join()
    assert fetch_value(db, "SELECT count(*) FROM firms") == 2
