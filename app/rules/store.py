"""Every SQL statement on the rules: limits, the calendar, routing and what it learns from."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache

from sqlite_utils import Database

from app.clock import from_text
from app.db import execute, fetch_all, fetch_one, fetch_value, insert
from app.rules.models import Clock, Kind, Limit, Unit, Urgency
from app.rules.routing import NewRule, Rule
from app.rules.workdays import WorkCalendar

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
    return _calendar(tuple(map(tuple, fetch_all(db, "SELECT day, is_workday FROM workday_exceptions"))))


@lru_cache(maxsize=4)
def _calendar(rows: tuple[tuple[str, int], ...]) -> WorkCalendar:
    # Every page with a clock reads it, and it changes once a year: what follows from its days is kept beside them.
    return WorkCalendar.of({date.fromisoformat(day): bool(is_workday) for day, is_workday in rows})


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
    """The routing rules of a category, or all; ended ones among them."""
    rows = fetch_all(
        db,
        "SELECT * FROM routing_rules WHERE :category_id IS NULL OR category_id = :category_id ORDER BY id",
        {"category_id": category_id},
    )
    return tuple(_rule(row) for row in rows)


def get_routing_rule(db: Database, rule_id: int) -> Rule | None:
    """One routing rule, or None."""
    row = fetch_one(db, "SELECT * FROM routing_rules WHERE id = :id", {"id": rule_id})
    return _rule(row) if row else None


def _rule(row) -> Rule:
    return Rule(
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


def insert_routing_rule(db: Database, new: NewRule) -> int:
    """Write a rule down; its id."""
    return insert(
        db,
        """
        INSERT INTO routing_rules (category_id, district_id, keywords, department_id, assisting_ids, valid_from, note)
        VALUES (:category_id, :district_id, :keywords, :department_id, :assisting_ids, :valid_from, :note)
        """,
        {
            "category_id": new.category_id,
            "district_id": new.district_id,
            "keywords": " ".join(new.keywords),
            "department_id": new.department_id,
            "assisting_ids": " ".join(map(str, new.assisting_ids)),
            "valid_from": new.valid_from.isoformat(),
            "note": new.note,
        },
    )


def update_rule_end(db: Database, rule: Rule, *, on: date) -> bool:
    """Let a rule end, if it still ends as it did when it was read; whether it did."""
    return (
        execute(
            db,
            "UPDATE routing_rules SET valid_to = :on WHERE id = :id AND valid_to IS :was",
            {"id": rule.id, "on": on.isoformat(), "was": rule.valid_to.isoformat() if rule.valid_to else None},
        )
        == 1
    )


# Rightly dispatched: the department took it, never sent it back, and nobody found later that it was not its business.
_RIGHTLY = """
    i.department_id IS NOT NULL AND i.return_count = 0 AND i.outcome IS NOT 'out_of_remit'
    AND i.status IN ('in_progress', 'suspended', 'proposed', 'callback', 'closed')
"""


def list_examples(db: Database, *, limit: int) -> list:
    """The newest issues that went to the right department, newest first."""
    return fetch_all(
        db,
        f"""
        SELECT i.title, i.description, i.category_id, i.department_id FROM issues i
        WHERE {_RIGHTLY} ORDER BY i.id DESC LIMIT :limit
        """,  # noqa: S608
        {"limit": limit},
    )


def count_examples(db: Database, *, limit: int) -> int:
    """How many there are, as far as `limit`."""
    return fetch_value(
        db,
        f"SELECT count(*) FROM (SELECT 1 FROM issues i WHERE {_RIGHTLY} ORDER BY i.id DESC LIMIT :limit)",  # noqa: S608
        {"limit": limit},
    )


def list_exceptions(db: Database, year: int) -> list:
    """The days on which a year differs from Monday to Friday, in order: day, is_workday, why."""
    return fetch_all(
        db,
        "SELECT * FROM workday_exceptions WHERE day BETWEEN :first AND :last ORDER BY day",
        {"first": f"{year}-01-01", "last": f"{year}-12-31"},
    )


def first_year(db: Database) -> int | None:
    """The first year whose calendar is known."""
    first = fetch_value(db, "SELECT min(day) FROM workday_exceptions")
    return int(first[:4]) if first else None


def replace_year(db: Database, year: int, days: Mapping[date, tuple[bool, str]]) -> None:
    """Store the days on which a year differs from Monday to Friday, in place of what was known of that year."""
    execute(db, "DELETE FROM workday_exceptions WHERE substr(day, 1, 4) = :year", {"year": str(year)})
    add_days(db, days)


def add_days(db: Database, days: Mapping[date, tuple[bool, str]]) -> None:
    """Store days that differ from Monday to Friday, beside those that are known."""
    for day, (is_workday, why) in days.items():
        execute(
            db,
            """
            INSERT INTO workday_exceptions (day, is_workday, why) VALUES (:day, :is_workday, :why)
            ON CONFLICT (day) DO UPDATE SET is_workday = :is_workday, why = :why
            """,
            {"day": day.isoformat(), "is_workday": int(is_workday), "why": why},
        )
