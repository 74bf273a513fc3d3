"""Every SQL statement on the audit log."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from app import chain
from app.audit.models import Search
from app.clock import to_text
from app.db import fetch_all, fetch_in_batches, fetch_value, insert

_FIELDS = ("at", "by_id", "action", "object", "detail")
_BY_OR_ABOUT = """
  SELECT id FROM audit_log WHERE by_id IN (SELECT value FROM json_each(:people))
  UNION ALL
  SELECT id FROM audit_log WHERE object IN (SELECT 'user:' || value FROM json_each(:people))
"""


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
    db: Database, search: Search, *, before_id: int | None = None, after_id: int | None = None, limit: int = 50
) -> list:
    """Newest first before `before_id`, or oldest first beyond `after_id`, with the name of who did it.

    One row more than the limit tells that there are more.
    """
    where, params = _where(search)
    if before_id is not None:
        where, params["before_id"] = f"{where} AND a.id < :before_id", before_id
    if after_id is not None:
        where, params["after_id"] = f"{where} AND a.id > :after_id", after_id
    return fetch_all(
        db,
        f"""
        SELECT a.id, a.at, a.action, a.object, a.detail, a.hash,
          u.name AS by_name, u.username AS by_username, u.role AS by_role
        FROM audit_log a LEFT JOIN users u ON u.id = a.by_id
        WHERE {where}
        ORDER BY a.id {"DESC" if after_id is None else "ASC"} LIMIT :limit
        """,  # noqa: S608
        {**params, "limit": limit + 1},
    )


def count_entries(db: Database, search: Search) -> int:
    """How many rows a search finds."""
    where, params = _where(search)
    return fetch_value(db, f"SELECT count(*) FROM audit_log a WHERE {where}", params)  # noqa: S608


def _where(search: Search) -> tuple[str, dict[str, object]]:
    conditions = ["1"]
    params: dict[str, object] = {}
    for condition, name, value in (
        ("a.action = :action", "action", search.action or None),
        ("a.at >= :since", "since", to_text(search.since) if search.since else None),
        ("a.at < :until", "until", to_text(search.until) if search.until else None),
        (f"a.id IN ({_BY_OR_ABOUT})", "people", None if search.people is None else json.dumps(search.people)),
        (
            "a.id IN (SELECT id FROM audit_log WHERE object IN (SELECT value FROM json_each(:objects)))",
            "objects",
            None if search.objects is None else json.dumps(search.objects),
        ),
    ):
        if value is not None:
            conditions.append(condition)
            params[name] = value
    return " AND ".join(conditions), params


def find_people(db: Database, text: str, *, limit: int) -> list[int]:
    """Accounts of this user name, or with this in their name."""
    rows = fetch_all(
        db,
        """
        SELECT id FROM users WHERE username = :text OR name LIKE :part ESCAPE '~' ORDER BY username = :text DESC, id
        LIMIT :limit
        """,
        {"text": text, "part": _part(text), "limit": limit},
    )
    return [row["id"] for row in rows]


def find_objects(db: Database, text: str, *, limit: int) -> list[str]:
    """What the log calls the account, firm or issue of this name, credit code or number."""
    rows = fetch_all(
        db,
        """
        SELECT 'issue:' || id AS object FROM issues WHERE number = :text
        UNION ALL
        SELECT 'user:' || id FROM users WHERE username = :text OR name LIKE :part ESCAPE '~'
        UNION ALL
        SELECT 'firm:' || id FROM firms WHERE credit_code = :text OR name LIKE :part ESCAPE '~'
        LIMIT :limit
        """,
        {"text": text, "part": _part(text), "limit": limit},
    )
    return [row["object"] for row in rows]


def _part(text: str) -> str:
    return f"%{text.replace('~', '~~').replace('%', '~%').replace('_', '~_')}%"


def list_names(db: Database, objects: Sequence[str]) -> dict[str, str]:
    """What the accounts, firms and issues among these objects ('user:3', 'firm:12') are called."""
    rows = fetch_all(
        db,
        """
        SELECT 'user:' || id AS object, name FROM users WHERE id IN (SELECT value FROM json_each(:users))
        UNION ALL
        SELECT 'firm:' || id, name FROM firms WHERE id IN (SELECT value FROM json_each(:firms))
        UNION ALL
        SELECT 'issue:' || id, number FROM issues WHERE id IN (SELECT value FROM json_each(:issues))
        """,
        {f"{kind}s": json.dumps(_numbers(objects, kind)) for kind in ("user", "firm", "issue")},
    )
    return {row["object"]: row["name"] for row in rows}


def _numbers(objects: Sequence[str], kind: str) -> list[int]:
    parts = (each.split(":") for each in objects)
    return sorted({int(part[1]) for part in parts if part[0] == kind and part[-1].isdigit() and len(part[-1]) < 16})
