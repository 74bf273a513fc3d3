"""Every SQL statement that looks at the clocks of many issues at once: what may move when a rule does."""

import json
from collections.abc import Sequence

from sqlite_utils import Database

from app.clock import from_text
from app.db import fetch_all, fetch_value
from app.issues.deadlines import Move
from app.issues.lifecycle import ENDED, Status

_ENDED = "(" + ", ".join(f"'{status}'" for status in sorted(ENDED)) + ")"

# An open issue with a running clock: of that kind, or that ends (or is paused) from a moment on.
_RUNNING = f"""
    i.status NOT IN {_ENDED} AND EXISTS (
      SELECT 1 FROM issue_clocks k WHERE k.issue_id = i.id AND k.stopped_at IS NULL
        AND (:clock IS NULL OR k.clock = :clock) AND (:since IS NULL OR k.due_at IS NULL OR k.due_at >= :since))
"""  # noqa: S608 (our own words)


def list_running_ids(db: Database, *, clock: str | None, since: str | None, after: int = 0, limit: int) -> list[int]:
    """The next `limit` ids after one, in order."""
    rows = fetch_all(
        db,
        f"SELECT i.id FROM issues i WHERE {_RUNNING} AND i.id > :after ORDER BY i.id LIMIT :limit",  # noqa: S608
        {"clock": clock, "since": since, "after": after, "limit": limit},
    )
    return [row["id"] for row in rows]


def count_running(db: Database, *, clock: str | None, since: str | None) -> int:
    """How many there are."""
    return fetch_value(db, f"SELECT count(*) FROM issues i WHERE {_RUNNING}", {"clock": clock, "since": since})  # noqa: S608


def list_moves_of(db: Database, ids: Sequence[int]) -> dict[int, list[Move]]:
    """The histories of several issues as clocks read them, by issue."""
    found: dict[int, list[Move]] = {each: [] for each in ids}
    rows = fetch_all(
        db,
        """
        SELECT issue_id, action, at, to_status, data FROM issue_events
        WHERE issue_id IN (SELECT value FROM json_each(:ids)) ORDER BY issue_id, id
        """,
        {"ids": json.dumps(list(ids))},
    )
    for row in rows:
        move = Move(row["action"], from_text(row["at"]), Status(row["to_status"]), json.loads(row["data"]))
        found[row["issue_id"]].append(move)
    return found


def list_running_clocks(db: Database, ids: Sequence[int]) -> dict[int, dict[tuple[str, int], str | None]]:
    """What is stored of their running clocks: the end (None while paused) by clock and round, by issue."""
    found: dict[int, dict[tuple[str, int], str | None]] = {each: {} for each in ids}
    rows = fetch_all(
        db,
        """
        SELECT issue_id, clock, round, due_at FROM issue_clocks
        WHERE issue_id IN (SELECT value FROM json_each(:ids)) AND stopped_at IS NULL
        """,
        {"ids": json.dumps(list(ids))},
    )
    for row in rows:
        found[row["issue_id"]][row["clock"], row["round"]] = row["due_at"]
    return found


def list_labels(db: Database, ids: Sequence[int]) -> list:
    """Number, title and department of several issues, for a list of them."""
    return fetch_all(
        db,
        """
        SELECT i.id, i.number, i.title, d.short_name AS department, d.name_en AS department_en
        FROM issues i LEFT JOIN departments d ON d.id = i.department_id
        WHERE i.id IN (SELECT value FROM json_each(:ids))
        """,
        {"ids": json.dumps(list(ids))},
    )
