# ruff: noqa: DTZ001 (the moments of a workbook have no zone)
"""One cell, however it was written."""

from datetime import date, datetime

import pytest

from app.firms.names import clean_name, signature
from app.rosters.cells import Wrong, plain, read_code, read_day, read_phone
from app.rosters.columns import find_headings
from app.rosters.models import Kind, letters
from tests.rosters.books import code


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (1.5, "1.5"),
        (True, "是"),
        ("ＡＢ１２", "AB12"),
        (" a\n b\t", "a b"),
        ("平\u200b煤", "平煤"),
        ("\ue000x", "x"),
        (datetime(2026, 1, 5), "2026-01-05"),
    ],
)
def test_plain(raw, text):
    assert plain(raw) == text


@pytest.mark.parametrize(
    "raw",
    [
        date(2026, 1, 5),
        datetime(2026, 1, 5, 9),
        46027,
        "46027",
        "2026-01-05",
        "2026/1/5",
        "2026.1.5",
        "2026年1月5日",
        "20260105",
        "2026-01-05 09:30",
    ],
)
def test_days(raw):
    assert read_day(raw) == date(2026, 1, 5)


@pytest.mark.parametrize("raw", ["2026-13-05", "2026-02-30", "5/1/2026", "昨天", 12, "1926-01-05"])
def test_no_days(raw):
    with pytest.raises(Wrong):
        read_day(raw)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("138 3750 0001", "13837500001"),
        (13837500001.0, "13837500001"),
        ("+86-13837500001", "13837500001"),
        ("(0375)2861234", "0375-2861234"),
        ("2861234转801", "2861234-801"),
        ("0375—2861234", "0375-2861234"),
        ("400-800-1234", "4008001234"),
        ("无", None),
        ("", None),
    ],
)
def test_phones(raw, number):
    assert read_phone(raw) == number


@pytest.mark.parametrize("raw", ["1383750000", "138375000012", "1.38E+10", "王经理", "13837500001、13837500002"])
def test_no_phones(raw):
    with pytest.raises(Wrong):
        read_phone(raw)


def test_codes():
    assert read_code(f" {code(3).lower()} ") == code(3) and read_code("无") is None
    for wrong in (code(3)[:-1], code(3)[:-1] + "I", "410400000000001", 914104000000000000, "9.1410400E+17"):
        with pytest.raises(Wrong):
            read_code(wrong)


@pytest.mark.parametrize(
    ("one", "other", "are_near"),
    [
        ("鹰城甲（集团）有限公司", "鹰城甲(集团)有限公司", True),
        ("鹰城甲有限公司", "鹰城甲有限责任公司", True),
        ("平顶山市鹰城甲有限公司", "平顶山鹰城甲有限公司", True),
        ("鹰城甲ＡＢＣ有限公司", "鹰城甲abc有限公司", True),
        ("鹰城甲第一分公司", "鹰城甲第二分公司", False),
        ("鹰城甲1号店", "鹰城甲2号店", False),
        ("鹰城甲有限公司", "鹰城乙有限公司", False),
        ("鹰城甲有限公司", "鹰城甲有限公司叶县分公司", False),
    ],
)
def test_near_names(one, other, are_near):
    assert (signature(one) == signature(other)) is are_near


def test_a_name_is_written_one_way():
    assert clean_name("\u3000鹰城 甲(集团)\n有限\u200b公司 ") == "鹰城甲（集团）有限公司"
    assert clean_name("A  B (HK) Ltd") == "A B (HK) Ltd"


def test_a_title_is_no_heading_and_the_template_own_word_wins():
    rows = [
        ["企业名称统计表", "", ""],
        ["序号", "企业", "企业名称（全称）", "区县"],
        ["1", "甲", "甲有限公司", "新华区"],
    ]
    found = find_headings(Kind.FIRMS, rows)
    assert found.row == 1 and found.places == {"name": 2, "district": 3} and found.unknown == ["企业"]


def test_columns_have_letters():
    assert [letters(at) for at in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
