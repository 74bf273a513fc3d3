"""The few values that an installation keeps in its database."""

from pathlib import Path

from sqlite_utils import Database

from app.db import connect, execute, fetch_value


def get_setting(db: Database, name: str) -> str | None:
    """A setting's value, or None."""
    return fetch_value(db, "SELECT value FROM settings WHERE name = :name", {"name": name})


def set_setting(db: Database, name: str, value: str) -> None:
    """Store a setting."""
    execute(
        db,
        "INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value",
        {"name": name, "value": value},
    )


def is_demo(path: str) -> bool:
    """Whether this database holds the demo city."""
    if not Path(path).exists():
        return False
    db = connect(path)
    try:
        return db["settings"].exists() and get_setting(db, "demo") is not None
    finally:
        db.conn.close()
