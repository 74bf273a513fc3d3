"""A ledger as a file: .xlsx in constant memory, or .csv for whatever else. No text is ever a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

Cell = str | int | date | None

LONGEST_TEXT = 32_000
"""Excel holds 32,767 characters in a cell and drops what is longer without a word."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEAD = {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E6EEFB", "border": 1}


@dataclass(frozen=True)
class Column:
    """A heading and how wide its column is, in characters; long texts wrap."""

    heading: str
    width: int = 12


def write_xlsx(file: IO[bytes], title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> int:
    """Write the sheet row by row; how many rows there were."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    text, day, number = (
        book.add_format({"text_wrap": True, "valign": "top", "num_format": form}) for form in ("@", "yyyy-mm-dd", "0")
    )
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
    sheet.set_row(0, 32)
    head = book.add_format(_HEAD)
    for at, column in enumerate(columns):
        sheet.write_string(0, at, column.heading, head)
    count = 0
    for count, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            _write(sheet, count, at, value, text, day, number)
    sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
    book.close()
    return count


def _write(sheet: Any, row: int, at: int, value: Cell, text: Any, day: Any, number: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(row, at, value, day)
    elif isinstance(value, int):
        sheet.write_number(row, at, value, number)
    else:
        sheet.write_string(row, at, value[:LONGEST_TEXT], text)


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> int:
    """Write UTF-8 with its mark, as Chinese Excel wants it; how many rows there were."""
    out = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(out)
    writer.writerow([column.heading for column in columns])
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 (the last one is how many)
        writer.writerow([_plain(value) for value in row])
    out.flush()
    out.detach()  # the file stays open: it is the caller's
    return count


def _plain(value: Cell) -> str:
    """A cell as text; one that a spreadsheet would calculate is marked as text."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return f"'{value}" if value.startswith(_FORMULA) else value
