"""The SQL on accounts as the office keeps them: found, changed, disabled, given a password for one use."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value
from app.people.models import NO_PASSWORD

_ACCOUNT = """
  u.id, u.username, u.name, u.role, u.district_id, u.department_id, u.phone, u.unit, u.title, u.is_active, u.version,
  u.created_at, u.last_sign_in_at, u.is_password_temporary, u.password_expires_at,
  u.password_hash = '!' AS has_no_password, p.short_name AS district, p.name_en AS district_en,
  d.short_name AS department, d.name_en AS department_en
"""
_FROM = """
  FROM users u LEFT JOIN districts p ON p.id = u.district_id LEFT JOIN departments d ON d.id = u.department_id
"""
_LOCKED = """
  SELECT username FROM sign_in_attempts WHERE at > :locked_since GROUP BY username HAVING count(*) >= :wrong_passwords
"""
_STATES = {
    "": "1",
    "new": "u.is_active = 1 AND u.last_sign_in_at IS NULL",
    "locked": f"u.username IN ({_LOCKED})",
    "disabled": "u.is_active = 0",
}
STATES = tuple(_STATES)
"""What the list can be narrowed to: all, never signed in, locked now, disabled."""


def get_account(db: Database, user_id: int):
    """One account with the names of where it works, or None."""
    return fetch_one(db, f"SELECT {_ACCOUNT} {_FROM} WHERE u.id = :id", {"id": user_id})


def list_accounts(
    db: Database,
    *,
    query: str = "",
    role: str = "",
    district_id: int | None = None,
    department_id: int | None = None,
    state: str = "",
    locked_since: datetime,
    wrong_passwords: int,
    after: str = "",
    limit: int = 50,
) -> list:
    """Accounts by user name after `after`; `query` is part of a name, user name or unit, or a phone's last digits.

    One row more than the limit tells that there are more.
    """
    conditions, params = _narrowed(query, role, district_id, department_id)
    conditions.append(_STATES[state])
    if after:
        conditions.append("u.username > :after")
    params |= {"after": after, "limit": limit + 1}
    if state == "locked":
        params |= {"locked_since": to_text(locked_since), "wrong_passwords": wrong_passwords}
    return fetch_all(
        db,
        f"SELECT {_ACCOUNT} {_FROM} WHERE {' AND '.join(conditions)} ORDER BY u.username LIMIT :limit",
        params,
    )


def _narrowed(query: str, role: str, district_id: int | None, department_id: int | None) -> tuple[list[str], dict]:
    conditions: list[str] = []
    params: dict[str, Any] = {}
    if query:
        plain = query.replace("~", "~~").replace("%", "~%").replace("_", "~_")
        conditions.append(
            "(u.name LIKE :part ESCAPE '~' OR u.username LIKE :part ESCAPE '~' OR u.unit LIKE :part ESCAPE '~'"
            " OR u.phone LIKE :end ESCAPE '~')"
        )
        params |= {"part": f"%{plain}%", "end": f"%{plain}"}
    for column, value in (("role", role), ("district_id", district_id), ("department_id", department_id)):
        if value:
            conditions.append(f"u.{column} = :{column}")
            params[column] = value
    return conditions, params


def list_waiting(
    db: Database,
    *,
    role: str = "",
    district_id: int | None = None,
    department_id: int | None = None,
    with_valid: bool = False,
    now: datetime,
    limit: int = 1_000_000,
) -> list:
    """Active accounts that never signed in and wait for a password for one use.

    Those that hold one which still counts are left out, unless `with_valid`.
    """
    conditions, params = _narrowed("", role, district_id, department_id)
    conditions.append(_STATES["new"])
    if not with_valid:
        conditions.append(
            f"(u.password_hash = '{NO_PASSWORD}' OR (u.is_password_temporary = 1 AND u.password_expires_at < :now))"
        )
    return fetch_all(
        db,
        f"SELECT {_ACCOUNT} {_FROM} WHERE {' AND '.join(conditions)} ORDER BY u.username LIMIT :limit",
        {**params, "now": to_text(now), "limit": limit},
    )


def count_active(db: Database, role: str, *, except_id: int) -> int:
    """Active accounts of a role that can sign in, but for one."""
    return fetch_value(
        db,
        """
        SELECT count(*) FROM users WHERE role = :role AND is_active = 1 AND id <> :id AND password_hash <> :nobody
        """,
        {"role": role, "id": except_id, "nobody": NO_PASSWORD},
    )


def update_account(db: Database, user_id: int, values: dict[str, Any], *, version: int) -> bool:
    """Change what the office keeps of an account unless someone did first; whether it changed."""
    return (
        execute(
            db,
            """
            UPDATE users SET name = :name, role = :role, district_id = :district_id, department_id = :department_id,
              phone = :phone, unit = :unit, title = :title, version = version + 1
            WHERE id = :id AND version = :version
            """,
            {**values, "id": user_id, "version": version},
        )
        == 1
    )


def update_active(db: Database, user_id: int, *, is_active: bool) -> bool:
    """Disable or enable an account; whether that changed anything."""
    return (
        execute(
            db,
            "UPDATE users SET is_active = :active, version = version + 1 WHERE id = :id AND is_active <> :active",
            {"id": user_id, "active": int(is_active)},
        )
        == 1
    )


def update_one_time_password(
    db: Database, user_id: int, password_hash: str, *, expires_at: datetime, is_first: bool
) -> bool:
    """Store the hash of a password for one use; whether the account took it.

    `is_first`: only if its person never signed in and it is active.
    """
    return (
        execute(
            db,
            """
            UPDATE users SET password_hash = :hash, is_password_temporary = 1, password_expires_at = :expires_at
            WHERE id = :id AND (:is_first = 0 OR (last_sign_in_at IS NULL AND is_active = 1))
            """,
            {"hash": password_hash, "id": user_id, "expires_at": to_text(expires_at), "is_first": int(is_first)},
        )
        == 1
    )


def count_led_firms(db: Database, user_id: int) -> int:
    """How many firms this officer leads now."""
    return fetch_value(
        db,
        "SELECT count(*) FROM firm_officers WHERE user_id = :id AND is_lead = 1 AND to_on IS NULL",
        {"id": user_id},
    )


def list_by_id(db: Database, user_ids: Sequence[int]) -> list:
    """These accounts, by user name."""
    return fetch_all(
        db,
        f"SELECT {_ACCOUNT} {_FROM} WHERE u.id IN (SELECT value FROM json_each(:ids)) ORDER BY u.username",  # noqa: S608
        {"ids": json.dumps(list(user_ids))},
    )
