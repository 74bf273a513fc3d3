"""The SQL that erases what ended issues said of people: rows, clocks and the chain of events stay."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlite_utils import Database

from app import chain
from app.clock import to_text
from app.db import execute, fetch_all
from app.issues.models import EVENT_FIELDS
from app.search import spaced

_IDS = "(SELECT value FROM json_each(:ids))"


_TEXTS = "'$.basis', '$.evidence', '$.public_answer'"
"""What people wrote besides the note of an event. Rulings (指定意见) stay: they are precedents."""


def list_due(db: Database, *, before: datetime, limit: int) -> list[int]:
    """Issues that ended before then and were not erased since (some were reopened after it); `limit` -1: all."""
    rows = fetch_all(
        db,
        """
        SELECT id FROM issues
        WHERE changed_at < :before AND status IN ('closed', 'merged', 'void')
          AND (erased_at IS NULL OR erased_at <= changed_at)
        LIMIT :limit
        """,
        {"before": to_text(before), "limit": limit},
    )
    return [row["id"] for row in rows]


def erase(db: Database, ids: Sequence[int], *, now: datetime) -> None:
    """What was described and answered, where it was."""
    execute(
        db,
        f"""
        UPDATE issues SET erased_at = :now, description = '', public_answer = '', latitude = NULL, longitude = NULL,
          accuracy_m = NULL
        WHERE id IN {_IDS}
        """,  # noqa: S608
        {"ids": json.dumps(ids), "now": to_text(now)},
    )


def list_titles(db: Database, ids: Sequence[int]) -> list:
    """Titles of issues, which stay."""
    return fetch_all(db, f"SELECT id, title FROM issues WHERE id IN {_IDS}", {"ids": json.dumps(ids)})  # noqa: S608


def update_title(db: Database, issue_id: int, title: str) -> None:
    """A title without its telephone number, and what the search finds it by."""
    execute(db, "UPDATE issues SET title = :title WHERE id = :id", {"id": issue_id, "title": title})
    execute(db, "UPDATE issues_fts SET title = :words WHERE rowid = :id", {"id": issue_id, "words": spaced(title)})


def list_spoken_events(db: Database, issue_ids: Sequence[int]) -> list:
    """Events of these issues in which somebody wrote something, with `left`: their data without it."""
    return fetch_all(
        db,
        f"""
        SELECT *, json_remove(data, {_TEXTS}) AS left FROM issue_events
        WHERE issue_id IN {_IDS} AND erasing_entry_id IS NULL AND action <> 'designate'
          AND (note <> '' OR json_remove(data, {_TEXTS}) <> json(data))
        ORDER BY id
        """,  # noqa: S608
        {"ids": json.dumps(issue_ids)},
    )


def erase_events(db: Database, ids: Sequence[int], *, entry_id: int) -> None:
    """Take out what somebody wrote; the audit entry vouches for what is left (`digest_of_left`)."""
    execute(
        db,
        f"""
        UPDATE issue_events SET note = '', data = json_remove(data, {_TEXTS}), erasing_entry_id = :entry_id
        WHERE id IN {_IDS}
        """,  # noqa: S608
        {"ids": json.dumps(ids), "entry_id": entry_id},
    )


def first_wrongly_erased(db: Database) -> int | None:
    """The first event of an erasing whose audit entry does not vouch for what is left of its events, or None."""
    entries = fetch_all(
        db,
        """
        SELECT a.id, a.action, a.detail FROM audit_log a
        WHERE a.id IN (SELECT erasing_entry_id FROM issue_events WHERE erasing_entry_id IS NOT NULL)
        """,
    )
    wrong = []
    for entry in entries:
        events = fetch_all(
            db, "SELECT * FROM issue_events WHERE erasing_entry_id = :id ORDER BY id", {"id": entry["id"]}
        )
        said = chain.DIGEST.search(entry["detail"]) if entry["action"] == "data_erased" else None
        if said is None or said[1] != digest_of_left(events):
            wrong.append(events[0]["id"])
    return min(wrong, default=None)


def digest_of_left(events: Iterable) -> str:
    """What an audit entry keeps of events whose texts it tells the erasing of."""
    return chain.digest_of_left(events, EVENT_FIELDS, other="entry_hash")
