"""The SQL behind the office's lists of categories and departments: all of them, also those out of use."""

from collections.abc import Mapping, Sequence

from sqlite_utils import Database

from app.db import execute, fetch_all, fetch_one, fetch_value, insert


def list_all_categories(db: Database) -> list:
    """Every category there is or was, in the office's order."""
    return fetch_all(db, "SELECT * FROM categories ORDER BY position, id")


def list_all_departments(db: Database) -> list:
    """Every department there is or was, with how many handlers can sign in."""
    return fetch_all(
        db,
        """
        SELECT d.*, (SELECT count(*) FROM users u WHERE u.department_id = d.id AND u.is_active = 1) AS handler_count
        FROM departments d ORDER BY d.id
        """,
    )


def get_any_category(db: Database, category_id: int):
    """One category in use or not, or None."""
    return fetch_one(db, "SELECT * FROM categories WHERE id = :id", {"id": category_id})


_OTHER = {
    (table, column): f"SELECT 1 FROM {table} WHERE {column} = :text AND id IS NOT :but_id"  # noqa: S608
    for table, columns in (("categories", ("name", "name_en")), ("departments", ("name", "short_name")))
    for column in columns
}
"""The names that only one may carry."""


def has_other(db: Database, table: str, column: str, text: str, *, but_id: int | None) -> bool:
    """Whether another category or department carries this name."""
    return fetch_value(db, _OTHER[table, column], {"text": text, "but_id": but_id}) is not None


def insert_category(db: Database, category: Mapping[str, object]) -> int:
    """Add a category at the end; its id."""
    return insert(
        db,
        """
        INSERT INTO categories (name, name_en, hint, hint_en, position)
        VALUES (:name, :name_en, :hint, :hint_en, (SELECT coalesce(max(position), 0) + 1 FROM categories))
        """,
        category,
    )


def update_category(db: Database, category_id: int, category: Mapping[str, object]) -> None:
    """Store how a category is called and explained."""
    execute(
        db,
        "UPDATE categories SET name = :name, name_en = :name_en, hint = :hint, hint_en = :hint_en WHERE id = :id",
        {"id": category_id, **category},
    )


def update_category_use(db: Database, category_id: int, *, is_active: bool) -> None:
    """Take a category out of use, or back into it."""
    execute(
        db, "UPDATE categories SET is_active = :is_active WHERE id = :id", {"id": category_id, "is_active": is_active}
    )


def update_department_use(db: Database, department_id: int, *, is_active: bool) -> None:
    """Take a department out of use, or back into it."""
    execute(
        db,
        "UPDATE departments SET is_active = :is_active WHERE id = :id",
        {"id": department_id, "is_active": is_active},
    )


def update_order(db: Database, category_ids: Sequence[int]) -> None:
    """Number the categories in this order, from 1."""
    for position, category_id in enumerate(category_ids, start=1):
        execute(
            db,
            "UPDATE categories SET position = :position WHERE id = :id AND position <> :position",
            {"id": category_id, "position": position},
        )


def list_answering_ids(db: Database, category_id: int) -> tuple[int, ...]:
    """Which departments usually answer for the category, the likeliest first."""
    rows = fetch_all(
        db,
        "SELECT department_id FROM category_departments WHERE category_id = :id ORDER BY position",
        {"id": category_id},
    )
    return tuple(row["department_id"] for row in rows)


def replace_answering(db: Database, category_id: int, department_ids: Sequence[int]) -> None:
    """Say which departments usually answer for the category, the likeliest first."""
    execute(db, "DELETE FROM category_departments WHERE category_id = :id", {"id": category_id})
    for position, department_id in enumerate(department_ids, start=1):
        execute(
            db,
            """
            INSERT INTO category_departments (category_id, department_id, position)
            VALUES (:id, :department_id, :position)
            """,
            {"id": category_id, "department_id": department_id, "position": position},
        )
