"""Every SQL statement on the history of issues, which is only ever added to."""

import json
from collections.abc import Mapping
from datetime import date, datetime

from sqlite_utils import Database

from app import chain
from app.clock import from_text, to_text
from app.db import fetch_all, fetch_in_batches, fetch_value, insert
from app.issues.deadlines import Move
from app.issues.erasing_store import first_wrongly_erased
from app.issues.lifecycle import Actor, Status
from app.issues.models import EVENT_FIELDS


def add_event(
    db: Database,
    issue_id: int,
    *,
    action: str,
    actor: Actor,
    by_id: int | None,
    at: datetime,
    from_status: Status | None,
    to_status: Status,
    note: str = "",
    data: Mapping[str, object] | None = None,
) -> int:
    """Write one line of an issue's history, chained to the line before it (of whichever issue)."""
    content = {
        "issue_id": issue_id,
        "action": action,
        "at": to_text(at),
        "by_id": by_id,
        "actor": actor,
        "from_status": from_status,
        "to_status": to_status,
        "note": note,
        "data": json.dumps(data or {}, ensure_ascii=False, sort_keys=True, default=_plain),
    }
    previous = fetch_value(db, "SELECT hash FROM issue_events ORDER BY id DESC LIMIT 1") or chain.START
    entry = fetch_value(db, "SELECT hash FROM audit_log ORDER BY id DESC LIMIT 1")
    return insert(
        db,
        """
        INSERT INTO issue_events (issue_id, action, at, by_id, actor, from_status, to_status, note, data, entry_hash,
          previous_hash, hash)
        VALUES (:issue_id, :action, :at, :by_id, :actor, :from_status, :to_status, :note, :data, :entry_hash,
          :previous_hash, :hash)
        """,
        {
            **content,
            "entry_hash": entry,
            "previous_hash": previous,
            "hash": chain.link(previous, chain.vouching(content, "entry_hash", entry)),
        },
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong into a history")


def list_events(db: Database, issue_id: int) -> list:
    """An issue's history, oldest first, with who did it."""
    return fetch_all(
        db,
        """
        SELECT e.id, e.action, e.at, e.by_id, e.actor, e.from_status, e.to_status, e.note, e.data, u.name AS by_name,
               d.name AS by_department, d.name_en AS by_department_en
        FROM issue_events e LEFT JOIN users u ON u.id = e.by_id LEFT JOIN departments d ON d.id = u.department_id
        WHERE e.issue_id = :id ORDER BY e.id
        """,
        {"id": issue_id},
    )


def list_moves(db: Database, issue_id: int) -> tuple[Move, ...]:
    """An issue's history as the clocks read it."""
    rows = fetch_all(
        db, "SELECT action, at, to_status, data FROM issue_events WHERE issue_id = :id ORDER BY id", {"id": issue_id}
    )
    return tuple(
        Move(row["action"], from_text(row["at"]), Status(row["to_status"]), json.loads(row["data"])) for row in rows
    )


def first_broken_event(db: Database) -> int | None:
    """The id of the first event whose hash does not follow from its content and its predecessor, or None."""
    rows = fetch_in_batches(db, "SELECT * FROM issue_events WHERE id > :after ORDER BY id LIMIT :size")
    broken = chain.first_broken(rows, EVENT_FIELDS, other="entry_hash", erasing="erasing_entry_id")
    return first_wrongly_erased(db) if broken is None else broken


def first_unvouched_event(db: Database) -> int | None:
    """The id of the first event that names a row which the audit log no longer has, or None."""
    return fetch_value(
        db,
        """
        SELECT id FROM issue_events e
        WHERE entry_hash IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.hash = e.entry_hash)
        ORDER BY id LIMIT 1
        """,
    )


def list_precedents(db: Database, *, category_id: int, district_id: int, limit: int = 3) -> list:
    """Earlier rulings on this category, those of the district first, newest first."""
    # Nothing is ruled on but what was returned twice: indexes hold those few by category and district, and the rulings.
    newest = """
        SELECT e.id FROM issues i CROSS JOIN issue_events e ON e.issue_id = i.id
        WHERE i.return_count >= 2 AND e.action = 'designate' AND i.category_id = :category_id AND i.district_id
    """
    return fetch_all(
        db,
        f"""
        WITH own AS ({newest} = :district_id ORDER BY e.id DESC LIMIT :limit),
             others AS ({newest} <> :district_id ORDER BY e.id DESC LIMIT :limit),
             found AS (SELECT 0 AS place, id FROM own UNION ALL SELECT 1, id FROM others)
        SELECT e.at, e.note, i.number, i.title, d.name AS department, d.name_en AS department_en
        FROM found x JOIN issue_events e ON e.id = x.id JOIN issues i ON i.id = e.issue_id
        LEFT JOIN departments d ON d.id = i.department_id
        ORDER BY x.place, x.id DESC LIMIT :limit
        """,  # noqa: S608
        {"category_id": category_id, "district_id": district_id, "limit": limit},
    )
