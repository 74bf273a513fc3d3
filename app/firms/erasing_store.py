"""The SQL that erases the contacts of firms that are gone."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all

_IDS = "(SELECT value FROM json_each(:ids))"


def list_due(db: Database, *, before: datetime, limit: int) -> list[int]:
    """Firms closed or moved away of which nothing was seen or changed since then; `limit` -1: all."""
    rows = fetch_all(
        db,
        """
        SELECT id FROM firms f
        WHERE status IN ('closed', 'moved') AND (contact_name <> '' OR contact_phone <> '') AND created_at < :before
          AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.firm_id = f.id AND v.received_at >= :before)
          AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.firm_id = f.id AND i.changed_at >= :before)
          AND NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.object = 'firm:' || f.id AND a.at >= :before)
        LIMIT :limit
        """,
        {"before": to_text(before), "limit": limit},
    )
    return [row["id"] for row in rows]


def erase(db: Database, ids: Sequence[int]) -> None:
    """Whom to ask for there."""
    execute(
        db,
        f"UPDATE firms SET contact_name = '', contact_phone = '', version = version + 1 WHERE id IN {_IDS}",  # noqa: S608
        {"ids": json.dumps(ids)},
    )
