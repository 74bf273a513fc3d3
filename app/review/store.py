"""Every SQL statement of the boards: a handful of counts each, by indexes, none of which writes."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import fetch_all, fetch_value
from app.issues.ages import NEVER
from app.issues.lifecycle import OPEN
from app.review.periods import Period

_OPEN = "(" + ", ".join(f"'{status}'" for status in sorted(OPEN)) + ")"


def count_open(
    db: Database, *, district_id: int, now: datetime, bands: Mapping[str, tuple[str, str]]
) -> dict[str, int]:
    """How many issues of a district are open, by what waits for whom; under 'age:<key>' how many are in that band."""
    params: dict[str, object] = {"district_id": district_id, "now": to_text(now)}
    ages = []
    for position, (since, until) in enumerate(bands.values()):
        ages.append(f'sum(i.reported_at >= :from{position} AND i.reported_at < :to{position}) AS "age{position}"')
        params |= {f"from{position}": since, f"to{position}": until}
    (row,) = fetch_all(
        db,
        f"""
        SELECT count(*) AS open, sum(i.due_at < :now) AS late, sum(i.amber_at <= :now AND i.due_at >= :now) AS soon,
               sum(i.status = 'submitted') AS submitted, sum(i.status = 'needs_info') AS needs_info,
               sum(i.status = 'returned') AS returned, sum(i.status = 'disputed') AS disputed,
               sum(i.extension_asked_on IS NOT NULL) AS extension, sum(i.return_count >= 2) AS twice_returned,
               {", ".join(ages)}
        FROM issues i WHERE i.district_id = :district_id AND i.status IN {_OPEN}
        """,  # noqa: S608
        params,
    )
    counts = {name: row[name] or 0 for name in row.keys()}  # noqa: SIM118 (a row iterates over its values)
    return counts | {f"age:{key}": counts[f"age{position}"] for position, key in enumerate(bands)}


_GROUPS = {
    "department": ("i.department_id", "LEFT JOIN departments g ON g.id = i.department_id", "g.short_name"),
    "category": ("i.category_id", "JOIN categories g ON g.id = i.category_id", "g.name"),
    "township": (
        "f.township_id",
        "JOIN firms f ON f.id = i.firm_id LEFT JOIN townships g ON g.id = f.township_id",
        "g.name",
    ),
}


def count_open_by(db: Database, group: str, *, district_id: int, now: datetime) -> list:
    """How many of a district's issues are open, and how many of them late, by 'department', 'category' or 'township'.

    The most first. The row with id None counts those that no department has yet or whose firm names no township.
    """
    column, join, name = _GROUPS[group]
    return fetch_all(
        db,
        f"""
        SELECT g.id AS id, max({name}) AS name, max(g.name_en) AS name_en, count(*) AS n,
               coalesce(sum(i.due_at < :now), 0) AS late
        FROM issues i {join} WHERE i.district_id = :district_id AND i.status IN {_OPEN}
        GROUP BY {column} ORDER BY {column} IS NULL, n DESC, {column}
        """,  # noqa: S608
        {"district_id": district_id, "now": to_text(now)},
    )


def count_by_week(db: Database, weeks: Sequence[Period], *, district_id: int | None = None) -> dict[str, list[int]]:
    """How many issues were 'reported', 'closed' and, among these, 'solved' by the firm's word in each of the weeks."""
    spans = json.dumps([week.bounds for week in weeks])
    place = "" if district_id is None else "AND i.district_id = :district_id"

    def count(column: str, condition: str = "") -> str:
        span = f"i.{column} >= w.value ->> 0 AND i.{column} < w.value ->> 1"
        return f"(SELECT count(*) FROM issues i WHERE {span} {condition} {place})"  # noqa: S608

    rows = fetch_all(
        db,
        f"""
        SELECT {count("reported_at")} AS reported, {count("closed_at")} AS closed,
               {count("closed_at", "AND i.is_solved = 1")} AS solved
        FROM json_each(:spans) w ORDER BY w.key
        """,  # noqa: S608
        {"spans": spans, "district_id": district_id},
    )
    return {name: [row[name] for row in rows] for name in ("reported", "closed", "solved")}


def list_department_names(db: Database) -> list:
    """Every department, those that take no more issues too: old cases still name them."""
    return fetch_all(db, "SELECT id, name, short_name, name_en FROM departments ORDER BY id")


def count_open_by_place(db: Database, *, now: datetime, period: Period) -> list:
    """How many issues are open, by district and department; `old` of them were reported before the period."""
    return fetch_all(
        db,
        f"""
        SELECT i.district_id, i.department_id, count(*) AS n, coalesce(sum(i.due_at < :now), 0) AS late,
               sum(i.reported_at < :now_from) AS old, sum(i.status = 'callback') AS callback,
               sum(i.status = 'disputed') AS disputed, sum(i.status = 'submitted') AS submitted,
               sum(i.extension_asked_on IS NOT NULL) AS extension,
               sum(i.suspension_asked_on IS NOT NULL) AS suspension
        FROM issues i WHERE i.status IN {_OPEN} GROUP BY i.district_id, i.department_id
        """,  # noqa: S608
        {"now": to_text(now), "now_from": period.bounds[0]},
    )


def count_ended_since(db: Database, period: Period) -> int:
    """How many issues reported before the period were still open when it began, and have ended since."""
    return fetch_value(
        db,
        """
        SELECT (SELECT count(*) FROM issues i
                WHERE i.closed_at >= :since AND i.closed_at < :ever AND i.reported_at < :since)
             + (SELECT count(*) FROM issues i INDEXED BY issues_ended_unclosed
                WHERE i.status IN ('merged', 'void') AND i.changed_at >= :since AND i.reported_at < :since)
        """,
        {"since": period.bounds[0], "ever": NEVER},
    )


_DECIDING = "('urge', 'supervise', 'designate', 'grant_extension', 'refuse_extension', 'list_long_term')"
_HELD_UP = "('dispatched', 'in_progress', 'returned')"
# What nobody has decided. A decision that does not settle it counts until the next day where something was asked for,
# and for a few days where work is urged; a supervision holds until its day to reply is over.
_UNDECIDED = f"""
    i.status IN {_OPEN} AND i.department_id IS NOT NULL
    AND (i.status = 'disputed' OR i.reply_by_on < :today
         OR (i.status = 'in_progress' AND i.extension_asked_on IS NOT NULL
             AND (:is_office OR i.extension_count = 0))
         OR (i.due_at < :now AND i.status IN {_HELD_UP} AND i.reply_by_on IS NULL))
    AND NOT EXISTS (SELECT 1 FROM issue_events e WHERE e.issue_id = i.id AND e.action IN {_DECIDING}
         AND e.actor IN ('head', 'office')
         AND e.at >= CASE WHEN i.status = 'disputed' OR i.reply_by_on < :today OR i.extension_asked_on IS NOT NULL
                     THEN :day_began ELSE :urged_since END)
"""  # noqa: S608
# The sharper the earlier: nobody will take it, no reply to a supervision, time asked for, late.
_SHARPNESS = """
    CASE WHEN i.status = 'disputed' THEN 0 WHEN i.reply_by_on < :today THEN 1
         WHEN i.extension_asked_on IS NOT NULL AND (:is_office OR i.extension_count = 0) THEN 2 ELSE 3 END
"""


def _deck(district_id: int | None, moments: Mapping[str, str]) -> tuple[str, dict]:
    """The condition and the parameters: of one district, which is then a head's, or of the whole city."""
    place = "" if district_id is None else "i.district_id = :district_id AND "
    return place + _UNDECIDED, {**moments, "district_id": district_id, "is_office": int(district_id is None)}


def count_deck(db: Database, *, district_id: int | None, moments: Mapping[str, str]) -> int:
    """How many cases wait for a decision. `moments`: now, today, day_began, urged_since (see `deck.moments`)."""
    where, params = _deck(district_id, moments)
    return fetch_value(db, f"SELECT count(*) FROM issues i WHERE {where}", params)  # noqa: S608


def list_deck(db: Database, *, district_id: int | None, moments: Mapping[str, str]) -> list:
    """The same cases, the sharpest first: id and `sharpness` from 0 (nobody takes it) to 3 (late)."""
    where, params = _deck(district_id, moments)
    return fetch_all(
        db,
        f"""
        SELECT i.id, {_SHARPNESS} AS sharpness FROM issues i WHERE {where}
        ORDER BY sharpness, i.urgency = 'normal', coalesce(i.supervision, '') <> 'red', i.due_at IS NULL, i.due_at, i.id
        """,  # noqa: S608
        params,
    )


def list_points(db: Database, *, district_id: int | None, limit: int) -> list:
    """The open issues that have a place, their own position, else their firm's: of those due first, so many."""
    place = "" if district_id is None else "i.district_id = :district_id AND"
    first = "i.due_at IS NULL, i.due_at, i.id"
    return fetch_all(
        db,
        f"""
        SELECT i.id, i.title, i.due_at, i.amber_at, f.name AS firm, coalesce(i.latitude, f.latitude) AS latitude,
               CASE WHEN i.latitude IS NULL THEN f.longitude ELSE i.longitude END AS longitude
        FROM (SELECT i.id FROM issues i WHERE {place} i.status IN {_OPEN} ORDER BY {first} LIMIT :limit) chosen
        JOIN issues i ON i.id = chosen.id JOIN firms f ON f.id = i.firm_id
        WHERE i.latitude IS NOT NULL OR f.latitude IS NOT NULL
        ORDER BY {first}
        """,  # noqa: S608
        {"district_id": district_id, "limit": limit},
    )


def count_open_by_district(db: Database, *, now: datetime) -> list:
    """How many issues are open and how many of them late in every district: id, name, name_en, n, late."""
    return fetch_all(
        db,
        f"""
        SELECT p.id, p.name, p.name_en, count(i.id) AS n, coalesce(sum(i.due_at < :now), 0) AS late
        FROM districts p LEFT JOIN issues i ON i.district_id = p.id AND i.status IN {_OPEN}
        GROUP BY p.id ORDER BY p.id
        """,  # noqa: S608
        {"now": to_text(now)},
    )
