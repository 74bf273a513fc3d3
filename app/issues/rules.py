"""Every SQL statement on the rules: limits, the calendar, routing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlite_utils import Database

from app.clock import from_text
from app.db import fetch_all, fetch_value
from app.issues.deadlines import Limit, Unit
from app.issues.lifecycle import Clock, Kind, Urgency
from app.issues.routing import Rule
from app.issues.workdays import WorkCalendar

_batch = threading.local()


@contextmanager
def read_once(db: Database) -> Iterator[None]:
    """Read limits and calendar once for a long batch of moves in this thread; nothing in it may change them."""
    _batch.db, _batch.rules = db, (list_limits(db), get_calendar(db))
    try:
        yield
    finally:
        _batch.db = _batch.rules = None


def limits_and_calendar(db: Database) -> tuple[tuple[Limit, ...], WorkCalendar]:
    """What clocks are reckoned by: as it stands, or as the batch under way has read it."""
    if getattr(_batch, "db", None) is db:
        return _batch.rules
    return list_limits(db), get_calendar(db)


def get_calendar(db: Database) -> WorkCalendar:
    """The State Council's calendar as far as it is published: the last year that has an exception is known whole."""
    rows = fetch_all(db, "SELECT day, is_workday FROM workday_exceptions")
    exceptions = {date.fromisoformat(row["day"]): bool(row["is_workday"]) for row in rows}
    return WorkCalendar.of(exceptions)


def list_limits(db: Database) -> tuple[Limit, ...]:
    """Every limit with its dates; which one applies is `deadlines.limit_for`'s question."""
    return tuple(
        Limit(
            clock=Clock(row["clock"]),
            amount=row["amount"],
            unit=Unit(row["unit"]),
            kind=Kind(row["kind"]) if row["kind"] else None,
            urgency=Urgency(row["urgency"]) if row["urgency"] else None,
            category_id=row["category_id"],
            valid_from=_moment(row["valid_from"]),
            valid_to=_moment(row["valid_to"]) if row["valid_to"] else None,
            is_retroactive=bool(row["is_retroactive"]),
        )
        for row in fetch_all(db, "SELECT * FROM limits ORDER BY id")
    )


def _moment(text: str) -> datetime:
    return from_text(text)


def list_routing_rules(db: Database, *, category_id: int | None = None) -> tuple[Rule, ...]:
    """The routing rules of a category, or all."""
    return tuple(
        Rule(
            id=row["id"],
            category_id=row["category_id"],
            district_id=row["district_id"],
            keywords=tuple(row["keywords"].split()),
            department_id=row["department_id"],
            assisting_ids=tuple(int(part) for part in row["assisting_ids"].split()),
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            note=row["note"],
        )
        for row in fetch_all(
            db,
            "SELECT * FROM routing_rules WHERE :category_id IS NULL OR category_id = :category_id ORDER BY id",
            {"category_id": category_id},
        )
    )


def why_day_off(db: Database, day: date) -> str:
    """What the calendar says of an exceptional day, or ''."""
    return fetch_value(db, "SELECT why FROM workday_exceptions WHERE day = :day", {"day": day.isoformat()}) or ""
