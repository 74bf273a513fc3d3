"""Files that are no rosters: refused in words, quickly, with nothing left behind."""

import io
import zipfile
import zlib

import pytest

from app.db import fetch_value
from app.rosters import measuring
from tests import factories
from tests.rosters.books import xlsx

HEAD = ["企业名称", "区县"]


def bomb() -> bytes:
    """Half a gigabyte of blanks in a sheet of half a megabyte."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        with book.open("xl/worksheets/sheet1.xml", "w") as part:
            for _megabyte in range(measuring.MOST_UNPACKED // (1 << 20) + 100):
                part.write(b" " * (1 << 20))
    return file.getvalue()


def repacked(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The same workbook with something else in one part."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for part in book.namelist():
            data = book.read(part)
            if part == name:
                assert old in data
                data = data.replace(old, new)
            out.writestr(part, data)
    return file.getvalue()


def lying() -> bytes:
    """A workbook that says it unpacks to a few bytes, with their checksum, and unpacks to half a gigabyte."""
    raw = bytearray(bomb())
    said, checksum = (8).to_bytes(4, "little"), zlib.crc32(b" " * 8).to_bytes(4, "little")
    for signature, offset in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = raw.rfind(signature)  # the sheet comes last
        raw[at + offset : at + offset + 4] = checksum
        raw[at + offset + 8 : at + offset + 12] = said
    return bytes(raw)


GOOD = xlsx([HEAD, ["鹰城甲有限公司", "新华区"]])
SHEET = "xl/worksheets/sheet1.xml"

FILES = {
    "a picture": (factories.jpeg_bytes(), "不是 Excel 表格"),
    "nothing": (b"", "没有数据"),
    "half a workbook": (GOOD[: len(GOOD) // 2], "打不开"),
    "another zip": (repacked(GOOD, "xl/workbook.xml", b"workbook", b"workbuch"), "打不开"),
    "a bomb": (bomb(), "解压后太大"),
    "sizes that lie": (lying(), "解压后太大"),
    "10,000 columns": (xlsx([[*HEAD, *(f"列{nth}" for nth in range(10_000))], ["鹰城甲有限公司"]]), "超过 50 列"),
    "one cell far right": (repacked(GOOD, SHEET, b'r="B2"', b'r="XFD2"'), "超过 50 列"),
    "one cell far below": (repacked(GOOD, SHEET, b'r="B2"', b'r="B1048576"'), "超过 200000 行"),
    "cells without a place": (repacked(GOOD, SHEET, b' r="B2"', b""), "打不开"),
    "no headings": (xlsx([["甲", "乙"], ["丙", "丁"]]), "没有找到表头"),
    "headings alone": (xlsx([HEAD]), "没有数据"),
    "a page": (b"<!doctype html><html><table><tr><td>1</td></tr></table></html>", "不是 Excel 表格"),
    "bytes": (bytes(range(256)) * 40, "不是 Excel 表格"),
    "an old workbook's start": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "打不开"),
    "a csv of 10,000 columns": (",".join(["企业名称", "区县", *("列" for _ in range(10_000))]).encode(), "超过 50 列"),
}


@pytest.mark.parametrize("what", FILES)
def test_it_is_refused_in_words_and_leaves_nothing(db, desk, settings, what):
    content, words = FILES[what]
    answer = desk.send("firms", content, status=(303, 422))
    if answer.has("form[enctype]"):
        assert words in answer.one("[role=alert]").text
        assert fetch_value(db, "SELECT count(*) FROM roster_imports") == 0
        assert list(settings.rosters.iterdir()) == []
    else:  # what only reading it to the end shows
        assert what == "headings alone" and words in answer.one("[role=alert]").text
    assert fetch_value(db, "SELECT count(*) FROM firms") == 0


def test_without_a_file_the_form_says_so(page):
    page("office").post("/office/rosters/firms", data={}, status=422)


def test_only_the_office_takes_rosters_in(page, db, desk):
    desk.send("firms", GOOD)
    for role in ("officer", "handler", "dispatcher", "head", "auditor"):
        for url in ("/office/rosters/", "/office/rosters/firms", "/office/rosters/imports/1"):
            page(role).get(url, status=403)
        page(role).post("/office/rosters/imports/1/storing", status=403)
    assert fetch_value(db, "SELECT count(*) FROM firms") == 0
