"""The working copy of one import: a small SQLite file beside its upload, so that the city's database holds no draft.

It is written by the one who reads the file and read by every page; what is lost with it is only the preview.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from app.db import connect, execute, fetch_all, fetch_value
from app.rosters.models import Change, Judged, Reason, Verdict

FIRST_LEAVING = 10_000_000
"""What is not in the file has no line: its rows are numbered from here."""

_BATCH = 500


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """The working copy at this path, for as long as it is needed."""
    sheet = connect(path)
    sheet.conn.execute("PRAGMA synchronous = OFF")
    try:
        yield sheet
    finally:
        sheet.conn.close()


def create(sheet: Database) -> None:
    """Begin anew: an empty copy."""
    sheet.conn.executescript(
        """
        DROP TABLE IF EXISTS sheet_rows;
        DROP TABLE IF EXISTS sheet_facts;
        CREATE TABLE sheet_rows (
          line INTEGER PRIMARY KEY,
          verdict TEXT NOT NULL,
          label TEXT NOT NULL,
          target_id INTEGER,
          entry TEXT NOT NULL,
          changes TEXT NOT NULL,
          reasons TEXT NOT NULL,
          cells TEXT NOT NULL,
          is_taken INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX sheet_rows_by_verdict ON sheet_rows (verdict, line);
        CREATE TABLE sheet_facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        """
    )


def set_fact(sheet: Database, name: str, value: Any) -> None:
    """Remember one thing about the file or the work on it."""
    execute(
        sheet,
        "INSERT INTO sheet_facts (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value",
        {"name": name, "value": json.dumps(value, ensure_ascii=False)},
    )


def get_fact(sheet: Database, name: str, default: Any = None) -> Any:
    """What is remembered under this name."""
    raw = fetch_value(sheet, "SELECT value FROM sheet_facts WHERE name = :name", {"name": name})
    return default if raw is None else json.loads(raw)


def insert_rows(sheet: Database, rows: Iterable[tuple[int, Judged, Sequence[str]]]) -> None:
    """Add judged rows: line, judgement, the cells as texts."""
    sheet.conn.execute("BEGIN")
    sheet.conn.executemany(
        """
        INSERT INTO sheet_rows (line, verdict, label, target_id, entry, changes, reasons, cells)
        VALUES (:line, :verdict, :label, :target_id, :entry, :changes, :reasons, :cells)
        """,
        [
            {
                "line": line,
                "verdict": judged.verdict,
                "label": judged.label,
                "target_id": judged.target_id,
                "entry": _json(judged.values),
                "changes": _json([[c.field, c.old, c.new, c.old_text, c.new_text] for c in judged.changes]),
                "reasons": _json([[r.message, dict(r.params), r.cell] for r in judged.reasons]),
                "cells": _json(cells),
            }
            for line, judged, cells in rows
        ],
    )
    sheet.conn.execute("COMMIT")


def make_doubtful(sheet: Database, line: int, reason: Reason) -> None:
    """A row taken for good before has become doubtful by a later one."""
    execute(
        sheet,
        """
        UPDATE sheet_rows SET verdict = 'doubtful', reasons = json_insert(reasons, '$[#]', json(:reason))
        WHERE line = :line AND verdict IN ('new', 'changed', 'doubtful')
        """,
        {"line": line, "reason": _json([reason.message, dict(reason.params), reason.cell])},
    )


def count_verdicts(sheet: Database) -> dict[Verdict, int]:
    """How many rows came to what."""
    rows = fetch_all(sheet, "SELECT verdict, count(*) AS n FROM sheet_rows GROUP BY verdict")
    return {Verdict(row["verdict"]): row["n"] for row in rows}


def list_rows(sheet: Database, verdict: Verdict, *, after: int, limit: int) -> list:
    """A page of the rows of one verdict: `limit` + 1 of them tell that there are more."""
    return fetch_all(
        sheet,
        "SELECT * FROM sheet_rows WHERE verdict = :verdict AND line > :after ORDER BY line LIMIT :limit",
        {"verdict": verdict, "after": after, "limit": limit + 1},
    )


def list_rows_to_store(sheet: Database) -> Iterator[list]:
    """The rows that storing takes, some hundreds at a time: new, changed, leaving, and the doubtful ones ticked."""
    after = 0
    while rows := fetch_all(
        sheet,
        """
        SELECT * FROM sheet_rows WHERE line > :after
          AND (verdict IN ('new', 'changed', 'leaving') OR (verdict = 'doubtful' AND is_taken = 1))
        ORDER BY line LIMIT :most
        """,
        {"after": after, "most": _BATCH},
    ):
        yield rows
        after = rows[-1]["line"]


def count_to_store(sheet: Database) -> int:
    """How many rows storing would take."""
    return fetch_value(
        sheet,
        """
        SELECT count(*) FROM sheet_rows
        WHERE verdict IN ('new', 'changed', 'leaving') OR (verdict = 'doubtful' AND is_taken = 1)
        """,
    )


def count_taken(sheet: Database) -> int:
    """How many doubtful rows are ticked."""
    return fetch_value(sheet, "SELECT count(*) FROM sheet_rows WHERE verdict = 'doubtful' AND is_taken = 1")


def update_taken(sheet: Database, *, shown: Sequence[int], ticked: Sequence[int]) -> None:
    """Of the doubtful rows on a page, take those ticked and no others."""
    execute(
        sheet,
        """
        UPDATE sheet_rows SET is_taken = line IN (SELECT value FROM json_each(:ticked))
        WHERE verdict = 'doubtful' AND line IN (SELECT value FROM json_each(:shown))
        """,
        {"shown": json.dumps(list(shown)), "ticked": json.dumps(list(ticked))},
    )


def update_all_taken(sheet: Database, *, is_taken: bool) -> None:
    """Take every doubtful row, or none."""
    execute(sheet, "UPDATE sheet_rows SET is_taken = :taken WHERE verdict = 'doubtful'", {"taken": int(is_taken)})


def list_left_out(sheet: Database, *, after: int, limit: int) -> list:
    """Rows that storing leaves out and that somebody may correct: refused, and doubtful without a tick."""
    return fetch_all(
        sheet,
        """
        SELECT line, verdict, label, reasons, cells FROM sheet_rows
        WHERE line > :after AND (verdict = 'refused' OR (verdict = 'doubtful' AND is_taken = 0))
        ORDER BY line LIMIT :limit
        """,
        {"after": after, "limit": limit},
    )


def read_changes(row: Any) -> list[Change]:
    """The changes of a stored row."""
    return [Change(*parts) for parts in json.loads(row["changes"])]


def read_reasons(row: Any) -> list[Reason]:
    """The reasons of a stored row."""
    return [Reason(message, params, cell) for message, params, cell in json.loads(row["reasons"])]


def read_entry(row: Any) -> Mapping[str, Any]:
    """The values of a stored row."""
    return json.loads(row["entry"])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
