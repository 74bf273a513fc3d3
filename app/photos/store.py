"""Every SQL statement on photos."""

from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import fetch_all, fetch_one, fetch_value, insert
from app.photos.intake import Picture


def insert_photo(
    db: Database,
    picture: Picture,
    *,
    visit_id: int | None = None,
    issue_id: int | None = None,
    event_id: int | None = None,
    position: int,
    added_by: int,
    now: datetime,
) -> int:
    """Name a stored picture as belonging to a visit or an issue (and one of its events)."""
    return insert(
        db,
        """
        INSERT INTO photos (sha256, original_sha256, visit_id, issue_id, event_id, position, width, height, byte_count,
          added_by, added_at)
        VALUES (:sha256, :original_sha256, :visit_id, :issue_id, :event_id, :position, :width, :height, :byte_count,
          :added_by, :now)
        """,
        {
            "sha256": picture.sha256,
            "original_sha256": picture.original_sha256,
            "visit_id": visit_id,
            "issue_id": issue_id,
            "event_id": event_id,
            "position": position,
            "width": picture.width,
            "height": picture.height,
            "byte_count": len(picture.main),
            "added_by": added_by,
            "now": to_text(now),
        },
    )


def get_photo(db: Database, photo_id: int):
    """One photo with what it belongs to; None when it was erased. Whether one may see it is its owner's question."""
    return fetch_one(
        db,
        "SELECT id, sha256, visit_id, issue_id FROM photos WHERE id = :id AND erased_at IS NULL",
        {"id": photo_id},
    )


def list_photos_of_visit(db: Database, visit_id: int) -> list:
    """The photos of a visit in order."""
    return fetch_all(
        db,
        """
        SELECT id, sha256, added_at, width, height FROM photos WHERE visit_id = :id AND erased_at IS NULL
        ORDER BY position, id
        """,
        {"id": visit_id},
    )


def list_photos_of_issue(db: Database, issue_id: int) -> list:
    """The photos of an issue in order; `event_id` is None for those of the report itself."""
    return fetch_all(
        db,
        """
        SELECT id, event_id, sha256, added_at, width, height FROM photos WHERE issue_id = :id AND erased_at IS NULL
        ORDER BY position, id
        """,
        {"id": issue_id},
    )


def count_awaited(db: Database, *, visit_id: int | None = None, issue_id: int | None = None) -> dict[int | None, int]:
    """Photos that a phone announced and has not sent yet: by event of an issue (None: its report), or of a visit."""
    column, value = ("issue_id", issue_id) if visit_id is None else ("visit_id", visit_id)
    rows = fetch_all(
        db,
        f"""
        SELECT event_id, count(*) AS n FROM outbox_photos
        WHERE {column} = :id AND photo_id IS NULL GROUP BY event_id
        """,  # noqa: S608
        {"id": value},
    )
    return {row["event_id"]: row["n"] for row in rows}


def has_photos(db: Database) -> bool:
    """Whether any photo was ever taken in."""
    return fetch_value(db, "SELECT 1 FROM photos LIMIT 1") is not None
