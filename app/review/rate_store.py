"""Every SQL statement of the rates: how they are counted for all places at once, and the cases of one of them.

Both are made of the same pieces, so that a list is as long as its figure says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from app.db import fetch_all
from app.review.periods import Period

# One range for an index, from the former period's begin to the later's end, and then the gap between them left out.
# The schema sees to it that just closed issues have closed_at, so that a range of it need not ask for the status too.
_PERIODS = "{0} >= :before_from AND {0} < :now_to AND ({0} < :before_to OR {0} >= :now_from)"

_PLACED = "i.department_id IS NOT NULL"
_RULED = "e.action IN ('redispatch', 'designate')"
_WAS_WRONG = """e.data LIKE '%"was_wrong": true%'"""
_FIRST_RIGHT = f"""
    NOT (i.return_count > 0 AND EXISTS (SELECT 1 FROM issue_events e WHERE e.issue_id = i.id AND {_RULED}
         AND {_WAS_WRONG}))
"""  # noqa: S608
# What was ruled on a return (r): it was right, it was not, or None as long as nobody has.
_RETURN_RIGHT = f"""
    (SELECT {_WAS_WRONG} FROM issue_events e WHERE e.issue_id = r.issue_id AND e.id > r.id AND {_RULED}
     ORDER BY e.id LIMIT 1)
"""  # noqa: S608
# MATERIALIZED below: SQLite would look at an issue's events again each time that a statement names what it judged.
_RETURNS = """
    issues i JOIN issue_events r ON r.issue_id = i.id AND r.action = 'return' LEFT JOIN users u ON u.id = r.by_id
"""
_CLOCKS = "issue_clocks k JOIN issues i ON i.id = k.issue_id"
# A department answers for its own rounds only: not for an accepting that ended in a return, not for a handling that
# was cut short by a new round or because the issue was merged or void.
_OWN = "k.is_late IS NOT NULL AND i.status NOT IN ('merged', 'void')"
_OWN_ACCEPT = f"k.clock = 'accept' AND {_OWN} AND k.round > i.return_count"
_OWN_HANDLE = f"""
    k.clock = 'handle' AND {_OWN} AND (i.return_count = 0 OR NOT EXISTS (SELECT 1 FROM issue_clocks x
        WHERE x.issue_id = k.issue_id AND x.clock = k.clock AND x.round = k.round + 1 AND x.started_at = k.stopped_at))
"""  # noqa: S608


@dataclass(frozen=True)
class _Cases:
    """The cases of a figure: where they come from, when they happened, which of them it counts, which are its part."""

    source: str
    at: str
    where: str
    part: str
    department: str = "i.department_id"


_CASES: Mapping[str, _Cases] = {
    "first_right": _Cases("issues i", "i.reported_at", _PLACED, _FIRST_RIGHT),
    "accepted": _Cases(_CLOCKS, "k.stopped_at", _OWN_ACCEPT, "k.is_late = 0"),
    "answered": _Cases(_CLOCKS, "k.stopped_at", _OWN_HANDLE, "k.is_late = 0"),
    "extended": _Cases("issues i", "i.reported_at", _PLACED, "i.extension_count > 0"),
    "returned": _Cases(_RETURNS, "i.reported_at", "i.return_count > 0", _RETURN_RIGHT, "u.department_id"),
    "reworked": _Cases("issues i", "i.reported_at", _PLACED, "i.rework_count > 0"),
    "reopened": _Cases("issues i", "i.reported_at", _PLACED, "i.reopen_count > 0"),
    "solved": _Cases("issues i", "i.closed_at", "i.is_solved IS NOT NULL", "i.is_solved = 1"),
    "satisfied": _Cases("issues i", "i.closed_at", "i.is_satisfied IS NOT NULL", "i.is_satisfied = 1"),
}


_KEYS = {
    "district": "i.district_id",
    "department": "coalesce({0}, 0)",
    "": "(coalesce({0}, 0) * 100000 + i.district_id)",
}


def _places(by: str, at: str, department: str = "i.department_id") -> tuple[str, str]:
    """The columns of period and place, and the number to group by: of districts, of departments, or ("") of both.

    One number is sorted in half the time of the columns that it stands for, and a quarter has 40,000 rows; a page
    that shows one kind of place is spared the thousand pairs of both.
    """
    district, owner = "NULL" if by == "department" else "i.district_id", "NULL" if by == "district" else department
    columns = f"{at} >= :now_from AS is_now, {district} AS district_id, {owner} AS department_id"
    return columns, f"{_KEYS[by].format(department)} * 2 + ({at} >= :now_from)"


def _spans(period: Period, before: Period) -> dict[str, str]:
    (now_from, now_to), (before_from, before_to) = period.bounds, before.bounds
    return {"now_from": now_from, "now_to": now_to, "before_from": before_from, "before_to": before_to}


def count_reported(db: Database, period: Period, before: Period, *, by: str) -> list:
    """What was reported in either period, by district and the department that has it now (`by`: see `_places`).

    `placed`: how many have one; of these `first_right`, `extended`, `reworked` and `reopened`. `rounds`: how often
    their answers did not hold.
    """
    parts = ", ".join(
        f"coalesce(sum({_PLACED} AND {_CASES[key].part}), 0) AS {key}"
        for key in ("first_right", "extended", "reworked", "reopened")
    )
    columns, group = _places(by, "i.reported_at")
    return fetch_all(
        db,
        f"""
        SELECT {columns}, count(*) AS n,
               sum({_PLACED}) AS placed, sum(i.rework_count + i.reopen_count) AS rounds, {parts}
        FROM issues i WHERE {_PERIODS.format("i.reported_at")} GROUP BY {group}
        """,  # noqa: S608
        _spans(period, before),
    )


def count_returns(db: Database, period: Period, before: Period, *, by: str) -> list:
    """How often issues reported in either period were returned, by district and by the department that returned them.

    `ruled`: how many of the returns somebody ruled on; `justified`: how many of these were found right.
    """
    columns, _group = _places(by, "i.reported_at", "u.department_id")
    return fetch_all(
        db,
        f"""
        WITH counted AS MATERIALIZED (
            SELECT {columns}, {_RETURN_RIGHT} AS is_right
            FROM {_RETURNS} WHERE {_PERIODS.format("i.reported_at")} AND i.return_count > 0)
        SELECT is_now, district_id, department_id, count(*) AS n, count(is_right) AS ruled,
               coalesce(sum(is_right), 0) AS justified
        FROM counted GROUP BY 1, 2, 3
        """,  # noqa: S608
        _spans(period, before),
    )


def count_clocks(db: Database, period: Period, before: Period, *, by: str) -> list:
    """How many issues were accepted ('accept') and answered ('handle') in either period, and how many in time."""
    columns, group = _places(by, "k.stopped_at")
    return fetch_all(
        db,
        f"""
        SELECT {columns}, k.clock, count(*) AS n, sum(k.is_late = 0) AS in_time
        FROM {_CLOCKS}
        WHERE k.clock IN ('accept', 'handle') AND {_PERIODS.format("k.stopped_at")}
        AND (({_OWN_ACCEPT}) OR ({_OWN_HANDLE}))
        GROUP BY ({group}) * 2 + (k.clock = 'accept')
        """,  # noqa: S608
        _spans(period, before),
    )


def count_closed(db: Database, period: Period, before: Period, *, by: str) -> list:
    """How many issues were closed in either period, and what the firms said of them."""
    columns, group = _places(by, "i.closed_at")
    return fetch_all(
        db,
        f"""
        SELECT {columns}, count(*) AS n,
               count(i.is_solved) AS solved_n, coalesce(sum(i.is_solved), 0) AS solved,
               count(i.is_satisfied) AS satisfied_n, coalesce(sum(i.is_satisfied), 0) AS satisfied
        FROM issues i WHERE {_PERIODS.format("i.closed_at")} GROUP BY {group}
        """,  # noqa: S608
        _spans(period, before),
    )


def _narrow(cases: _Cases, period: Period, district_id: int | None, department_id: int | None) -> tuple[str, dict]:
    conditions = [cases.where, f"{cases.at} >= :since AND {cases.at} < :until"]
    if district_id is not None:
        conditions.append("i.district_id = :district_id")
    if department_id is not None:
        conditions.append(f"{cases.department} = :department_id")
    since, until = period.bounds
    values = {"since": since, "until": until, "district_id": district_id, "department_id": department_id}
    return " AND ".join(f"({each})" for each in conditions), values


def count_cases(
    db: Database, figure: str, period: Period, *, district_id: int | None, department_id: int | None
) -> tuple[int, int, int]:
    """Of one figure: how many cases it counts, how many are its part ('yes'), how many are not ('no')."""
    cases = _CASES[figure]
    where, values = _narrow(cases, period, district_id, department_id)
    (row,) = fetch_all(
        db,
        f"""
        WITH counted AS MATERIALIZED (SELECT {cases.part} AS part FROM {cases.source} WHERE {where})
        SELECT count(*) AS n, coalesce(sum(part = 1), 0) AS yes, coalesce(sum(part = 0), 0) AS no FROM counted
        """,  # noqa: S608
        values,
    )
    return row["n"], row["yes"], row["no"]


def list_counted(db: Database, figure: str, period: Period) -> list:
    """Every case of one figure, newest first: the issue's id, its district, the department, its part (1, 0, None)."""
    cases = _CASES[figure]
    where, values = _narrow(cases, period, None, None)
    return fetch_all(
        db,
        f"""
        SELECT i.id, i.district_id, {cases.department} AS department_id, {cases.part} AS part
        FROM {cases.source} WHERE {where} ORDER BY i.id DESC
        """,  # noqa: S608
        values,
    )


def list_cases(
    db: Database,
    figure: str,
    period: Period,
    *,
    district_id: int | None,
    department_id: int | None,
    part: bool | None = None,
    page: int = 1,
    limit: int = 25,
) -> list:
    """The cases of one figure, newest first: the issue, when (`at`), whether it is of the part (`part`: 1, 0, None).

    With `part` only those that are of it, or are not. One row more than `limit` tells that there are more.
    """
    cases = _CASES[figure]
    where, values = _narrow(cases, period, district_id, department_id)
    return fetch_all(
        db,
        f"""
        SELECT * FROM (
            SELECT i.id, i.number, i.title, i.status, {cases.at} AS at, {cases.part} AS part, f.name AS firm,
                   p.short_name AS district, p.name_en AS district_en, d.name AS department,
                   d.name_en AS department_en
            FROM {cases.source} JOIN firms f ON f.id = i.firm_id JOIN districts p ON p.id = i.district_id
            LEFT JOIN departments d ON d.id = {cases.department}
            WHERE {where})
        WHERE :part IS NULL OR part = :part
        ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset
        """,  # noqa: S608
        {**values, "part": None if part is None else int(part), "limit": limit + 1, "offset": (page - 1) * limit},
    )
