"""Every SQL statement of what a bulletin's figures were counted from: the cases kept with it, and their lists.

A figure's cases are one row: a JSON list of [id, district, department, mark], the newest first. The id is an issue's,
or a visit's for 'visits'. The mark is 1 or 0 where the figure is a rate (of its part or not; None: nobody has said),
how often for 'rework', and the firm for 'visits'.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one
from app.issues.lifecycle import OPEN
from app.review.periods import Period

_OPEN = "(" + ", ".join(f"'{status}'" for status in sorted(OPEN)) + ")"
_ISSUES = "SELECT i.id, i.district_id, i.department_id, NULL FROM issues i WHERE"
_REPORTED = "i.reported_at >= :since AND i.reported_at < :until"
COUNTED = {
    "visits": "SELECT v.id, v.district_id, NULL, v.firm_id FROM visits v"
    " WHERE v.visited_at >= :since AND v.visited_at < :until",
    "reported": f"{_ISSUES} {_REPORTED}",
    "closed": f"{_ISSUES} i.closed_at >= :since AND i.closed_at < :until",
    "open": f"{_ISSUES} i.status IN {_OPEN}",
    "late": f"{_ISSUES} i.status IN {_OPEN} AND i.due_at < :now",
    "rework": f"""
        SELECT i.id, i.district_id, i.department_id, i.rework_count + i.reopen_count FROM issues i
        WHERE {_REPORTED} AND i.rework_count + i.reopen_count > 0
    """,  # noqa: S608 (our own words)
}
"""What each figure counts that is no rate of the boards."""


def list_counted(db: Database, figure: str, period: Period, *, now: datetime) -> list:
    """What one of `COUNTED` counts at this moment, the newest first: rows as they are kept."""
    since, until = period.bounds
    return fetch_all(db, f"{COUNTED[figure]} ORDER BY 1 DESC", {"since": since, "until": until, "now": to_text(now)})


def replace_sources(db: Database, bulletin_id: int, figure: str, rows: Sequence) -> None:
    """Keep what a figure was counted from, in place of what was kept before."""
    execute(
        db,
        """
        INSERT INTO bulletin_sources (bulletin_id, figure, cases) VALUES (:id, :figure, :cases)
        ON CONFLICT (bulletin_id, figure) DO UPDATE SET cases = :cases
        """,
        {
            "id": bulletin_id,
            "figure": figure,
            "cases": json.dumps([list(row) for row in rows], separators=(",", ":")),
        },
    )


class Place(NamedTuple):
    """Which lines of the bulletin's tables: all, a district's, a department's."""

    district_id: int | None
    department_id: int | None


_KEPT = """
    FROM bulletin_sources b, json_each(b.cases) s
    WHERE b.bulletin_id = :id AND b.figure = :figure AND (:district_id IS NULL OR s.value ->> 1 = :district_id)
    AND (:department_id IS NULL OR s.value ->> 2 = :department_id)
"""


def has_sources(db: Database, bulletin_id: int) -> bool:
    """Whether its cases were kept: those of the bulletins begun before that was done were not."""
    return fetch_one(db, "SELECT 1 FROM bulletin_sources WHERE bulletin_id = :id", {"id": bulletin_id}) is not None


def count_sources(db: Database, bulletin_id: int, figure: str, place: Place) -> dict[str, int]:
    """What one figure was counted from: `n` cases, `yes` and `no` by their mark, `times` together, `firms`."""
    row = fetch_one(
        db,
        f"""
        SELECT count(*) AS n, coalesce(sum(s.value ->> 3 = 1), 0) AS yes, coalesce(sum(s.value ->> 3 = 0), 0) AS no,
               coalesce(sum(s.value ->> 3), 0) AS times, count(DISTINCT s.value ->> 3) AS firms {_KEPT}
        """,
        {"id": bulletin_id, "figure": figure, **place._asdict()},
    )
    return dict(row) if row else {}


def list_sources(
    db: Database,
    bulletin_id: int,
    figure: str,
    place: Place,
    *,
    mark: bool | None = None,
    page: int = 1,
    limit: int = 25,
) -> list:
    """The issues that one figure was counted from, newest first, with the department as of then; one row more than
    `limit` tells of more. The title, the firm and the status are today's.
    """
    return fetch_all(
        db,
        f"""
        SELECT i.id, i.number, i.title, i.status, i.reported_at AS at, s.mark AS part, f.name AS firm,
               p.short_name AS district, p.name_en AS district_en, d.name AS department, d.name_en AS department_en
        FROM (SELECT s.key AS nth, s.value ->> 0 AS id, s.value ->> 1 AS district_id, s.value ->> 2 AS department_id,
                     s.value ->> 3 AS mark {_KEPT} AND (:mark IS NULL OR s.value ->> 3 = :mark)
              ORDER BY s.key LIMIT :limit OFFSET :offset) s
        JOIN issues i ON i.id = s.id JOIN firms f ON f.id = i.firm_id
        JOIN districts p ON p.id = s.district_id LEFT JOIN departments d ON d.id = s.department_id
        ORDER BY s.nth
        """,  # noqa: S608
        {
            "id": bulletin_id,
            "figure": figure,
            **place._asdict(),
            "mark": None if mark is None else int(mark),
            "limit": limit + 1,
            "offset": (page - 1) * limit,
        },
    )


def list_source_visits(
    db: Database, bulletin_id: int, place: Place, *, by_firm: bool, page: int = 1, limit: int = 25
) -> list:
    """The visits that were counted, newest first; or the firms visited, each with its latest visit and how many."""
    return fetch_all(
        db,
        f"""
        SELECT v.id, v.visited_at AS at, s.n, f.id AS firm_id, f.name AS firm, p.short_name AS district,
               p.name_en AS district_en
        FROM (SELECT min(s.key) AS nth, s.value ->> 0 AS id, s.value ->> 1 AS district_id, count(*) AS n {_KEPT}
              GROUP BY CASE WHEN :by_firm THEN s.value ->> 3 ELSE s.value ->> 0 END,
                       CASE WHEN :by_firm THEN s.value ->> 1 END
              ORDER BY nth LIMIT :limit OFFSET :offset) s
        JOIN visits v ON v.id = s.id JOIN firms f ON f.id = v.firm_id JOIN districts p ON p.id = s.district_id
        ORDER BY s.nth
        """,  # noqa: S608
        {
            "id": bulletin_id,
            "figure": "visits",
            **place._asdict(),
            "by_firm": int(by_firm),
            "limit": limit + 1,
            "offset": (page - 1) * limit,
        },
    )
