"""Every SQL statement on lists of issues: what narrows them, in what order they stand, how many there are."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlite_utils import Database

from app.clock import LOCAL, to_text
from app.db import fetch_all, fetch_value
from app.issues.store import OPEN_SQL, scope, ways
from app.people.models import User
from app.permissions import Role
from app.search import phrases


@dataclass(frozen=True)
class Filters:
    """What a list of issues is narrowed by. Empty means all; `due` is 'soon' or 'overdue', days are the city's."""

    status: str = ""
    department_id: int | None = None
    district_id: int | None = None
    township_id: int | None = None
    category_id: int | None = None
    firm_id: int | None = None
    visit_id: int | None = None
    due: str = ""
    age: tuple[str, str] | None = None  # reported at or after, and before: UTC texts
    query: str = ""
    part: str = ""
    supervision: bool = False
    pending: str = ""  # what a department asked for and nobody has decided: 'extension' or 'suspension'
    is_twice_returned: bool = False
    reported_from: date | None = None  # both days included
    reported_to: date | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    outcome: str = ""
    solved: str = ""  # what the firm said: 'yes' or 'no'
    without: str = ""  # what nobody has named yet: its 'department', or its firm's 'township'


_PLAIN = {
    "department_id": "i.department_id = :department_id",
    "district_id": "i.district_id = :district_id",
    "category_id": "i.category_id = :category_id",
    "firm_id": "i.firm_id = :firm_id",
    "visit_id": "i.visit_id = :visit_id",
    "township_id": "i.firm_id IN (SELECT id FROM firms WHERE township_id = :township_id)",
    "outcome": "i.outcome = :outcome",
}

_WITHOUT = {
    "department": "i.department_id IS NULL",
    "township": "i.firm_id IN (SELECT id FROM firms WHERE township_id IS NULL)",
}


def _narrow_more(filters: Filters) -> tuple[list[str], dict]:
    """The conditions that need nothing but their value."""
    conditions, params = [], {}
    for name, condition in _PLAIN.items():
        value = getattr(filters, name)
        if value not in (None, ""):
            conditions.append(condition)
            params[name] = value
    if filters.supervision:
        conditions.append("i.reply_by_on IS NOT NULL")
    if filters.is_twice_returned:
        conditions.append("i.return_count >= 2")
    if filters.without:
        conditions.append(_WITHOUT[filters.without])
    if filters.pending in ("extension", "suspension"):
        conditions.append(f"i.{filters.pending}_asked_on IS NOT NULL")
    if filters.solved:
        conditions.append("i.is_solved = :solved")
        params["solved"] = int(filters.solved == "yes")
    for name in ("reported", "closed"):
        first, last = getattr(filters, f"{name}_from"), getattr(filters, f"{name}_to")
        if first:
            conditions.append(f"i.{name}_at >= :{name}_from")
            params[f"{name}_from"] = to_text(datetime.combine(first, time(), LOCAL))
        if last:
            conditions.append(f"i.{name}_at < :{name}_to")
            params[f"{name}_to"] = to_text(datetime.combine(last, time(), LOCAL) + timedelta(days=1))
    return conditions, params


def _narrow(filters: Filters, now: datetime) -> tuple[list[str], dict]:
    """The conditions of a list but for whose it is and what was typed, and their parameters."""
    conditions, params = _narrow_more(filters)
    if filters.status == "open":
        conditions.append(f"i.status IN {OPEN_SQL}")
    elif filters.status == "closed":
        conditions.append("i.closed_at IS NOT NULL")  # the same by the schema, and in the order of an index
    elif filters.status:
        conditions.append("i.status = :status")
        params["status"] = filters.status
    if filters.due:
        conditions.append(f"i.status IN {OPEN_SQL}")
        conditions.append("i.due_at < :now" if filters.due == "overdue" else "i.amber_at <= :now AND i.due_at >= :now")
        params["now"] = to_text(now)
    if filters.age:
        conditions.append("i.reported_at >= :age_from AND i.reported_at < :age_to")
        params |= {"age_from": filters.age[0], "age_to": filters.age[1]}
    if filters.query:
        params["match"] = phrases(filters.query) or '""'
    return conditions, params


def _assisted(filters: Filters) -> str:
    """Which of what a department assists with such a list may hold, as `ways` knows it."""
    if filters.due:
        return "open"
    return filters.status if filters.status in ("", "open", "closed") else "status"


_TITLE = "i.id IN (SELECT rowid FROM issues_fts WHERE issues_fts MATCH :match)"
_FIRM = "i.firm_id IN (SELECT rowid FROM firms_fts WHERE firms_fts MATCH :match)"


def _all_of(filters: Filters, visible_to: User, now: datetime) -> tuple[str, dict]:
    """The condition of a list as a whole, for counting it and for reading it to its end, and its parameters."""
    conditions, params = _narrow(filters, now)
    where, own = scope(visible_to, part=filters.part, assisted=_assisted(filters))
    if filters.query:
        conditions.append(f"({_TITLE} OR {_FIRM})")
    return " AND ".join([where, *conditions]), params | own


_ORDERS = {
    "newest": "i.reported_at DESC, i.id DESC",
    "changed": "i.changed_at DESC, i.id DESC",
    "closed": "i.closed_at DESC, i.id DESC",
    "due": "i.due_at IS NULL, i.due_at, i.id",
    # What just came in stands on top, then what is due first.
    "inbox": "i.status <> 'dispatched', CASE i.status WHEN 'dispatched' THEN i.changed_at END DESC,"
    " i.due_at IS NULL, i.due_at, i.id",
}

_ASSISTED_CLOSED = "issue_departments a CROSS JOIN issues i ON i.id = a.issue_id"
_LAST_ASSISTED = "a.closed_at DESC, a.issue_id DESC"  # as `closed`, by an index that a department has of its own

FEW_FIRMS = 50
"""So many firms' issues are gathered and sorted. Where more firms are meant, going back in time soon meets them."""


def _first_of(
    db: Database, filters: Filters, *, visible_to: User, now: datetime, order: str
) -> tuple[list[tuple[str, str, str]], dict]:
    """Where the first lines of a list may come from: FROM, WHERE, ORDER BY of each source, and their parameters.

    Each source is read in its order only as far as its limit, by an index, so that a page costs the same however long
    the history: a search goes back in time, and stops when the page is full.
    """
    conditions, params = _narrow(filters, now)
    own, ids = ways(visible_to, part=filters.part, assisted=_assisted(filters))
    params |= ids
    if not filters.query:
        sources = [("issues i", " AND ".join([way, *conditions]), _ORDERS[order]) for way in own]
        if order == "closed" and visible_to.role is Role.HANDLER and filters.part != "lead":
            sources[-1] = (_ASSISTED_CLOSED, " AND ".join(["a.department_id = :scope_id", *conditions]), _LAST_ASSISTED)
        return sources, params
    newest = _ORDERS["newest"]
    whole = f"({' OR '.join(own)})"
    by_title = " AND ".join(["issues_fts MATCH :match", whole, *conditions])
    sources = [("issues_fts s CROSS JOIN issues i ON i.id = s.rowid", by_title, "s.rowid DESC")]
    met = "SELECT 1 FROM firms_fts WHERE firms_fts MATCH :match LIMIT :few"
    firms = fetch_value(db, f"SELECT count(*) FROM ({met})", {**params, "few": FEW_FIRMS + 1})  # noqa: S608
    if firms > FEW_FIRMS:
        sources += [("issues i", " AND ".join([way, f"+{_FIRM}", *conditions]), newest) for way in own]
    elif firms:
        by_firm = " AND ".join(["firms_fts MATCH :match", whole, *conditions])
        sources.append(("firms_fts s CROSS JOIN issues i ON i.firm_id = s.rowid", by_firm, newest))
    return sources, params


def list_issues(
    db: Database,
    filters: Filters,
    *,
    visible_to: User,
    now: datetime,
    order: str = "newest",
    page: int = 1,
    limit: int = 25,
) -> list:
    """A page of issues; one row more than `limit` tells that there are more. What was searched stands newest first."""
    sources, params = _first_of(db, filters, visible_to=visible_to, now=now, order=order)
    in_order = _ORDERS["newest" if filters.query else order]
    parts = [
        f"SELECT id FROM (SELECT i.id FROM {source} WHERE {where} ORDER BY {by} LIMIT :most)"  # noqa: S608
        for source, where, by in sources
    ]
    return fetch_all(
        db,
        f"""
        SELECT i.id, i.number, i.version, i.status, i.title, i.urgency, i.reported_at, i.clock, i.due_at, i.amber_at,
               i.is_due_provisional, i.supervision, i.outcome, i.closed_at, f.name AS firm,
               p.short_name AS district, p.name_en AS district_en, c.name AS category, c.name_en AS category_en,
               d.short_name AS department, d.name_en AS department_en
        FROM (SELECT i.id FROM issues i WHERE i.id IN ({" UNION ALL ".join(parts)})
              ORDER BY {in_order} LIMIT :limit OFFSET :offset) chosen
        JOIN issues i ON i.id = chosen.id JOIN firms f ON f.id = i.firm_id JOIN districts p ON p.id = i.district_id
        JOIN categories c ON c.id = i.category_id LEFT JOIN departments d ON d.id = i.department_id
        ORDER BY {in_order}
        """,  # noqa: S608 (only ids are sorted; only the page's lines are joined)
        {**params, "limit": limit + 1, "offset": (page - 1) * limit, "most": page * limit + 1},
    )


def list_ids(
    db: Database, filters: Filters, *, visible_to: User, now: datetime, after_id: int = 0, limit: int = 500
) -> list[int]:
    """The ids of such a list in their own order, for reading it to its end in pieces: those after `after_id`."""
    where, params = _all_of(filters, visible_to, now)
    rows = fetch_all(
        db,
        f"SELECT i.id FROM issues i WHERE {where} AND i.id > :after_id ORDER BY i.id LIMIT :limit",  # noqa: S608
        {**params, "after_id": after_id, "limit": limit},
    )
    return [row["id"] for row in rows]


def count_issues(db: Database, filters: Filters, *, visible_to: User, now: datetime) -> int:
    """How many issues such a list holds."""
    where, params = _all_of(filters, visible_to, now)
    if where == "1":  # each issue took the next number of its year, and none is ever deleted
        return fetch_value(db, "SELECT coalesce(sum(last), 0) FROM issue_numbers")
    return fetch_value(db, f"SELECT count(*) FROM issues i WHERE {where}", params)  # noqa: S608
