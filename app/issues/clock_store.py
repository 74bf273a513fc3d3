"""Every SQL statement on the clocks: those of an issue, and those of many at once that may move when a rule does."""

import json
from collections.abc import Sequence

from sqlite_utils import Database

from app.clock import from_text, to_text
from app.db import execute, fetch_all, fetch_value
from app.issues.deadlines import ClockState, Move
from app.issues.lifecycle import OPEN, Status

_OPEN = "(" + ", ".join(f"'{status}'" for status in sorted(OPEN)) + ")"

# An open issue with a running clock: of that kind, or that ends (or is paused) from a moment on.
_RUNNING = f"""
    i.status IN {_OPEN} AND EXISTS (
      SELECT 1 FROM issue_clocks k WHERE k.issue_id = i.id AND k.stopped_at IS NULL
        AND (:clock IS NULL OR k.clock = :clock) AND (:since IS NULL OR k.due_at IS NULL OR k.due_at >= :since))
"""  # noqa: S608 (our own words)


def replace_clocks(db: Database, issue_id: int, states: tuple[ClockState, ...], showing: ClockState | None) -> None:
    """Store the clocks as recomputed from the history, and on the issue the one that its screen shows.

    A step that has ended keeps what was found when it ended, whatever rule has changed since: lateness is frozen once.
    """
    for state in states:
        execute(
            db,
            """
            INSERT INTO issue_clocks (issue_id, clock, round, started_at, due_at, stopped_at, is_late)
            VALUES (:issue_id, :clock, :round, :started_at, :due_at, :stopped_at, :is_late)
            ON CONFLICT (issue_id, clock, round) DO UPDATE SET started_at = :started_at, due_at = :due_at,
              stopped_at = :stopped_at, is_late = :is_late
            WHERE issue_clocks.stopped_at IS NULL OR issue_clocks.stopped_at IS NOT :stopped_at
            """,
            {
                "issue_id": issue_id,
                "clock": state.clock,
                "round": state.round,
                "started_at": to_text(state.started_at),
                "due_at": to_text(state.due_at) if state.due_at else None,
                "stopped_at": to_text(state.stopped_at) if state.stopped_at else None,
                "is_late": None if state.late is None else int(state.late),
            },
        )
    execute(
        db,
        """
        UPDATE issues SET clock = :clock, due_at = :due_at, amber_at = :amber_at, is_due_provisional = :is_provisional
        WHERE id = :id
        """,
        {
            "id": issue_id,
            "clock": showing.clock if showing else None,
            "due_at": to_text(showing.due_at) if showing and showing.due_at else None,
            "amber_at": to_text(showing.amber_at) if showing and showing.amber_at else None,
            "is_provisional": int(bool(showing and showing.is_provisional)),
        },
    )


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
