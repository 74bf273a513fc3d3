"""Every SQL statement on what the morning's digest says: what waits, in the city, with whom."""

from collections.abc import Mapping
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import fetch_all, fetch_one
from app.issues.lifecycle import OPEN

_OPEN = "(" + ", ".join(f"'{status}'" for status in sorted(OPEN)) + ")"

_WAITING = """
    count(*) AS open, sum(i.status = 'submitted') AS submitted, sum(i.status = 'returned') AS returned,
    sum(i.status = 'disputed') AS disputed, sum(i.status = 'dispatched') AS dispatched,
    sum(i.status = 'in_progress') AS handling, coalesce(sum(i.due_at < :now), 0) AS overdue,
    coalesce(sum(i.amber_at <= :now AND i.due_at >= :now), 0) AS soon
"""


def sum_waiting(db: Database, *, now: datetime) -> Mapping[str, int]:
    """What is open in the whole city, and how much of it is due soon or overdue."""
    row = fetch_one(
        db,
        f"SELECT {_WAITING} FROM issues i WHERE i.status IN {_OPEN}",  # noqa: S608
        {"now": to_text(now)},
    )
    return dict(row) if row else {}


def list_waiting_departments(db: Database, *, now: datetime) -> list[dict]:
    """Each department with something to accept or handle, those with the most overdue first."""
    rows = fetch_all(
        db,
        f"""
        SELECT d.short_name AS name, {_WAITING} FROM issues i JOIN departments d ON d.id = i.department_id
        WHERE i.status IN ('dispatched', 'in_progress') GROUP BY d.id ORDER BY overdue DESC, open DESC, d.id
        """,  # noqa: S608
        {"now": to_text(now)},
    )
    return [dict(row) for row in rows]


def list_waiting_districts(db: Database, *, now: datetime) -> list[dict]:
    """Each district with something to dispatch or decide, those with the most overdue first."""
    rows = fetch_all(
        db,
        f"""
        SELECT p.name, {_WAITING} FROM issues i JOIN districts p ON p.id = i.district_id
        WHERE i.status IN ('submitted', 'returned', 'disputed') GROUP BY p.id ORDER BY overdue DESC, open DESC, p.id
        """,  # noqa: S608
        {"now": to_text(now)},
    )
    return [dict(row) for row in rows]
