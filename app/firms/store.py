"""Every SQL statement on firms and who looks after them."""

from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value, insert
from app.firms.models import OPEN_SQL, Firm, FirmStatus, Round
from app.people.models import User
from app.permissions import Role
from app.search import initials, phrases, spaced

OPEN_ISSUES = f"""
    SELECT count(*) FROM issues i WHERE i.firm_id = f.id AND i.status IN {OPEN_SQL}
"""  # noqa: S608 (our own words)
LATE_ISSUES = OPEN_ISSUES + " AND i.due_at < :now"
LAST_VISIT = "SELECT max(v.visited_at) FROM visits v WHERE v.firm_id = f.id"
_CHOSEN = "EXISTS (SELECT 1 FROM campaign_firms m WHERE m.campaign_id = :campaign_id AND m.firm_id = f.id)"
_MET = """
    EXISTS (SELECT 1 FROM visits v
            WHERE v.firm_id = f.id AND v.visited_at >= :round_since AND v.visited_at < :round_until)
"""
_UNVISITED = f"f.status = 'operating' AND {_CHOSEN} AND NOT {_MET}"


def _of_round(round_: Round | None) -> dict[str, object]:
    if round_ is None:
        return {"campaign_id": None, "round_since": "", "round_until": ""}
    return {"campaign_id": round_.campaign_id, "round_since": round_.since, "round_until": round_.until}


def scope(visible_to: User) -> tuple[str, dict]:
    """The condition that leaves the firms this person may see, and its parameters."""
    if visible_to.role is Role.OFFICER:
        return (
            "f.id IN (SELECT firm_id FROM firm_officers WHERE user_id = :scope_id AND to_on IS NULL)",
            {"scope_id": visible_to.id},
        )
    if visible_to.role in (Role.DISPATCHER, Role.HEAD):
        return "f.district_id = :scope_id", {"scope_id": visible_to.district_id}
    if visible_to.role in (Role.OFFICE, Role.AUDITOR):
        return "1", {}
    return "0", {}


def get_firm(db: Database, firm_id: int, *, visible_to: User, once: bool = False) -> Firm | None:
    """One firm, or None if it is not there or not for this person.

    `once`: an officer's former firms too, for what her phone recorded before it heard that they were handed over.
    """
    where, params = scope(visible_to)
    if once and visible_to.role is Role.OFFICER:
        where = "f.id IN (SELECT firm_id FROM firm_officers WHERE user_id = :scope_id)"
    row = fetch_one(
        db,
        f"""
        SELECT f.id, f.name, f.credit_code, f.district_id, d.name AS district, d.name_en AS district_en,
               coalesce(t.name, '') AS township, coalesce(t.name_en, '') AS township_en, f.address, f.industry, f.size,
               f.contact_name, f.contact_phone, f.status, f.latitude, f.longitude, f.accuracy_m, f.position_source,
               f.positioned_at, o.user_id AS officer_id, u.name AS officer, f.version
        FROM firms f JOIN districts d ON d.id = f.district_id LEFT JOIN townships t ON t.id = f.township_id
        LEFT JOIN firm_officers o ON o.firm_id = f.id AND o.is_lead = 1 AND o.to_on IS NULL
        LEFT JOIN users u ON u.id = o.user_id
        WHERE f.id = :id AND {where}
        """,  # noqa: S608
        {"id": firm_id, **params},
    )
    return Firm(**{**dict(row), "status": FirmStatus(row["status"])}) if row else None


def list_firms(
    db: Database,
    *,
    visible_to: User,
    now: datetime,
    query: str = "",
    show: str = "",
    round_: Round | None = None,
    after: tuple[str, int] | None = None,
    limit: int = 30,
) -> list:
    """A page of firms by name: `limit` + 1 rows tell that there are more.

    `show` is '', 'open' (with open issues) or 'unvisited' (of the campaign's `round_`, and not visited in it); `after`
    is the last page's last (name, id). Each row has last_visited_at, open_count and late_count.
    """
    where, params = scope(visible_to)
    conditions = [where, "f.status <> 'closed'"]
    source = "firms f"
    if query:
        match = phrases(query)
        if not match:
            return []
        source = "firms_fts s JOIN firms f ON f.id = s.rowid"
        conditions.append("firms_fts MATCH :match")
        params["match"] = match
    if show == "open":
        conditions.append(f"EXISTS ({OPEN_ISSUES.replace('count(*)', '1')})")
    if show == "unvisited" and round_:
        conditions.append(_UNVISITED)
        params |= _of_round(round_)
    if after:
        conditions.append("(f.name, f.id) > (:after_name, :after_id)")
        params |= {"after_name": after[0], "after_id": after[1]}
    return fetch_all(
        db,
        f"""
        SELECT f.id, f.name, f.credit_code, f.status, f.latitude, f.longitude, f.address, d.short_name AS district,
               d.name_en AS district_en, coalesce(t.name, '') AS township,
               ({LAST_VISIT}) AS last_visited_at, ({OPEN_ISSUES}) AS open_count, ({LATE_ISSUES}) AS late_count
        FROM {source} JOIN districts d ON d.id = f.district_id LEFT JOIN townships t ON t.id = f.township_id
        WHERE {" AND ".join(conditions)}
        ORDER BY f.name, f.id LIMIT :limit
        """,  # noqa: S608
        {**params, "now": to_text(now), "limit": limit + 1},
    )


def count_firms(db: Database, *, visible_to: User) -> int:
    """How many firms this person may see (closed ones aside)."""
    where, params = scope(visible_to)
    return fetch_value(db, f"SELECT count(*) FROM firms f WHERE {where} AND f.status <> 'closed'", params)  # noqa: S608


def count_by_state(db: Database, *, visible_to: User, round_: Round | None):
    """For a short roster, one row: total, with_open, and of the round chosen and unvisited; closed ones aside.

    The same conditions as `list_firms`, so that each figure opens just the firms it counts.
    """
    where, params = scope(visible_to)
    return fetch_one(
        db,
        f"""
        SELECT count(*) AS total,
               coalesce(sum({_CHOSEN} AND (f.status = 'operating' OR {_MET})), 0) AS chosen,
               coalesce(sum({_UNVISITED}), 0) AS unvisited,
               coalesce(sum(EXISTS ({OPEN_ISSUES.replace("count(*)", "1")})), 0) AS with_open
        FROM firms f WHERE {where} AND f.status <> 'closed'
        """,  # noqa: S608
        {**params, **_of_round(round_)},
    )


def list_unvisited(db: Database, *, visible_to: User, round_: Round, limit: int) -> list:
    """The firms of the round that nobody has visited in it, longest ago first."""
    where, params = scope(visible_to)
    return fetch_all(
        db,
        f"""
        SELECT f.id, f.name, f.latitude, f.longitude, d.short_name AS district, d.name_en AS district_en,
               ({LAST_VISIT}) AS last_visited_at
        FROM firms f JOIN districts d ON d.id = f.district_id
        WHERE {where} AND {_UNVISITED}
        ORDER BY last_visited_at, f.id LIMIT :limit
        """,  # noqa: S608
        {**params, **_of_round(round_), "limit": limit},
    )


def update_position(
    db: Database, firm_id: int, *, latitude: float, longitude: float, accuracy_m: int | None, source: str, now: datetime
) -> None:
    """Store where the firm is (WGS-84, at most five decimals)."""
    execute(
        db,
        """
        UPDATE firms SET latitude = :latitude, longitude = :longitude, accuracy_m = :accuracy_m,
               position_source = :source, positioned_at = :now, version = version + 1 WHERE id = :id
        """,
        {
            "id": firm_id,
            "latitude": latitude,
            "longitude": longitude,
            "accuracy_m": accuracy_m,
            "source": source,
            "now": to_text(now),
        },
    )


def update_status(db: Database, firm_id: int, *, status: FirmStatus) -> None:
    """Store whether the firm is still there."""
    execute(
        db, "UPDATE firms SET status = :status, version = version + 1 WHERE id = :id", {"id": firm_id, "status": status}
    )


def insert_firm(db: Database, values: dict, *, now: datetime) -> int:
    """Add a firm with everything the roster says of it, and make it findable. Absent columns keep their defaults."""
    columns = {**values, "created_at": to_text(now)}
    names = ", ".join(columns)
    marks = ", ".join(f":{name}" for name in columns)
    firm_id = insert(db, f"INSERT INTO firms ({names}) VALUES ({marks})", columns)  # noqa: S608 (our own column names)
    index_firm(db, firm_id, name=values["name"], credit_code=values.get("credit_code"))
    return firm_id


def index_firm(db: Database, firm_id: int, *, name: str, credit_code: str | None) -> None:
    """Make a firm findable by any part of its name, its pinyin initials and its credit code."""
    execute(db, "DELETE FROM firms_fts WHERE rowid = :id", {"id": firm_id})
    execute(
        db,
        "INSERT INTO firms_fts (rowid, name, initials, credit_code) VALUES (:id, :name, :initials, :code)",
        {"id": firm_id, "name": spaced(name), "initials": initials(name), "code": spaced(credit_code or "")},
    )
