"""Every SQL statement on accounts, sessions and tries at signing in."""

import json
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value, insert
from app.people.models import User
from app.permissions import Role

_USER = "u.id, u.username, u.name, u.role, u.district_id, u.department_id"


def _user(row, token: str = "") -> User:
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
    row = fetch_one(db, f"SELECT {_USER} FROM users u WHERE u.id = :id", {"id": user_id})  # noqa: S608
    return _user(row) if row else None


def get_user_by_username(db: Database, username: str) -> User | None:
    """An active account by its name for signing in."""
    row = fetch_one(
        db,
        f"SELECT {_USER} FROM users u WHERE u.username = :username AND u.is_active = 1",  # noqa: S608
        {"username": username},
    )
    return _user(row) if row else None


def get_password_hash(db: Database, username: str) -> str | None:
    """The password's hash of an active account, or None."""
    return fetch_value(
        db, "SELECT password_hash FROM users WHERE username = :username AND is_active = 1", {"username": username}
    )


def update_password(db: Database, user_id: int, password_hash: str) -> None:
    """Store a new password's hash."""
    execute(db, "UPDATE users SET password_hash = :hash WHERE id = :id", {"hash": password_hash, "id": user_id})


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


def get_user_by_session(db: Database, token_hash: str, token: str) -> tuple[User, str] | None:
    """Whose open session this is, and when it was last seen; None if it ended or the account was disabled."""
    row = fetch_one(
        db,
        f"""
        SELECT {_USER}, s.seen_at FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.token_hash = :hash AND s.ended_at IS NULL AND u.is_active = 1
        """,  # noqa: S608
        {"hash": token_hash},
    )
    return (_user(row, token), row["seen_at"]) if row else None


def insert_session(db: Database, token_hash: str, *, user_id: int, now: datetime) -> int:
    """Open a session."""
    return insert(
        db,
        "INSERT INTO sessions (token_hash, user_id, created_at, seen_at) VALUES (:hash, :user_id, :now, :now)",
        {"hash": token_hash, "user_id": user_id, "now": to_text(now)},
    )


def update_session_seen(db: Database, token_hash: str, *, now: datetime) -> None:
    """Remember that the session was used."""
    execute(
        db, "UPDATE sessions SET seen_at = :now WHERE token_hash = :hash", {"hash": token_hash, "now": to_text(now)}
    )


def end_session(db: Database, token_hash: str, *, now: datetime) -> None:
    """End one session."""
    execute(
        db,
        "UPDATE sessions SET ended_at = :now WHERE token_hash = :hash AND ended_at IS NULL",
        {"hash": token_hash, "now": to_text(now)},
    )


def end_other_sessions(db: Database, user_id: int, *, keep: str, now: datetime) -> None:
    """End every session of a person but this one."""
    execute(
        db,
        "UPDATE sessions SET ended_at = :now WHERE user_id = :id AND token_hash <> :keep AND ended_at IS NULL",
        {"id": user_id, "keep": keep, "now": to_text(now)},
    )


def end_all_sessions(db: Database, *, now: datetime) -> None:
    """End every session of everybody."""
    execute(db, "UPDATE sessions SET ended_at = :now WHERE ended_at IS NULL", {"now": to_text(now)})


def count_attempts(db: Database, username: str, *, since: datetime) -> int:
    """Wrong passwords for this name since then, whether or not there is such an account."""
    return fetch_value(
        db,
        "SELECT count(*) FROM sign_in_attempts WHERE username = :username AND at > :since",
        {"username": username, "since": to_text(since)},
    )


def insert_attempt(db: Database, username: str, *, now: datetime) -> None:
    """Remember a wrong password."""
    insert(
        db,
        "INSERT INTO sign_in_attempts (username, at) VALUES (:username, :now)",
        {"username": username, "now": to_text(now)},
    )


def delete_attempts(db: Database, username: str, *, before: datetime | None = None) -> None:
    """Forget wrong passwords of this name (after a right one); older ones of every name with `before`."""
    execute(
        db,
        "DELETE FROM sign_in_attempts WHERE username = :username OR at < :before",
        {"username": username, "before": to_text(before) if before else ""},
    )


def insert_user(
    db: Database,
    *,
    username: str,
    password_hash: str,
    name: str,
    role: Role,
    district_id: int | None,
    department_id: int | None,
    now: datetime,
) -> int:
    """Add an account."""
    return insert(
        db,
        """
        INSERT INTO users (username, password_hash, name, role, district_id, department_id, created_at)
        VALUES (:username, :password_hash, :name, :role, :district_id, :department_id, :now)
        """,
        {
            "username": username,
            "password_hash": password_hash,
            "name": name,
            "role": role,
            "district_id": district_id,
            "department_id": department_id,
            "now": to_text(now),
        },
    )
