"""Files as offices send them, made for tests."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from app.firms.credit_code import check_character

FIRM_HEADINGS = (
    "企业名称",
    "统一社会信用代码",
    "区县",
    "乡镇街道",
    "地址",
    "行业",
    "联系人",
    "联系电话",
    "企业现状",
    "首席服务官",
)


def code(nth: int) -> str:
    """A valid credit code, another for each number."""
    body = f"91410400{nth:09d}"
    return body + check_character(body)


def xlsx(
    rows: Sequence[Sequence[Any]], *, sheet: str = "Sheet1", before=(), hidden: Sequence[str] = (), merges=()
) -> bytes:
    """A workbook whose last sheet holds these rows; `before` are sheets before it: (name, rows)."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, content in [*before, (sheet, rows)]:
        page = book.add_worksheet(name)
        for at, row in enumerate(content):
            for column, value in enumerate(row):
                if isinstance(value, date | datetime):
                    page.write_datetime(at, column, value, day)
                elif value is not None:
                    page.write(at, column, value)
        if name in hidden:
            page.hide()
        if name == sheet:
            page.activate()
            for first_row, first, last_row, last, value in merges:
                page.merge_range(first_row, first, last_row, last, value)
    book.close()
    return file.getvalue()


def text(rows: Sequence[Sequence[Any]], encoding: str, delimiter: str = ",") -> bytes:
    """The same as a CSV file."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def rows_of(content: bytes) -> list[list[Any]]:
    """The first sheet of a workbook that we made."""
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
