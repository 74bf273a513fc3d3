"""The SQL that erases the words of messages that left the house."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all

_IDS = "(SELECT value FROM json_each(:ids))"


def list_due(db: Database, *, before: datetime, limit: int) -> list[int]:
    """Messages written before then that wait for nothing; `limit` -1: all."""
    rows = fetch_all(
        db,
        """
        SELECT id FROM deliveries
        WHERE body <> '' AND created_at < :before AND (sent_at IS NOT NULL OR failed_at IS NOT NULL)
        LIMIT :limit
        """,
        {"before": to_text(before), "limit": limit},
    )
    return [row["id"] for row in rows]


def erase(db: Database, ids: Sequence[int]) -> None:
    """What they said; that there was one stays."""
    execute(db, f"UPDATE deliveries SET body = '' WHERE id IN {_IDS}", {"ids": json.dumps(ids)})  # noqa: S608
