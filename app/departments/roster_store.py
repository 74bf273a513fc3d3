"""The SQL that adds and changes departments from a roster."""

from collections.abc import Mapping

from sqlite_utils import Database

from app.db import execute, insert

RECORD = ("name", "short_name", "name_en", "aliases", "matters", "keywords", "is_active")


def insert_department(db: Database, department: Mapping[str, object]) -> int:
    """Add a department; its id."""
    empty = {"aliases": "", "matters": "", "keywords": "", "name_en": ""}
    return insert(
        db,
        """
        INSERT INTO departments (name, short_name, name_en, aliases, matters, keywords)
        VALUES (:name, :short_name, :name_en, :aliases, :matters, :keywords)
        """,
        {**empty, **department},
    )


def update_department(db: Database, department_id: int, department: Mapping[str, object]) -> None:
    """Store the whole record of a department."""
    execute(
        db,
        """
        UPDATE departments SET name = :name, short_name = :short_name, name_en = :name_en, aliases = :aliases,
               matters = :matters, keywords = :keywords, is_active = :is_active WHERE id = :id
        """,
        {"id": department_id, **{key: department[key] for key in RECORD}},
    )
