"""Every SQL statement behind the assignment screens: officers with their firms, firms without one, open promises."""

import json
from collections.abc import Collection

from sqlite_utils import Database

from app.assignments.store import officer_scope
from app.db import fetch_all, fetch_value
from app.firms.models import OPEN_SQL
from app.people.models import User
from app.permissions import Role

_UNASSIGNED = (
    "f.status <> 'closed' AND NOT EXISTS (SELECT 1 FROM firm_officers x INDEXED BY firm_officers_one_lead"
    " WHERE x.firm_id = f.id AND x.is_lead = 1 AND x.to_on IS NULL)"
)


def _firms(visible_to: User, district_id: int | None) -> tuple[str, dict]:
    """The condition that leaves the firms f of the district (or all) that this person keeps or reads."""
    if visible_to.role in (Role.DISPATCHER, Role.HEAD):
        where, params = "f.district_id = :firm_scope_id", {"firm_scope_id": visible_to.district_id}
    else:
        where, params = ("1" if visible_to.role in (Role.OFFICE, Role.AUDITOR) else "0"), {}
    if district_id is not None:
        where, params = f"{where} AND f.district_id = :district_id", {**params, "district_id": district_id}
    return where, params


def count_unassigned(db: Database, *, visible_to: User, district_id: int | None = None) -> int:
    """How many firms (closed ones aside) nobody leads: just those that `list_unassigned` shows."""
    where, params = _firms(visible_to, district_id)
    return fetch_value(db, f"SELECT count(*) FROM firms f WHERE {where} AND {_UNASSIGNED}", params)  # noqa: S608


def list_unassigned(db: Database, *, visible_to: User, district_id: int | None, page: int, limit: int) -> list:
    """A page of them by district, township and name; one row more than `limit` tells of more."""
    where, params = _firms(visible_to, district_id)
    return fetch_all(
        db,
        f"""
        SELECT f.id, f.name, f.status, f.address, d.short_name AS district, d.name_en AS district_en,
               coalesce(t.name, '') AS township, coalesce(t.name_en, '') AS township_en,
               (SELECT group_concat(u.name, ', ') FROM firm_officers x JOIN users u ON u.id = x.user_id
                WHERE x.firm_id = f.id AND x.to_on IS NULL) AS deputies,
               (SELECT count(*) FROM issues i WHERE i.firm_id = f.id AND i.status IN {OPEN_SQL}) AS open_count
        FROM firms f JOIN districts d ON d.id = f.district_id LEFT JOIN townships t ON t.id = f.township_id
        WHERE {where} AND {_UNASSIGNED}
        ORDER BY f.district_id, f.township_id, f.name, f.id LIMIT :limit OFFSET :offset
        """,  # noqa: S608
        {**params, "limit": limit + 1, "offset": (page - 1) * limit},
    )


def list_by_district(db: Database) -> list:
    """For the city: each district with its firms, officers, and firms nobody leads, in the order of their codes."""
    return fetch_all(
        db,
        f"""
        WITH counted AS (
          SELECT +f.district_id AS district_id, sum(f.status <> 'closed') AS firm_count,
                 sum({_UNASSIGNED}) AS unassigned
          FROM firms f GROUP BY +f.district_id)  -- in the order of the table: an index would have it fetched by leaps
        SELECT d.id, d.name, d.short_name, d.name_en, coalesce(c.firm_count, 0) AS firm_count,
               (SELECT count(*) FROM users u WHERE u.district_id = d.id AND u.role = 'officer' AND u.is_active = 1)
                 AS officer_count, coalesce(c.unassigned, 0) AS unassigned
        FROM districts d LEFT JOIN counted c ON c.district_id = d.id ORDER BY d.id
        """,  # noqa: S608
    )


def list_officers(
    db: Database, *, visible_to: User, district_id: int | None, query: str = "", page: int = 1, limit: int = 50
) -> list:
    """Officers by name with what they look after: lead_count, deputy_count, open_count (issues of firms they lead).

    Disabled accounts show as long as firms are still theirs. `query` is a part of a name or unit, or a username. One
    row more than `limit` tells of more.
    """
    where, params = officer_scope(visible_to)
    if district_id is not None:
        where, params = f"{where} AND u.district_id = :district_id", {**params, "district_id": district_id}
    return fetch_all(
        db,
        f"""
        WITH people AS (
          SELECT u.id, u.name, u.unit, u.title, u.is_active, u.district_id FROM users u
          WHERE {where} AND (:query = '' OR instr(u.name, :query) OR instr(u.unit, :query) OR u.username = :query)
            AND (u.is_active = 1 OR EXISTS (SELECT 1 FROM firm_officers x WHERE x.user_id = u.id AND x.to_on IS NULL))
          ORDER BY u.name, u.id LIMIT :limit OFFSET :offset)
        SELECT p.*, d.short_name AS district, d.name_en AS district_en,
               coalesce(sum(o.is_lead = 1), 0) AS lead_count, coalesce(sum(o.is_lead = 0), 0) AS deputy_count,
               coalesce(sum(CASE WHEN o.is_lead = 1 THEN
                 (SELECT count(*) FROM issues i WHERE i.firm_id = o.firm_id AND i.status IN {OPEN_SQL}) END), 0)
                 AS open_count
        FROM people p LEFT JOIN districts d ON d.id = p.district_id
        LEFT JOIN firm_officers o ON o.user_id = p.id AND o.to_on IS NULL
          AND EXISTS (SELECT 1 FROM firms f WHERE f.id = o.firm_id AND f.status <> 'closed')
        GROUP BY p.id ORDER BY p.name, p.id
        """,  # noqa: S608
        {**params, "query": query, "limit": limit + 1, "offset": (page - 1) * limit},
    )


def list_to_choose(
    db: Database, *, visible_to: User, district_id: int | None, query: str = "", but_id: int = 0, limit: int = 300
) -> list:
    """Officers on duty who may be given firms, by name: id, name, unit, district and how many firms they lead."""
    where, params = officer_scope(visible_to)
    if district_id is not None and not query:
        where, params = f"{where} AND u.district_id = :district_id", {**params, "district_id": district_id}
    return fetch_all(
        db,
        f"""
        SELECT u.id, u.name, u.unit, d.short_name AS district, d.name_en AS district_en,
               (SELECT count(*) FROM firm_officers o WHERE o.user_id = u.id AND o.is_lead = 1 AND o.to_on IS NULL)
                 AS lead_count
        FROM users u LEFT JOIN districts d ON d.id = u.district_id
        WHERE {where} AND u.is_active = 1 AND u.id <> :but_id
          AND (:query = '' OR instr(u.name, :query) OR instr(u.unit, :query) OR u.username = :query)
        ORDER BY u.district_id IS NULL, u.district_id, u.name, u.id LIMIT :limit
        """,  # noqa: S608
        {**params, "query": query, "but_id": but_id, "limit": limit},
    )


def list_firms_of(db: Database, user_id: int, *, visible_to: User) -> list:
    """The firms an officer looks after now, by township and name, led ones and others, closed ones too."""
    where, params = _firms(visible_to, None)
    return fetch_all(
        db,
        f"""
        SELECT f.id, f.name, f.status, f.township_id, coalesce(t.name, '') AS township,
               coalesce(t.name_en, '') AS township_en, o.is_lead, o.from_on, o.until_on,
               (SELECT count(*) FROM issues i WHERE i.firm_id = f.id AND i.status IN {OPEN_SQL}) AS open_count
        FROM firm_officers o JOIN firms f ON f.id = o.firm_id LEFT JOIN townships t ON t.id = f.township_id
        WHERE o.user_id = :user_id AND o.to_on IS NULL AND {where}
        ORDER BY o.is_lead DESC, f.township_id, f.name, f.id
        """,  # noqa: S608
        {**params, "user_id": user_id},
    )


def count_elsewhere(db: Database, user_id: int, *, visible_to: User) -> int:
    """How many firms she looks after that this person does not see."""
    where, params = _firms(visible_to, None)
    return fetch_value(
        db,
        f"""
        SELECT count(*) FROM firm_officers o JOIN firms f ON f.id = o.firm_id
        WHERE o.user_id = :user_id AND o.to_on IS NULL AND NOT ({where})
        """,  # noqa: S608
        {**params, "user_id": user_id},
    )


def list_promises(db: Database, firm_ids: Collection[int]) -> list:
    """The open issues of these firms, what waits for the officer first: id, number, title, status, firm, has_link."""
    return fetch_all(
        db,
        f"""
        SELECT i.id, i.number, i.title, i.status, i.firm_id, i.due_at, f.name AS firm,
               EXISTS (SELECT 1 FROM firm_links l WHERE l.issue_id = i.id AND l.used_at IS NULL
                       AND l.revoked_at IS NULL) AS has_link
        FROM issues i JOIN firms f ON f.id = i.firm_id
        WHERE i.firm_id IN (SELECT value FROM json_each(:ids)) AND i.status IN {OPEN_SQL}
        ORDER BY i.status IN ('needs_info', 'proposed', 'callback') DESC, i.due_at IS NULL, i.due_at, i.id
        """,  # noqa: S608
        {"ids": json.dumps(sorted(firm_ids))},
    )
