"""Every SQL statement on the audit log."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from app import chain
from app.clock import to_text
from app.db import fetch_all, fetch_in_batches, fetch_value, insert

_FIELDS = ("at", "by_id", "action", "object", "detail")


def add_entry(db: Database, action: str, object_: str, *, by_id: int | None, now: datetime, detail: str = "") -> int:
    """Write one row. `object_` names what it is about, as in 'firm:12'; `detail` holds no personal data.

    It names the newest event of the issues' history, which names rows of this log: each vouches for the other.
    """
    event = fetch_value(db, "SELECT hash FROM issue_events ORDER BY id DESC LIMIT 1")
    content = {"at": to_text(now), "by_id": by_id, "action": action, "object": object_, "detail": detail}
    previous = fetch_value(db, "SELECT hash FROM audit_log ORDER BY id DESC LIMIT 1") or chain.START
    return insert(
        db,
        """
        INSERT INTO audit_log (at, by_id, action, object, detail, event_hash, previous_hash, hash)
        VALUES (:at, :by_id, :action, :object, :detail, :event_hash, :previous_hash, :hash)
        """,
        {
            **content,
            "event_hash": event,
            "previous_hash": previous,
            "hash": chain.link(previous, chain.vouching(content, "event_hash", event)),
        },
    )


def first_broken_entry(db: Database) -> int | None:
    """The id of the first row whose hash does not follow from its content and its predecessor, or None."""
    rows = fetch_in_batches(db, "SELECT * FROM audit_log WHERE id > :after ORDER BY id LIMIT :size")
    return chain.first_broken(rows, _FIELDS, other="event_hash")


def first_unvouched_entry(db: Database) -> int | None:
    """The id of the first row that names an event which the issues' history no longer has, or None."""
    return fetch_value(
        db,
        """
        SELECT id FROM audit_log a
        WHERE event_hash IS NOT NULL AND NOT EXISTS (SELECT 1 FROM issue_events e WHERE e.hash = a.event_hash)
        ORDER BY id LIMIT 1
        """,
    )


def list_entries(
    db: Database,
    *,
    before_id: int | None = None,
    action: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
) -> list:
    """Newest first, with the name of who did it; from `since` on and before `until`; one row more tells of more."""
    conditions = ["1"]
    params: dict[str, object] = {"limit": limit + 1}
    for condition, name, value in (
        ("a.id < :before_id", "before_id", before_id),
        ("a.action = :action", "action", action or None),
        ("a.at >= :since", "since", to_text(since) if since else None),
        ("a.at < :until", "until", to_text(until) if until else None),
    ):
        if value is not None:
            conditions.append(condition)
            params[name] = value
    return fetch_all(
        db,
        f"""
        SELECT a.id, a.at, a.action, a.object, a.detail, u.name AS by_name, u.role AS by_role
        FROM audit_log a LEFT JOIN users u ON u.id = a.by_id
        WHERE {" AND ".join(conditions)}
        ORDER BY a.id DESC LIMIT :limit
        """,  # noqa: S608
        params,
    )


def list_names(db: Database, objects: Sequence[str]) -> dict[str, str]:
    """What the accounts and firms among these objects ('user:3', 'firm:12') are called."""
    rows = fetch_all(
        db,
        """
        SELECT 'user:' || id AS object, name FROM users WHERE id IN (SELECT value FROM json_each(:users))
        UNION ALL
        SELECT 'firm:' || id, name FROM firms WHERE id IN (SELECT value FROM json_each(:firms))
        """,
        {f"{kind}s": json.dumps(_numbers(objects, kind)) for kind in ("user", "firm")},
    )
    return {row["object"]: row["name"] for row in rows}


def _numbers(objects: Sequence[str], kind: str) -> list[int]:
    parts = (each.split(":") for each in objects)
    return sorted({int(part[1]) for part in parts if part[0] == kind and part[-1].isdigit() and len(part[-1]) < 16})
