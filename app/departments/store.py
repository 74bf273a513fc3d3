"""Every SQL statement on departments and categories."""

from sqlite_utils import Database

from app.db import fetch_all, fetch_one


def list_departments(db: Database) -> list:
    """The departments that take issues now."""
    return fetch_all(db, "SELECT * FROM departments WHERE is_active = 1 ORDER BY id")


def get_department(db: Database, department_id: int):
    """One department, or None."""
    return fetch_one(db, "SELECT * FROM departments WHERE id = :id", {"id": department_id})


def list_categories(db: Database) -> list:
    """The categories in use, in the office's order."""
    return fetch_all(db, "SELECT * FROM categories WHERE is_active = 1 ORDER BY position")


def list_category_ids(db: Database) -> set[int]:
    """Every category there is or was: what a phone recorded before one went out of use still has it."""
    return {row["id"] for row in fetch_all(db, "SELECT id FROM categories")}


def get_category(db: Database, category_id: int, *, once: bool = False):
    """One category in use, or None; `once`: one that went out of use too."""
    return fetch_one(
        db, "SELECT * FROM categories WHERE id = :id AND (is_active = 1 OR :once)", {"id": category_id, "once": once}
    )


def list_answering(db: Database) -> list:
    """Which departments usually answer for which category, as (category_id, department_id), the likeliest first."""
    return fetch_all(db, "SELECT category_id, department_id FROM category_departments ORDER BY category_id, position")
