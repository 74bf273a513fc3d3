"""Every SQL statement on the limits as the office changes them."""

from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, insert
from app.rules.models import Limit

_ROW = """
    SELECT l.*, c.name AS category, c.name_en AS category_en, c.position
    FROM limits l LEFT JOIN categories c ON c.id = l.category_id
"""
_SAME = "clock = :clock AND kind IS :kind AND urgency IS :urgency AND category_id IS :category_id"


def list_rows(db: Database) -> list:
    """Every limit that was ever in force or will be, in the order of the clocks' rules; with its category's names."""
    return fetch_all(
        db,
        f"""
        {_ROW} WHERE l.valid_to IS NULL OR l.valid_to > l.valid_from
        ORDER BY l.category_id IS NOT NULL, c.position, l.urgency IS 'urgent', l.kind IS NULL, l.kind, l.valid_from
        """,
    )


def get_row(db: Database, limit_id: int):
    """One limit with its category's names, or None."""
    return fetch_one(db, f"{_ROW} WHERE l.id = :id", {"id": limit_id})


def _key(limit: Limit) -> dict:
    return {"clock": limit.clock, "kind": limit.kind, "urgency": limit.urgency, "category_id": limit.category_id}


def has_later(db: Database, limit: Limit) -> bool:
    """Whether another limit for the same cases is to start at this one's start or after it."""
    return (
        fetch_one(
            db,
            f"""
            SELECT 1 FROM limits WHERE {_SAME} AND valid_from >= :start
              AND (valid_to IS NULL OR valid_to > valid_from)
            """,  # noqa: S608
            {**_key(limit), "start": to_text(limit.valid_from)},
        )
        is not None
    )


def end_same(db: Database, limit: Limit) -> int:
    """Let what is in force for the same cases end where this limit begins; how many rows."""
    return execute(
        db,
        f"""
        UPDATE limits SET valid_to = :start
        WHERE {_SAME} AND valid_from < :start AND (valid_to IS NULL OR valid_to > :start)
        """,  # noqa: S608
        {**_key(limit), "start": to_text(limit.valid_from)},
    )


def insert_limit(db: Database, limit: Limit) -> int:
    """Write a limit down; its id."""
    return insert(
        db,
        """
        INSERT INTO limits (clock, kind, urgency, category_id, amount, unit, valid_from, is_retroactive)
        VALUES (:clock, :kind, :urgency, :category_id, :amount, :unit, :valid_from, :is_retroactive)
        """,
        {
            **_key(limit),
            "amount": limit.amount,
            "unit": limit.unit,
            "valid_from": to_text(limit.valid_from),
            "is_retroactive": int(limit.is_retroactive),
        },
    )


def end_limit(db: Database, limit_id: int, *, at: datetime) -> bool:
    """Let a limit end at this moment, or never begin if it is to start later; whether it still ran."""
    return (
        execute(
            db,
            "UPDATE limits SET valid_to = max(valid_from, :at) WHERE id = :id AND (valid_to IS NULL OR valid_to > :at)",
            {"id": limit_id, "at": to_text(at)},
        )
        == 1
    )


def reopen_before(db: Database, row) -> None:
    """Let the limit that was to end where a withdrawn one begins go on."""
    execute(
        db,
        f"UPDATE limits SET valid_to = NULL WHERE {_SAME} AND valid_to = :start AND valid_from < :start",  # noqa: S608
        {
            "clock": row["clock"],
            "kind": row["kind"],
            "urgency": row["urgency"],
            "category_id": row["category_id"],
            "start": row["valid_from"],
        },
    )
