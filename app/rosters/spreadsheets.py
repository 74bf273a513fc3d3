"""Opening what an office sends: .xlsx, .xls, .csv, whatever its name says. Refuses in words what would harm. Pure.

What a file is follows from its first bytes. A workbook is measured before it is opened, see `measuring`.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from app.i18n import N_
from app.rosters.cells import Wrong
from app.rosters.columns import COLUMNS, HEADING_ROWS, NO_HEADINGS, Headings, find_headings, heading_of
from app.rosters.measuring import BROKEN, MOST_COLUMNS, MOST_ROWS, NO_TABLE, TOO_LONG, TOO_WIDE, measure
from app.rosters.models import Kind, Row

LOCKED = N_("这个文件加了密码。请去掉密码后再上传。")
EMPTY = N_("表格里没有数据。请在表头下面填写后再上传。")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Table:
    """The sheet that holds the roster. `rows` yields what stands below the headings, empty lines left out."""

    sheet: str
    headings: Headings
    total: int
    rows: Iterator[Row]


SMALL = 2 * 1024 * 1024
"""Bytes of a file that is looked at whole while its sender waits."""


def check(path: Path, kind: Kind) -> None:
    """Refuse at once what is no table, would harm, or (in a small file) has no headings. Raises Wrong in words."""
    if path.stat().st_size <= SMALL:
        with open_table(path, kind):
            return
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        measure(path)
    elif start != b"\xd0\xcf\x11\xe0":
        _encoding_of(path)


@contextmanager
def open_table(path: Path, kind: Kind) -> Iterator[Table]:
    """The roster in this file. Raises Wrong in words for what is none, is locked, broken or too large."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start:
        raise Wrong(EMPTY)
    if start.startswith(b"PK\x03\x04"):
        measure(path)
        yield _from_workbook(path, kind)
    elif start.startswith(b"\xd0\xcf\x11\xe0"):
        yield _from_workbook(path, kind)
    elif b"<html" in start.lower() or b"<table" in start.lower() or start.lstrip().startswith(b"<?xml"):
        raise Wrong(NO_TABLE)
    else:
        encoding, lines = _encoding_of(path)
        with path.open(encoding=encoding, newline="") as text:
            yield _from_csv(text, kind, lines)


def _from_workbook(path: Path, kind: Kind) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(str(path))
        visible = [
            each.name
            for each in book.sheets_metadata
            if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
        ]
        sheet, best = None, None
        for name in visible:
            sheet = None  # one at a time: each holds all its cells
            sheet = book.get_sheet_by_name(name)
            found = find_headings(kind, islice(_lines(sheet), HEADING_ROWS))
            fullness = (len(found.places), sheet.total_height) if found is not None else (0, 0)
            if found is not None and (best is None or fullness > best[0]):
                best = (fullness, name, found)
        if sheet is not None and best is not None and sheet.name != best[1]:
            sheet = None
            sheet = book.get_sheet_by_name(best[1])
    except PasswordError as error:
        raise Wrong(LOCKED) from error
    except (CalamineError, OSError, ValueError) as error:
        raise Wrong(BROKEN) from error
    if best is None or sheet is None:
        raise Wrong(NO_HEADINGS, heading=_first(kind))
    found = best[2]
    if sheet.width + (sheet.start or (0, 0))[1] > MOST_COLUMNS:
        raise Wrong(TOO_WIDE, most=MOST_COLUMNS)
    if sheet.total_height > MOST_ROWS + HEADING_ROWS:
        raise Wrong(TOO_LONG, most=MOST_ROWS)
    lines = _merged_down(_lines(sheet), sheet.merged_cell_ranges or ())
    return _table(sheet.name, found, lines, max(sheet.total_height - found.row - 1, 0))


def _lines(sheet: Any) -> Iterator[list[Any]]:
    """The sheet's rows from its very first on, as Excel counts them."""
    rows, columns = sheet.start or (0, 0)
    for _above in range(rows):
        yield []
    left = [""] * columns
    for cells in sheet.iter_rows():
        yield [*left, *cells]


def _merged_down(lines: Iterator[list[Any]], ranges: Sequence[Any]) -> Iterator[list[Any]]:
    """Cells merged over several rows say in each row what they say in the first."""
    tops: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _right) in ranges:
        if bottom > top:
            tops.setdefault(top, []).append((left, bottom))
    held: dict[int, tuple[int, Any]] = {}  # column: last row of the merge, value
    for at, cells in enumerate(lines):
        for column, (bottom, value) in list(held.items()):
            if at > bottom:
                del held[column]
            elif column < len(cells) and cells[column] in ("", None):
                cells[column] = value
        for column, bottom in tops.get(at, ()):
            if column < len(cells):
                held[column] = (bottom, cells[column])
        yield cells


def _encoding_of(path: Path) -> tuple[str, int]:
    """The encoding in which the whole text makes sense, and how many lines it has."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif start.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        try:
            with path.open(encoding=encoding, newline="") as text:
                lines = 0
                while chunk := text.read(_CHUNK):
                    if "\x00" in chunk:
                        raise Wrong(NO_TABLE)
                    lines += chunk.count("\n") or chunk.count("\r")
                return encoding, lines
        except UnicodeError:
            continue
    raise Wrong(NO_TABLE)


def _from_csv(text: io.TextIOBase, kind: Kind, lines: int) -> Table:
    start = text.read(8192)
    text.seek(0)
    first = next((line for line in start.splitlines() if line.strip()), "")
    delimiter = max(",\t;，", key=first.count) if any(each in first for each in ",\t;，") else ","
    if delimiter not in first or find_headings(kind, csv.reader(start.splitlines(), delimiter=delimiter)) is None:
        # A title above the headings may have commas of its own: the headings decide.
        tried = ((each, find_headings(kind, csv.reader(start.splitlines(), delimiter=each))) for each in ",\t;，")
        delimiter = next((each for each, found in tried if found is not None), delimiter)
    found = find_headings(kind, islice(_csv_lines(csv.reader(text, delimiter=delimiter)), HEADING_ROWS))
    if found is None:
        raise Wrong(NO_HEADINGS, heading=_first(kind))
    text.seek(0)
    return _table("", found, _csv_lines(csv.reader(text, delimiter=delimiter)), max(lines - found.row - 1, 0))


def _csv_lines(reader: Iterator[list[str]]) -> Iterator[list[Any]]:
    try:
        for at, cells in enumerate(reader):
            if len(cells) > MOST_COLUMNS:
                raise Wrong(TOO_WIDE, most=MOST_COLUMNS)
            if at > MOST_ROWS + HEADING_ROWS:
                raise Wrong(TOO_LONG, most=MOST_ROWS)
            yield list(cells)
    except csv.Error as error:
        raise Wrong(BROKEN) from error


def _first(kind: Kind) -> str:
    return COLUMNS[kind][0].heading


def _table(sheet: str, found: Headings, lines: Iterator[list[Any]], total: int) -> Table:
    def rows() -> Iterator[Row]:
        for at, cells in enumerate(lines):
            if at <= found.row or all(raw is None or (isinstance(raw, str) and not raw.strip()) for raw in cells):
                continue
            if _is_repeated(found, cells):
                continue
            yield Row(at + 1, cells, found.places)

    return Table(sheet, found, total, rows())


def _is_repeated(found: Headings, cells: Sequence[Any]) -> bool:
    """Whether the headings stand here once more, as on each page of a printed ledger."""
    first = min(found.places.values())
    return (
        first < len(cells)
        and heading_of(cells[first]) == found.cells[first]
        and [heading_of(raw) for raw in cells] == found.cells
    )
