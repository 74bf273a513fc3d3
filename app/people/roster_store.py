"""The SQL that makes and changes accounts from a roster."""

from collections.abc import Mapping
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, insert
from app.people.models import NO_PASSWORD


def insert_person(db: Database, person: Mapping[str, object], *, role: str, now: datetime) -> int:
    """Add an account without a password: username, name, and what the roster says beside; its id."""
    empty = {"phone": "", "unit": "", "title": "", "district_id": None, "department_id": None}
    return insert(
        db,
        """
        INSERT INTO users (username, password_hash, name, role, district_id, department_id, phone, unit, title,
                           created_at)
        VALUES (:username, :hash, :name, :role, :district_id, :department_id, :phone, :unit, :title, :now)
        """,
        {**empty, **person, "hash": NO_PASSWORD, "role": role, "now": to_text(now)},
    )


def update_person(db: Database, user_id: int, person: Mapping[str, object]) -> None:
    """Store all that the roster says of an account, and whether it is active."""
    execute(
        db,
        """
        UPDATE users SET name = :name, phone = :phone, district_id = :district_id, department_id = :department_id,
               unit = :unit, title = :title, is_active = :is_active, version = version + 1
        WHERE id = :id
        """,
        {
            "id": user_id,
            **{
                key: person[key]
                for key in ("name", "phone", "district_id", "department_id", "unit", "title", "is_active")
            },
        },
    )
