"""Every SQL statement on what is open: how many issues at each status and clock, and what waits for an officer."""

from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import fetch_all, fetch_value
from app.issues.store import OPEN_SQL, ways
from app.people.models import User


def count_open_by_status(db: Database, *, visible_to: User, now: datetime, part: str = "") -> dict[str, int]:
    """How many open issues stand at each status, and under 'overdue' and 'soon' how many by their clock."""
    own, params = ways(visible_to, part=part, assisted="open")
    parts = [
        f"SELECT i.id, i.status, i.due_at, i.amber_at FROM issues i WHERE {way} AND i.status IN {OPEN_SQL}"  # noqa: S608
        for way in own
    ]
    rows = fetch_all(
        db,
        f"""
        SELECT i.status, count(*) AS n, sum(i.due_at < :now) AS late,
               sum(i.amber_at <= :now AND i.due_at >= :now) AS soon
        FROM ({" UNION ".join(parts)}) i GROUP BY i.status
        """,  # noqa: S608 (each way by its own index: with OR between them all that is open was read)
        {**params, "now": to_text(now)},
    )
    counts = {row["status"]: row["n"] for row in rows}
    counts["overdue"] = sum(row["late"] or 0 for row in rows)
    counts["soon"] = sum(row["soon"] or 0 for row in rows)
    return counts


_HER_MOVE = "('needs_info', 'proposed', 'callback')"


def _waits_for(officer: User) -> tuple[str, dict]:
    """What waits for her: of her firms, and what she reported where nobody looks after the firm. What was handed over
    went along. Each half names the status, so that it reads an index of its own and nothing that grows with the city.
    """
    led = "SELECT 1 FROM firm_officers o WHERE o.firm_id = i.firm_id AND o.is_lead = 1 AND o.to_on IS NULL"
    hers = "SELECT firm_id FROM firm_officers WHERE user_id = :scope_id AND to_on IS NULL"
    return (
        f"((i.status IN {_HER_MOVE} AND i.firm_id IN ({hers}))"
        f" OR (i.status IN {_HER_MOVE} AND i.reported_by = :scope_id AND NOT EXISTS ({led})))",
        {"scope_id": officer.id},
    )


def list_waiting(db: Database, *, visible_to: User, now: datetime, limit: int) -> list:
    """What waits for the officer, her own move first, then by due date; one row more than `limit` tells of more.

    `asked` is what the dispatcher wants to know; `link_opened_at` when the firm opened the link it still holds, and
    `has_link` whether it holds one.
    """
    where, params = _waits_for(visible_to)
    link = "FROM firm_links l WHERE issue_id = i.id AND used_at IS NULL AND revoked_at IS NULL AND expires_at > :now"
    return fetch_all(
        db,
        f"""
        SELECT i.id, i.number, i.status, i.title, i.clock, i.due_at, i.amber_at, i.is_due_provisional, f.name AS firm,
               c.name AS category, c.name_en AS category_en,
               (SELECT e.note FROM issue_events e WHERE e.issue_id = i.id AND e.action = 'ask_info'
                ORDER BY e.id DESC LIMIT 1) AS asked,
               EXISTS (SELECT 1 {link}) AS has_link, (SELECT max(l.opened_at) {link}) AS link_opened_at
        FROM issues i JOIN firms f ON f.id = i.firm_id JOIN categories c ON c.id = i.category_id
        WHERE {where}
        ORDER BY i.status = 'callback', i.status = 'proposed', i.due_at IS NULL, i.due_at, i.id LIMIT :limit
        """,  # noqa: S608
        {**params, "now": to_text(now), "limit": limit + 1},
    )


def count_open_of_department(db: Database, department_id: int) -> int:
    """How many open issues the department leads, wherever they are."""
    return fetch_value(
        db,
        f"SELECT count(*) FROM issues WHERE department_id = :id AND status IN {OPEN_SQL}",  # noqa: S608
        {"id": department_id},
    )
