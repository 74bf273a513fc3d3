"""The SQL that erases who it was whose account is long disabled, and when people were signed in."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all
from app.people.models import NO_PASSWORD

_IDS = "(SELECT value FROM json_each(:ids))"


def list_due_accounts(db: Database, *, before: datetime, limit: int) -> list[int]:
    """Accounts disabled before then; `limit` -1: all."""
    rows = fetch_all(
        db,
        """
        SELECT id FROM users u
        WHERE is_active = 0 AND erased_at IS NULL AND coalesce(
          (SELECT max(at) FROM audit_log a WHERE a.object = 'user:' || u.id AND a.action = 'account_disabled'),
          last_sign_in_at, created_at) < :before
        LIMIT :limit
        """,
        {"before": to_text(before), "limit": limit},
    )
    return [row["id"] for row in rows]


def list_due_sessions(db: Database, *, before: datetime, limit: int) -> list[int]:
    """Sessions that ended, or were used last, before then; `limit` -1: all."""
    rows = fetch_all(
        db,
        """
        SELECT id FROM sessions WHERE coalesce(ended_at, seen_at) < :before
        LIMIT :limit
        """,
        {"before": to_text(before), "limit": limit},
    )
    return [row["id"] for row in rows]


def erase_accounts(db: Database, ids: Sequence[int], *, name: str, now: datetime) -> None:
    """Who it was; role, place and what was done stay. Nobody can sign in."""
    params = {"ids": json.dumps(ids), "name": name, "nobody": NO_PASSWORD, "now": to_text(now)}
    execute(db, f"DELETE FROM recovery_codes WHERE user_id IN {_IDS}", params)  # noqa: S608
    execute(db, f"DELETE FROM authenticators WHERE user_id IN {_IDS}", params)  # noqa: S608
    execute(
        db,
        f"""
        UPDATE users SET erased_at = :now, name = :name, username = 'erased-' || id, phone = '', unit = '', title = '',
          identity = NULL, password_hash = :nobody, version = version + 1
        WHERE id IN {_IDS}
        """,  # noqa: S608
        params,
    )


def delete_sessions(db: Database, ids: Sequence[int]) -> None:
    """When and on what kind of device somebody was signed in."""
    execute(db, f"DELETE FROM sessions WHERE id IN {_IDS}", {"ids": json.dumps(ids)})  # noqa: S608
