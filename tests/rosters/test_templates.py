"""The template that offices fill in, and the headings of the ledgers that they have already."""

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.db import fetch_all, fetch_value
from app.rosters.columns import COLUMNS, find_headings
from app.rosters.models import Kind, letters
from tests import factories
from tests.rosters.books import code, rows_of, xlsx

SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

LISTS = {
    Kind.FIRMS: {
        "区县": "新华区",
        "乡镇街道": "焦店镇",
        "行业": "工业",
        "规模": "四上",
        "企业现状": "停产停业",
    },
    Kind.OFFICERS: {"区县": "新华区"},
    Kind.DEPARTMENTS: {},
    Kind.HANDLERS: {"责任单位": "市发展和改革委员会"},
    Kind.ASSIGNMENTS: {"区县": "新华区", "分工": "协助"},
}
"""The headings whose cells offer a list, and a word that it has."""


def template(page, kind: Kind) -> bytes:
    return page("office").client.get(f"/office/rosters/{kind}/template.xlsx").data


def offered(content: bytes) -> dict[str, tuple[str, ...]]:
    """The words that each column's cells offer, by the column's letter."""
    words, found = [list(column) for column in zip(*rows_of_hidden(content), strict=True)], {}
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 (our own file)
    for each in sheet.iter(f"{SHEETS}dataValidation"):
        assert each.get("type") == "list"
        at = re.fullmatch(r"选项!\$([A-Z])\$1:\$\1\$(\d+)", each.findtext(f"{SHEETS}formula1"))
        column = re.fullmatch(r"([A-Z])2:\1\d+", each.get("sqref"))[1]
        found[column] = tuple(words[ord(at[1]) - 65][: int(at[2])])
    return found


def rows_of_hidden(content: bytes) -> list:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("选项").to_python()


@pytest.mark.parametrize("kind", Kind)
def test_a_template_has_the_headings_and_offers_the_words_of_this_city(page, kind):
    content = template(page, kind)
    [head] = rows_of(content)
    assert [heading.removeprefix("*") for heading in head] == [column.heading for column in COLUMNS[kind]]
    lists = offered(content)
    columns = {heading.removeprefix("*"): letters(at) for at, heading in enumerate(head)}
    assert set(lists) == {columns[heading] for heading in LISTS[kind]}
    for heading, word in LISTS[kind].items():
        assert word in lists[columns[heading]] and "" not in lists[columns[heading]], heading


def test_what_is_out_of_use_is_not_offered(db, page):
    name = fetch_value(db, "SELECT name FROM departments ORDER BY id LIMIT 1")
    db.conn.execute("UPDATE departments SET is_active = 0 WHERE name = ?", [name])
    [words] = offered(template(page, Kind.HANDLERS)).values()
    assert words and name not in words


def test_a_filled_in_template_is_taken(db, desk):
    head = [f"*{each.heading}" if each.is_required else each.heading for each in COLUMNS[Kind.FIRMS]]
    line = dict.fromkeys(head, "") | {
        "*企业名称": "鹰城甲有限公司",
        "统一社会信用代码": code(1),
        "区县": "新华区",
        "行业": "工业",
        "规模": "四上",
        "企业现状": "停产停业",
    }
    assert desk.take_in("firms", xlsx([head, list(line.values())])) == {"new": 1}
    assert fetch_value(db, "SELECT status FROM firms") == "stopped"


SAID = {
    Kind.FIRMS: {
        "name": "企业名称 单位名称 市场主体名称 *企业名称（必填）",
        "credit_code": "统一社会信用代码 信用代码 社会信用代码",
        "district": "县(市、区) 县（市、区） 所属县区 属地",
        "township": "乡镇(街道) 镇办",
        "industry": "所属行业 行业类别",
        "size": "企业规模 规上/规下 四上企业",
        "officer": "包联领导 包联县级领导 首席服务官 首席服务员 助企专员 企业服务专员 包联人",
        "contact_name": "企业接待人 企业负责人 联系人",
        "status": "生产状态 企业现状",
    },
    Kind.OFFICERS: {"unit": "包联单位 分包单位 助企工作组 工作单位", "name": "首席服务员 姓名"},
    Kind.HANDLERS: {"department": "责任单位 承办单位 牵头单位 主办部门 问题交办单位", "name": "责任人 联系人 经办人"},
    Kind.DEPARTMENTS: {"name": "责任单位 承办单位 牵头单位 主办部门"},
}
"""Headings seen in the ledgers of counties and cities of the province."""


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [(kind, key, said) for kind, keys in SAID.items() for key, words in keys.items() for said in words.split()],
)
def test_headings_are_known_by_the_names_that_offices_use(kind, key, said):
    others = [each.heading for each in COLUMNS[kind] if each.key != key and each.is_required]
    others = others or [next(each.heading for each in COLUMNS[kind] if each.key != key)]
    found = find_headings(kind, [["序号", *others, said, "备注"]])
    assert found is not None and found.places.get(key) == len(others) + 1
    assert list(found.unknown) == ["备注"]


def test_a_ledger_that_names_two_officers_is_read_by_the_better_heading(db, desk):
    factories.make_user(db, "officer", name="测试服务员")
    rows = [
        ["企业名称", "县(市、区)", "包联领导", "首席服务员"],
        ["鹰城甲有限公司", "新华区", "某领导", "测试服务员"],
    ]
    assert desk.take_in("firms", xlsx(rows)) == {"new": 1}


def test_an_old_workbook_is_read_like_a_new_one(db, desk):
    """BIFF8 as Excel 97 to 2003 and WPS save it: a title, merged cells, a hidden sheet, a code that became a number."""
    desk.send("firms", (Path(__file__).parent / "firms.xls").read_bytes(), "企业.xls")
    assert desk.counts == {"new": 3, "refused": 1}
    assert "B6 Excel 把信用代码变成了数字" in desk.show("refused").one("tbody").text
    desk.store()
    rows = fetch_all(db, "SELECT name, district_id, contact_phone, credit_code FROM firms ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("鹰城甲（集团）有限公司", 410402, "13837500001", code(1)),
        ("鹰城乙有限公司第一分公司", 410403, "0375-2861234", None),
        ("鹰城乙有限公司第二分公司", 410403, "", None),
    ]
