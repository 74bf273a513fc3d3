"""Every SQL statement on accounts as the person herself meets them."""

import json
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value, insert
from app.people.models import User
from app.permissions import Role

COLUMNS = "u.id, u.username, u.name, u.role, u.district_id, u.department_id"


def user_in(row, token: str = "") -> User:
    """The person of a row that has COLUMNS."""
    return User(
        id=row["id"],
        username=row["username"],
        name=row["name"],
        role=Role(row["role"]),
        district_id=row["district_id"],
        department_id=row["department_id"],
        session_token=token,
    )


def get_user(db: Database, user_id: int) -> User | None:
    """An account by its id."""
    row = fetch_one(db, f"SELECT {COLUMNS} FROM users u WHERE u.id = :id", {"id": user_id})  # noqa: S608
    return user_in(row) if row else None


def get_user_by_username(db: Database, username: str) -> User | None:
    """An active account by its name for signing in."""
    row = fetch_one(
        db,
        f"SELECT {COLUMNS} FROM users u WHERE u.username = :username AND u.is_active = 1",  # noqa: S608
        {"username": username},
    )
    return user_in(row) if row else None


def get_user_id(db: Database, username: str) -> int | None:
    """The id of the account of this name, active or not."""
    return fetch_value(db, "SELECT id FROM users WHERE username = :username", {"username": username})


def get_password_expiry(db: Database, user_id: int) -> str | None:
    """Until when a password handed out for one use counts; None when it is the person's own."""
    return fetch_value(
        db, "SELECT password_expires_at FROM users WHERE id = :id AND is_password_temporary = 1", {"id": user_id}
    )


def get_known(db: Database, user_id: int):
    """What anyone may know of the person, for judging a new password: username, name, phone, password_hash."""
    return fetch_one(db, "SELECT username, name, phone, password_hash FROM users WHERE id = :id", {"id": user_id})


def get_password_hash(db: Database, username: str) -> str | None:
    """The password's hash of an active account, or None."""
    return fetch_value(
        db, "SELECT password_hash FROM users WHERE username = :username AND is_active = 1", {"username": username}
    )


def update_password(db: Database, user_id: int, password_hash: str, *, now: datetime) -> None:
    """Store the hash of a password that the person chose."""
    execute(
        db,
        """
        UPDATE users SET password_hash = :hash, password_changed_at = :now, password_expires_at = NULL,
          is_password_temporary = 0
        WHERE id = :id
        """,
        {"hash": password_hash, "id": user_id, "now": to_text(now)},
    )


def update_signed_in(db: Database, user_id: int, *, now: datetime) -> None:
    """Remember when the person last signed in."""
    execute(db, "UPDATE users SET last_sign_in_at = :now WHERE id = :id", {"id": user_id, "now": to_text(now)})


def list_users_by_username(db: Database, usernames: list[str]) -> list:
    """Accounts of these names with their place of work, in the order given."""
    rows = {
        row["username"]: row
        for row in fetch_all(
            db,
            """
            SELECT u.username, u.name, u.role, d.short_name AS department, p.short_name AS district
            FROM users u LEFT JOIN departments d ON d.id = u.department_id LEFT JOIN districts p ON p.id = u.district_id
            WHERE u.username IN (SELECT value FROM json_each(:names)) AND u.is_active = 1
            """,
            {"names": json.dumps(usernames)},
        )
    }
    return [rows[name] for name in usernames if name in rows]


def insert_user(
    db: Database,
    *,
    username: str,
    password_hash: str,
    name: str,
    role: Role,
    district_id: int | None,
    department_id: int | None,
    phone: str = "",
    unit: str = "",
    title: str = "",
    now: datetime,
) -> int:
    """Add an account."""
    return insert(
        db,
        """
        INSERT INTO users (username, password_hash, name, role, district_id, department_id, phone, unit, title,
          created_at)
        VALUES (:username, :password_hash, :name, :role, :district_id, :department_id, :phone, :unit, :title, :now)
        """,
        {
            "username": username,
            "password_hash": password_hash,
            "name": name,
            "role": role,
            "district_id": district_id,
            "department_id": department_id,
            "phone": phone,
            "unit": unit,
            "title": title,
            "now": to_text(now),
        },
    )
