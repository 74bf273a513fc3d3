"""Reading a file into its working copy, each row judged. Nothing in the city's database is changed by it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from app.rosters import sheet_store
from app.rosters.cells import Wrong, plain
from app.rosters.judging_actions import judging
from app.rosters.models import Judged, Kind, Row, Verdict
from app.rosters.spreadsheets import EMPTY, open_table
from app.search import initials

Progress = Callable[[int, int], None]
"""Told how many rows are done, of about how many."""

_BATCH = 500
_CELL = 400
"""Characters kept of a cell that is only given back to be corrected."""


def read_roster(
    db: Database, upload: Path, sheet_path: Path, *, kind: Kind, is_full: bool, today: date, progress: Progress
) -> dict[Verdict, int]:
    """Judge every row of the file into the working copy; how many came to what. Raises Wrong in words.

    With `is_full` what is stored and not in the file is listed as leaving, unless rows were refused: a firm whose row
    has a wrong phone has not left.
    """
    with sheet_store.opened(sheet_path) as sheet, open_table(upload, kind) as table:
        sheet_store.create(sheet)
        sheet_store.set_fact(sheet, "sheet", table.sheet)
        sheet_store.set_fact(sheet, "headings", list(table.headings.written))
        sheet_store.set_fact(sheet, "unknown", list(table.headings.unknown))
        judge = judging(db, kind, today=today)
        done = 0
        progress(0, table.total)
        for rows in _batches(table.rows):
            judged = judge.judge(rows)
            sheet_store.insert_rows(
                sheet,
                [(row.line, _findable(kind, each), _texts(row)) for row, each in zip(rows, judged, strict=True)],
            )
            for line, reason in judge.amended.items():
                sheet_store.make_doubtful(sheet, line, reason)
            judge.amended.clear()
            done += len(rows)
            progress(done, max(table.total, done))
        if not done:
            raise Wrong(EMPTY)
        counts = sheet_store.count_verdicts(sheet)
        if is_full and not counts.get(Verdict.REFUSED):
            leaving = enumerate(judge.leaving(), start=sheet_store.FIRST_LEAVING)
            while batch := list(islice(leaving, _BATCH)):
                sheet_store.insert_rows(sheet, [(at, each, ()) for at, each in batch])
                progress(done, max(table.total, done))
        return sheet_store.count_verdicts(sheet)


def _batches(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _findable(kind: Kind, judged: Judged) -> Judged:
    """A firm to be stored brings its pinyin initials: they take longer than the rest, so not while storing."""
    if kind is not Kind.FIRMS or judged.verdict not in (Verdict.NEW, Verdict.CHANGED, Verdict.DOUBTFUL):
        return judged
    if judged.target_id is not None and not any(change.field == "name" for change in judged.changes):
        return judged
    entry = {**judged.values, "initials": initials(judged.label)}
    return Judged(judged.verdict, judged.label, entry, judged.target_id, judged.changes, judged.reasons)


def _texts(row: Row) -> list[str]:
    """The cells as they are given back for correction: long numbers in full, days as people write them."""
    return [plain(raw)[:_CELL] for raw in row.cells]
