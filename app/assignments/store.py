"""Every SQL statement that gives a firm an officer or takes one away."""

from datetime import date

from sqlite_utils import Database

from app.db import execute, fetch_all, fetch_one, insert
from app.people.models import User
from app.permissions import Role


def officer_scope(visible_to: User) -> tuple[str, dict]:
    """The condition that leaves the officers (users u) this person may see here, and its parameters."""
    if visible_to.role in (Role.DISPATCHER, Role.HEAD):
        return "u.role = 'officer' AND u.district_id = :scope_id", {"scope_id": visible_to.district_id}
    if visible_to.role in (Role.OFFICE, Role.AUDITOR):
        return "u.role = 'officer'", {}
    return "0", {}


def get_officer(db: Database, user_id: int, *, visible_to: User):
    """An officer's account: id, name, unit, title, district and is_active, or None."""
    where, params = officer_scope(visible_to)
    return fetch_one(
        db,
        f"""
        SELECT u.id, u.name, u.unit, u.title, u.is_active, u.district_id, d.short_name AS district,
               d.name_en AS district_en
        FROM users u LEFT JOIN districts d ON d.id = u.district_id WHERE u.id = :id AND {where}
        """,  # noqa: S608
        {"id": user_id, **params},
    )


def list_current(db: Database, firm_id: int) -> list:
    """Who looks after the firm now, the lead first: id, user_id, is_lead, from_on, until_on, name, unit, is_active."""
    return fetch_all(
        db,
        """
        SELECT o.id, o.user_id, o.is_lead, o.from_on, o.until_on, u.name, u.unit, u.is_active
        FROM firm_officers o JOIN users u ON u.id = o.user_id
        WHERE o.firm_id = :firm_id AND o.to_on IS NULL ORDER BY o.is_lead DESC, o.from_on, o.id
        """,
        {"firm_id": firm_id},
    )


def list_past(db: Database, firm_id: int) -> list:
    """Who looked after the firm before, latest first."""
    return fetch_all(
        db,
        """
        SELECT o.user_id, o.is_lead, o.from_on, o.to_on, u.name, u.unit
        FROM firm_officers o JOIN users u ON u.id = o.user_id
        WHERE o.firm_id = :firm_id AND o.to_on IS NOT NULL ORDER BY o.to_on DESC, o.id DESC
        """,
        {"firm_id": firm_id},
    )


def insert_assignment(
    db: Database, firm_id: int, *, user_id: int, is_lead: bool, from_on: date, until_on: date | None = None
) -> int:
    """Give the firm an officer from that day on; `until_on` is the last day where one is foreseen."""
    return insert(
        db,
        """
        INSERT INTO firm_officers (firm_id, user_id, is_lead, from_on, until_on)
        VALUES (:firm_id, :user_id, :is_lead, :from_on, :until_on)
        """,
        {
            "firm_id": firm_id,
            "user_id": user_id,
            "is_lead": int(is_lead),
            "from_on": from_on.isoformat(),
            "until_on": until_on and until_on.isoformat(),
        },
    )


def end_assignment(db: Database, assignment_id: int, *, on: date) -> bool:
    """Let a current one count no more from that day on (never before it began); False if it had ended already."""
    changed = execute(
        db,
        "UPDATE firm_officers SET to_on = max(from_on, :on) WHERE id = :id AND to_on IS NULL",
        {"id": assignment_id, "on": on.isoformat()},
    )
    return changed == 1


def update_until(db: Database, assignment_id: int, *, until_on: date | None) -> None:
    """Store the last day foreseen for a current one."""
    execute(
        db,
        "UPDATE firm_officers SET until_on = :until_on WHERE id = :id",
        {"id": assignment_id, "until_on": until_on and until_on.isoformat()},
    )


def list_run_out(db: Database, *, before: date) -> list:
    """Current ones whose last day lies before that day: id, firm_id and user_id."""
    return fetch_all(
        db,
        """
        SELECT id, firm_id, user_id FROM firm_officers
        WHERE to_on IS NULL AND until_on IS NOT NULL AND until_on < :before ORDER BY id
        """,
        {"before": before.isoformat()},
    )
