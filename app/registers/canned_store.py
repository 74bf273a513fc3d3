"""Every SQL statement on canned answers. Who may see which is in the WHERE: a department its own and the city's."""

from sqlite_utils import Database

from app.db import execute, fetch_all, fetch_one, fetch_value, insert
from app.people.models import User
from app.permissions import Role

MOST_OFFERED = 20
_SELECT = """
    SELECT a.*, c.name AS category, c.name_en AS category_en, d.short_name AS department, d.name_en AS department_en
    FROM canned_answers a
    LEFT JOIN categories c ON c.id = a.category_id
    LEFT JOIN departments d ON d.id = a.department_id
"""


def scope(user: User) -> tuple[str, dict[str, int | None]]:
    """Which rows a person sees: office and auditor all, others the city's and, in a department, its own."""
    if user.role in (Role.OFFICE, Role.AUDITOR):
        return "1", {}
    return "(a.department_id IS NULL OR a.department_id = :department_id)", {"department_id": user.department_id}


def list_answers(db: Database, *, visible_to: User) -> list:
    """All she sees, the city's first, then by department; in the order of categories, what fits all first."""
    where, params = scope(visible_to)
    return fetch_all(
        db,
        f"{_SELECT} WHERE {where} ORDER BY a.department_id, c.position, a.title",
        params,
    )


def list_offered(db: Database, *, category_id: int, visible_to: User) -> list:
    """What may be put into an answer to a problem of this category.

    Its own stand before what fits all, the own department's before the city's.
    """
    return fetch_all(
        db,
        f"""
        {_SELECT}
        WHERE a.is_active = 1 AND (a.category_id = :category_id OR a.category_id IS NULL)
          AND (a.department_id = :department_id OR a.department_id IS NULL)
        ORDER BY a.category_id IS NULL, a.department_id IS NULL, a.title
        LIMIT {MOST_OFFERED}
        """,
        {"category_id": category_id, "department_id": visible_to.department_id},
    )


def get_answer(db: Database, answer_id: int, *, visible_to: User):
    """One that she sees, or None."""
    where, params = scope(visible_to)
    return fetch_one(db, f"{_SELECT} WHERE a.id = :id AND {where}", {**params, "id": answer_id})


def has_title(db: Database, title: str, *, department_id: int | None, but_id: int | None) -> bool:
    """Whether another of the same department (or of the city) is called so."""
    found = fetch_value(
        db,
        """
        SELECT 1 FROM canned_answers
        WHERE coalesce(department_id, 0) = coalesce(:department_id, 0) AND title = :title AND id IS NOT :but_id
        """,
        {"department_id": department_id, "title": title, "but_id": but_id},
    )
    return found is not None


def insert_answer(db: Database, *, department_id: int | None, category_id: int | None, title: str, body: str) -> int:
    """Add one; its id."""
    return insert(
        db,
        """
        INSERT INTO canned_answers (department_id, category_id, title, body)
        VALUES (:department_id, :category_id, :title, :body)
        """,
        {"department_id": department_id, "category_id": category_id, "title": title, "body": body},
    )


def update_answer(
    db: Database, answer_id: int, *, category_id: int | None, title: str, body: str, version: int
) -> bool:
    """Change one as it was at `version`; whether it still was."""
    changed = execute(
        db,
        """
        UPDATE canned_answers SET category_id = :category_id, title = :title, body = :body, version = version + 1
        WHERE id = :id AND version = :version
        """,
        {"id": answer_id, "category_id": category_id, "title": title, "body": body, "version": version},
    )
    return changed == 1


def update_answer_use(db: Database, answer_id: int, *, is_active: bool) -> None:
    """Take one out of use, or back into it."""
    execute(
        db,
        "UPDATE canned_answers SET is_active = :is_active, version = version + 1 WHERE id = :id",
        {"id": answer_id, "is_active": int(is_active)},
    )
