"""Every SQL statement on the list of visits: what narrows it, and its pages, newest first."""

from dataclasses import dataclass

from sqlite_utils import Database

from app.db import fetch_all, fetch_value
from app.people.models import User
from app.search import phrases
from app.visits.store import ways

FEW_FIRMS = 50
"""So many firms' visits are gathered and sorted. Where more firms are meant, going back in time soon meets them."""


@dataclass(frozen=True)
class Filters:
    """What a list of visits is narrowed by. Empty means all; a visit is at or after `since`, and before `until`."""

    firm_id: int | None = None
    query: str = ""  # part of a firm's name, its initials or its credit code
    since: str = ""
    until: str = ""
    question_id: int | None = None  # a campaign's question that was answered,
    answer: str | None = None  # with just this answer


_ISSUES = "(SELECT count(*) FROM issues i WHERE i.visit_id = v.id)"
_PHOTOS = "(SELECT count(*) FROM photos h WHERE h.visit_id = v.id)"
_ANSWERED = "SELECT a.visit_id FROM visit_answers a WHERE a.question_id = :question_id"
_CONDITIONS = {
    "firm_id": "v.firm_id = :firm_id",
    "since": "v.visited_at >= :since",
    "until": "v.visited_at < :until",
    "question_id": f"v.id IN ({_ANSWERED} AND (:answer IS NULL OR a.answer = :answer))",
}
_MET = "firms_fts WHERE firms_fts MATCH :match"
_NEWEST = "ORDER BY v.visited_at DESC, v.id DESC"


def _sources(db: Database, filters: Filters, visible_to: User) -> tuple[list[str], dict]:
    """FROM and WHERE of each way in which a visit comes to the list, and their parameters.

    Each way is read newest first by an index of its own, only as far as the page reaches.
    """
    own, params = ways(visible_to)
    given = {name: getattr(filters, name) for name in _CONDITIONS if getattr(filters, name) not in (None, "")}
    params |= given | {"answer": filters.answer}
    more = "".join(f" AND {_CONDITIONS[name]}" for name in given)
    whole = f"({' OR '.join(own)})"
    if filters.query:
        params["match"] = phrases(filters.query) or '""'
        found = f"SELECT count(*) FROM (SELECT 1 FROM {_MET} LIMIT :few)"  # noqa: S608
        firms = fetch_value(db, found, {"match": params["match"], "few": FEW_FIRMS + 1})
        if firms <= FEW_FIRMS:
            joined = "firms_fts s CROSS JOIN visits v ON v.firm_id = s.rowid"
            return [f"{joined} WHERE firms_fts MATCH :match AND {whole}{more}"], params
        more += f" AND +v.firm_id IN (SELECT rowid FROM {_MET})"  # noqa: S608
    elif filters.firm_id is not None:  # one firm's visits are few: no way of its own
        own = [whole]
    return [f"visits v WHERE {way}{more}" for way in own], params


def list_visits(
    db: Database, filters: Filters = Filters(), *, visible_to: User, page: int = 1, limit: int = 25
) -> list:
    """A page of visits, newest first; one row more than `limit` tells that there are more."""
    sources, params = _sources(db, filters, visible_to)
    parts = [f"SELECT id FROM (SELECT v.id FROM {source} {_NEWEST} LIMIT :most)" for source in sources]  # noqa: S608
    return fetch_all(
        db,
        f"""
        SELECT v.id, v.visited_at, v.mode, v.topics, v.notes, v.firm_id, f.name AS firm, d.short_name AS district,
               d.name_en AS district_en, u.name AS officer, {_ISSUES} AS issue_count, {_PHOTOS} AS photo_count
        FROM (SELECT v.id FROM visits v WHERE v.id IN ({" UNION ALL ".join(parts)})
              {_NEWEST} LIMIT :limit OFFSET :offset) chosen
        JOIN visits v ON v.id = chosen.id JOIN firms f ON f.id = v.firm_id
        JOIN districts d ON d.id = v.district_id JOIN users u ON u.id = v.officer_id
        {_NEWEST}
        """,  # noqa: S608 (only ids are sorted; only the page's lines are joined and counted)
        {**params, "limit": limit + 1, "offset": (page - 1) * limit, "most": page * limit + 1},
    )
