"""Every SQL statement on what phones announced and sent."""

from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, insert


def list_announced(db: Database, *, visit_id: int | None = None, event_id: int | None = None) -> list:
    """The photos that a visit, or a move (by its event), announced, in order."""
    column, value = ("visit_id", visit_id) if event_id is None else ("event_id", event_id)
    return fetch_all(
        db,
        f"SELECT key, photo_id FROM outbox_photos WHERE {column} = :id ORDER BY id",  # noqa: S608
        {"id": value},
    )


def get_announced(db: Database, key: str):
    """One announced photo with its record's key and whose it is, or None."""
    return fetch_one(
        db,
        """
        SELECT o.id, o.visit_id, o.event_id, o.issue_id, o.sha256, o.position, o.photo_id,
               coalesce(v.client_key, m.key) AS client_key, coalesce(v.officer_id, m.by_id) AS by_id
        FROM outbox_photos o
        LEFT JOIN visits v ON v.id = o.visit_id
        LEFT JOIN outbox_moves m ON m.event_id = o.event_id
        WHERE o.key = :key
        """,
        {"key": key},
    )


def list_issue_ids(db: Database, visit_id: int) -> list[int]:
    """The problems that came with a visit, in the order they were reported."""
    return [
        row["id"] for row in fetch_all(db, "SELECT id FROM issues WHERE visit_id = :id ORDER BY id", {"id": visit_id})
    ]


def insert_announced(
    db: Database,
    *,
    key: str,
    visit_id: int | None = None,
    event_id: int | None = None,
    issue_id: int | None,
    sha256: str,
    position: int,
) -> int | None:
    """Remember a photo that is to follow a visit or a move (an issue's event); its id, or None if the key is taken."""
    row = fetch_one(
        db,
        """
        INSERT INTO outbox_photos (key, visit_id, event_id, issue_id, sha256, position)
        VALUES (:key, :visit_id, :event_id, :issue_id, :sha256, :position) ON CONFLICT (key) DO NOTHING RETURNING id
        """,
        {
            "key": key,
            "visit_id": visit_id,
            "event_id": event_id,
            "issue_id": issue_id,
            "sha256": sha256,
            "position": position,
        },
    )
    return row["id"] if row else None


def update_announced(db: Database, announced_id: int, *, photo_id: int) -> bool:
    """Name the stored photo; False if it has one already."""
    return bool(
        execute(
            db,
            "UPDATE outbox_photos SET photo_id = :photo_id WHERE id = :id AND photo_id IS NULL",
            {"id": announced_id, "photo_id": photo_id},
        )
    )


def get_move(db: Database, key: str):
    """What is stored of a move sent under this key, or None."""
    return fetch_one(
        db, "SELECT issue_id, event_id, by_id, body_sha256 FROM outbox_moves WHERE key = :key", {"key": key}
    )


def insert_move(
    db: Database, *, key: str, body_sha256: str, issue_id: int, event_id: int, by_id: int, now: datetime
) -> int:
    """Remember that a move was made under this key, and which line of the history it became."""
    return insert(
        db,
        """
        INSERT INTO outbox_moves (key, body_sha256, issue_id, event_id, by_id, at)
        VALUES (:key, :body_sha256, :issue_id, :event_id, :by_id, :now)
        """,
        {
            "key": key,
            "body_sha256": body_sha256,
            "issue_id": issue_id,
            "event_id": event_id,
            "by_id": by_id,
            "now": to_text(now),
        },
    )
