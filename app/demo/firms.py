"""The demo's firms: invented names on real townships, each with its officer."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlite_utils import Database

from app.assignments import store as assignments
from app.clock import day_of
from app.demo import texts
from app.demo.people import HOME_DISTRICT, OFFICERS, People
from app.firms import store
from app.firms.credit_code import check_character, organisation_check_character
from app.firms.models import FirmStatus
from app.people.models import User
from app.places import store as places

FIRMS = 2000
DEMO_OFFICER_FIRMS = 23
NEWCOMERS = {HOME_DISTRICT: 6, 410402: 4, 410481: 3}
"""How many firms of a district nobody looks after yet; elsewhere one."""
_FEWEST, _FEWEST_AT_HOME = 14, 70  # in the smallest city, for the work that waits in every one
_KM_PER_DEGREE = 111.2
_STRANGE_TITLES = {
    "工业": ("店长", "合作社理事长"),
    "服务业": ("厂长", "生产负责人", "合作社理事长"),
    "建筑业": ("厂长", "店长", "合作社理事长"),
    "农业": ("厂长", "店长"),
}
_STATUSES = {
    "正常": FirmStatus.OPERATING,
    "停产": FirmStatus.STOPPED,
    "失联": FirmStatus.LOST,
    "搬迁": FirmStatus.MOVED,
}


@dataclass(frozen=True)
class DemoFirm:
    """A firm with what its visits and problems are told from."""

    id: int
    name: str
    district_id: int
    officer: User
    trade: texts.Trade
    contact: str
    latitude: float | None
    longitude: float | None
    is_operating: bool


def invented_credit_code(number: int) -> str:
    """A code of the right form that no registry gave out: its body part begins with XF."""
    organisation = f"XF{number:06d}"
    body = f"91410400{organisation}{organisation_check_character(organisation)}"
    return body + check_character(body)


def load_firms(db: Database, rng: Random, people: People, *, scale: float, now: datetime) -> list[DemoFirm]:
    """Add the firms of every district and give each its lead officer; some have a second one."""
    firms: list[DemoFirm] = []
    taken: set[str] = set()
    for district in places.list_districts(db):
        officers = people.officers[district["id"]]
        is_home = district["id"] == HOME_DISTRICT
        share = OFFICERS[district["id"]] / sum(OFFICERS.values())
        count = max(round(FIRMS * scale * share), _FEWEST_AT_HOME if is_home else _FEWEST)
        leads = _leads(rng, officers, count, people.demo["officer"] if is_home else None)
        centres = _township_centres(db, rng, district)
        for lead in leads:
            firm = _add(db, rng, district, centres, lead, taken, number=len(firms) + 1, now=now)
            if len(officers) > 1 and rng.random() < 0.1:
                second = rng.choice([each for each in officers if each is not lead])
                if second is not people.demo["officer"]:
                    assignments.insert_assignment(db, firm.id, user_id=second.id, is_lead=False, from_on=day_of(now))
            firms.append(firm)
    _add_newcomers(db, taken, number=len(firms) + 1, now=now)
    return firms


def _add_newcomers(db: Database, taken: set[str], *, number: int, now: datetime) -> None:
    """Firms that the roster of last month brought and that nobody looks after yet; nothing else happens to them.

    They are drawn apart, so that there may be more or fewer of them without another city.
    """
    rng = Random(number)
    for district in places.list_districts(db):
        centres = _township_centres(db, rng, district)
        for _each in range(NEWCOMERS.get(district["id"], 1)):
            values, _trade, created = _draw(
                rng, district, centres, taken, number=number, ages=(5, 25), is_home=True, now=now
            )
            store.insert_firm(db, values, now=created)
            number += 1


def _leads(rng: Random, officers: list[User], count: int, demo: User | None) -> list[User]:
    """Who leads each of so many firms: evenly, but for the demo's officer with her own number."""
    others = [user for user in officers if user is not demo]
    own = [demo] * DEMO_OFFICER_FIRMS if demo else []
    rest = max(count - len(own), 0)
    leads = own + (others * (rest // len(others) + 1))[:rest]
    rng.shuffle(leads)
    return leads


def _township_centres(db: Database, rng: Random, district) -> list[tuple]:
    """Each township with a made-up centre: within the district's circle, as nothing better is published."""
    radius = math.sqrt(district["area_km2"] / math.pi)
    townships = places.list_townships(db, district["id"])
    return [(town, *_scattered(rng, district["latitude"], district["longitude"], radius * 0.6)) for town in townships]


def _scattered(rng: Random, latitude: float, longitude: float, radius_km: float) -> tuple[float, float]:
    """A point within so many kilometres, evenly over the circle; five decimals."""
    distance, angle = radius_km * math.sqrt(rng.random()), rng.random() * 2 * math.pi
    north = distance * math.cos(angle) / _KM_PER_DEGREE
    east = distance * math.sin(angle) / (_KM_PER_DEGREE * math.cos(math.radians(latitude)))
    return round(latitude + north, 5), round(longitude + east, 5)


def _add(db: Database, rng: Random, district, centres, lead: User, taken: set[str], *, number: int, now: datetime):
    values, trade, created = _draw(
        rng, district, centres, taken, number=number, ages=(100, 700), is_home=lead.username == "officer", now=now
    )
    firm_id = store.insert_firm(db, values, now=created)
    assignments.insert_assignment(db, firm_id, user_id=lead.id, is_lead=True, from_on=day_of(created))
    return DemoFirm(
        firm_id,
        values["name"],
        district["id"],
        lead,
        trade,
        values["contact_name"],
        values.get("latitude"),
        values.get("longitude"),
        values["status"] is FirmStatus.OPERATING,
    )


def _draw(
    rng: Random, district, centres, taken: set[str], *, number: int, ages: tuple[int, int], is_home: bool, now: datetime
) -> tuple[dict[str, Any], texts.Trade, datetime]:
    """An invented firm's row, its trade, and since when the roster has it; `is_home`: in business, its place known."""
    trade = texts.pick_trade(rng)
    name = texts.firm_name(rng, taken, district["short_name"], trade)
    taken.add(name)
    township, latitude, longitude = rng.choice(centres)
    status = FirmStatus.OPERATING if is_home else _STATUSES[_weighted(rng, texts.STATES)]
    is_placed = is_home or rng.random() < 0.96
    strange = _STRANGE_TITLES[trade.industry]
    contact = rng.choice([each for each in texts.CONTACT_TITLES if each not in strange])
    position: tuple[float | None, float | None] = (None, None)
    if is_placed:
        position = _scattered(rng, latitude, longitude, 1.8)
    created = now - timedelta(days=rng.randint(*ages))
    values = {
        "name": name,
        "credit_code": invented_credit_code(number),
        "district_id": district["id"],
        "township_id": township["id"],
        "address": texts.address(rng, township["name"], trade.industry),
        "industry": trade.industry,
        "size": _weighted(rng, texts.SIZES),
        "contact_name": contact,
        "contact_phone": texts.phone(rng),
        "status": status,
    }
    if is_placed:
        is_fixed = rng.random() < 0.35
        values |= {
            "latitude": position[0],
            "longitude": position[1],
            "accuracy_m": rng.randint(5, 40) if is_fixed else None,
            "position_source": "officer" if is_fixed else "roster",
            "positioned_at": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    return values, trade, created


def _weighted(rng: Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]
