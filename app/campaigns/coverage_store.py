"""Every SQL statement on a campaign's firms: choosing them, and which of them were visited.

A firm counts while it operates or once it was visited: one that closed before anybody came is no one's omission. Which
visits there are is read from the visits themselves by their index of firm and time; nothing is kept that could drift.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from app.campaigns.models import Campaign, Choice
from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value

_LEAD = "LEFT JOIN firm_officers o ON o.firm_id = f.id AND o.is_lead = 1 AND o.to_on IS NULL"


def _firms(district_id: int | None) -> str:
    """A campaign's firms, of a district (read from the district's own, which are few) or all."""
    read = "campaign_firms m JOIN firms f ON f.id = m.firm_id"
    place = ""
    if district_id is not None:
        read = "firms f CROSS JOIN campaign_firms m ON m.firm_id = f.id"
        place = "AND f.district_id = :district_id"
    return f"""
        SELECT f.id, f.name, f.district_id, f.township_id, f.status, coalesce(u.unit, '') AS unit,
               (SELECT min(v.visited_at) FROM visits v WHERE v.firm_id = f.id
                AND v.visited_at >= :since AND v.visited_at < :until) AS met_at
        FROM {read} {_LEAD} LEFT JOIN users u ON u.id = o.user_id
        WHERE m.campaign_id = :campaign_id {place}
    """  # noqa: S608


def _span(campaign: Campaign, district_id: int | None = None) -> dict[str, object]:
    span = campaign.round
    return {
        "campaign_id": campaign.id,
        "since": span.since,
        "until": span.until,
        "district_id": district_id,
    }


def _matching(choice: Choice) -> tuple[str, dict[str, object]]:
    """The condition that leaves the operating firms of a choice, and its parameters."""
    if choice.codes:
        listed = "f.credit_code IN (SELECT value FROM json_each(:codes))"
        return f"f.status = 'operating' AND {listed}", {"codes": json.dumps(choice.codes)}
    conditions, params = ["f.status = 'operating'"], dict[str, object]()
    if choice.industries:
        conditions.append("f.industry IN (SELECT value FROM json_each(:industries))")
        params["industries"] = json.dumps(choice.industries)
    if choice.sizes:
        conditions.append("f.size IN (SELECT value FROM json_each(:sizes))")
        params["sizes"] = json.dumps(choice.sizes)
    if choice.district_ids or choice.township_ids:
        conditions.append(
            "(f.district_id IN (SELECT value FROM json_each(:districts))"
            " OR f.township_id IN (SELECT value FROM json_each(:townships)))"
        )
        params |= {"districts": json.dumps(choice.district_ids), "townships": json.dumps(choice.township_ids)}
    return " AND ".join(conditions), params


def count_chosen(db: Database, choice: Choice) -> tuple[int, int]:
    """How many firms a choice has now, and how many officers lead them."""
    where, params = _matching(choice)
    row = fetch_one(
        db,
        f"""
        SELECT count(*) AS firms, count(DISTINCT o.user_id) AS officers FROM firms f {_LEAD} WHERE {where}
        """,  # noqa: S608
        params,
    )
    return (row["firms"], row["officers"]) if row else (0, 0)


def count_missing(db: Database, campaign_id: int, choice: Choice) -> int:
    """How many firms fit the choice and are not in the campaign: founded or registered after it began."""
    where, params = _matching(choice)
    return fetch_value(
        db,
        f"""
        SELECT count(*) FROM firms f WHERE {where} AND NOT EXISTS
          (SELECT 1 FROM campaign_firms m WHERE m.campaign_id = :campaign_id AND m.firm_id = f.id)
        """,  # noqa: S608
        {**params, "campaign_id": campaign_id},
    )


def add_firms(db: Database, campaign_id: int, choice: Choice, *, now: datetime) -> int:
    """Put every firm of the choice into the campaign; how many were not there."""
    where, params = _matching(choice)
    return execute(
        db,
        f"""
        INSERT INTO campaign_firms (campaign_id, firm_id, added_at)
        SELECT :campaign_id, f.id, :now FROM firms f WHERE {where} ORDER BY f.id
        ON CONFLICT (campaign_id, firm_id) DO NOTHING
        """,  # noqa: S608
        {**params, "campaign_id": campaign_id, "now": to_text(now)},
    )


def list_known_codes(db: Database, codes: Sequence[str]) -> set[str]:
    """Those of these credit codes that the roster has."""
    rows = fetch_all(
        db,
        "SELECT credit_code FROM firms WHERE credit_code IN (SELECT value FROM json_each(:codes))",
        {"codes": json.dumps(list(codes))},
    )
    return {row["credit_code"] for row in rows}


def list_trades(db: Database) -> list:
    """The industries and sizes that operating firms have: industry, size, n."""
    return fetch_all(
        db,
        """
        SELECT f.industry, f.size, count(*) AS n FROM firms f WHERE f.status = 'operating'
        GROUP BY f.industry, f.size
        """,
    )


def is_chosen(db: Database, campaign_id: int, firm_id: int) -> bool:
    """Whether the firm is in the campaign."""
    sql = "SELECT 1 FROM campaign_firms WHERE campaign_id = :campaign_id AND firm_id = :firm_id"
    return fetch_one(db, sql, {"campaign_id": campaign_id, "firm_id": firm_id}) is not None


def list_behind(db: Database, campaign: Campaign) -> list[int]:
    """The lead officers of firms that operate and were not visited yet."""
    rows = fetch_all(
        db,
        """
        SELECT DISTINCT o.user_id FROM campaign_firms m JOIN firms f ON f.id = m.firm_id AND f.status = 'operating'
        JOIN firm_officers o ON o.firm_id = f.id AND o.is_lead = 1 AND o.to_on IS NULL
        JOIN users u ON u.id = o.user_id AND u.is_active = 1
        WHERE m.campaign_id = :campaign_id AND NOT EXISTS (SELECT 1 FROM visits v WHERE v.firm_id = f.id
          AND v.visited_at >= :since AND v.visited_at < :until)
        ORDER BY o.user_id
        """,
        _span(campaign),
    )
    return [row["user_id"] for row in rows]


def count_officers(db: Database, campaign: Campaign) -> int:
    """How many officers lead its firms."""
    return fetch_value(
        db,
        """
        SELECT count(DISTINCT o.user_id) FROM campaign_firms m
        JOIN firm_officers o ON o.firm_id = m.firm_id AND o.is_lead = 1 AND o.to_on IS NULL
        WHERE m.campaign_id = :id
        """,
        {"id": campaign.id},
    )


def count_coverage(db: Database, campaign: Campaign, *, district_id: int | None = None) -> tuple[int, int]:
    """How many of its firms (of a district, or all) were visited, and how many there are."""
    row = fetch_one(
        db,
        f"""
        SELECT count(met_at) AS visited, coalesce(sum(met_at IS NOT NULL OR status = 'operating'), 0) AS firms
        FROM ({_firms(district_id)})
        """,  # noqa: S608
        _span(campaign, district_id),
    )
    return (row["visited"], row["firms"]) if row else (0, 0)


def count_groups(db: Database, campaign: Campaign, *, district_id: int | None = None) -> list:
    """Its firms by district_id, unit (the lead officer's) and the hour (UTC, '2026-11-23T08', or None) of the first
    visit: n. `is_out`: neither visited nor operating, so not counted.
    """
    return fetch_all(
        db,
        f"""
        SELECT district_id, unit, substr(met_at, 1, 13) AS hour, met_at IS NULL AND status <> 'operating' AS is_out,
               count(*) AS n
        FROM ({_firms(district_id)}) GROUP BY 1, 2, 3, 4
        """,  # noqa: S608
        _span(campaign, district_id),
    )


@dataclass(frozen=True)
class FirmFilters:
    """Which of a campaign's firms. `state`: visited, unvisited, out, or '' for all that count.

    `met`: first visited in this span of UTC texts.
    """

    district_id: int | None = None
    unit: str | None = None
    state: str = ""
    met: tuple[str, str] | None = None


_STATES = {
    "": "(met_at IS NOT NULL OR status = 'operating')",
    "visited": "met_at IS NOT NULL",
    "unvisited": "met_at IS NULL AND status = 'operating'",
    "out": "met_at IS NULL AND status <> 'operating'",
}


def _filtered(campaign: Campaign, filters: FirmFilters) -> tuple[str, dict[str, object]]:
    conditions, params = [_STATES[filters.state]], _span(campaign, filters.district_id)
    if filters.unit is not None:
        conditions.append("unit = :unit")
        params["unit"] = filters.unit
    if filters.met is not None:
        conditions.append("met_at >= :met_from AND met_at < :met_to")
        params |= {"met_from": filters.met[0], "met_to": filters.met[1]}
    return " AND ".join(conditions), params


def list_firms(db: Database, campaign: Campaign, filters: FirmFilters, *, page: int, limit: int) -> list:
    """A page of its firms by district and name; one row more tells of more."""
    where, params = _filtered(campaign, filters)
    return fetch_all(
        db,
        f"""
        SELECT c.id, c.name, c.unit, c.met_at, c.status, d.short_name AS district, d.name_en AS district_en,
               coalesce(t.name, '') AS township, coalesce(t.name_en, '') AS township_en
        FROM ({_firms(filters.district_id)}) c JOIN districts d ON d.id = c.district_id
        LEFT JOIN townships t ON t.id = c.township_id
        WHERE {where} ORDER BY c.district_id, c.name, c.id LIMIT :limit OFFSET :offset
        """,  # noqa: S608
        {**params, "limit": limit + 1, "offset": (page - 1) * limit},
    )


def count_firms(db: Database, campaign: Campaign, filters: FirmFilters) -> int:
    """How many firms that is."""
    where, params = _filtered(campaign, filters)
    return fetch_value(db, f"SELECT count(*) FROM ({_firms(filters.district_id)}) c WHERE {where}", params)  # noqa: S608
