"""Changing how long a step may take: tried, stored with its day, audited; running cases keep theirs unless told."""

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from app.audit import store as audit
from app.clock import to_text
from app.clocks import reckoning_actions as reckoning
from app.clocks.models import Changed, Reach, Shift
from app.db import transaction
from app.errors import Conflict, NotFound
from app.i18n import N_
from app.people.models import User
from app.rules import limit_store as limits
from app.rules import store as rules
from app.rules.models import Limit

NO_SUCH = N_("没有这条时限。请从列表里选择。")
LATER = N_("同样的情况已有一条将要执行的时限。请先撤销那一条，再重新设置。")
OVER = N_("这条时限已经停用。请刷新页面查看最新的时限。")
NEEDED = N_("每个环节至少要有一条适用所有问题的时限，这一条不能停用。可以改它的长短。")


def try_limit(db: Database, new: Limit) -> list[Shift]:
    """Which open deadlines the new limit would move: none, unless running cases follow it. Stores nothing."""
    if not new.is_retroactive:
        return []
    kept = [row for row in rules.list_limits(db) if not _ends(row, new)]
    ended = [_until(row, new) for row in rules.list_limits(db) if _ends(row, new)]
    return reckoning.foresee(db, [*kept, *ended, new], rules.get_calendar(db), Reach(clock=new.clock.value))


def _ends(row: Limit, new: Limit) -> bool:
    is_same = (row.clock, row.kind, row.urgency, row.category_id) == (
        new.clock,
        new.kind,
        new.urgency,
        new.category_id,
    )
    return is_same and row.valid_from < new.valid_from and (row.valid_to is None or row.valid_to > new.valid_from)


def _until(row: Limit, new: Limit) -> Limit:
    return Limit(**{**row.__dict__, "valid_to": new.valid_from})


def set_limit(db: Database, new: Limit, *, state: str, back_to: str, by: User, now: datetime) -> Changed:
    """Store a limit in place of the one for the same cases, from its day on; what came of the running ones.

    `state` is the token of the trial. Raises Conflict when limits or calendar have changed since, or when another one
    for the same cases is still to come.
    """
    with transaction(db):
        reckoning.refuse_changed(db, state)
        if limits.has_later(db, new):
            raise Conflict(LATER)
        limits.end_same(db, new)
        limit_id = limits.insert_limit(db, new)
        detail = f"{_named(new)}: {new.amount} {new.unit}, {to_text(new.valid_from)}"
        audit.add_entry(
            db,
            "limit_changed",
            f"limit:{limit_id}",
            by_id=by.id,
            now=now,
            detail=f"{detail}, running cases too" if new.is_retroactive else detail,
        )
        if not new.is_retroactive:
            return Changed()
        return reckoning.start(db, Reach(clock=new.clock.value), back_to=back_to, by=by, now=now)


def end_limit(db: Database, limit_id: int, *, by: User, now: datetime) -> bool:
    """Let a limit of narrower cases end now, or withdraw one that was still to come; whether it was withdrawn.

    What runs keeps its deadline. Raises NotFound, Conflict when it has ended or when nothing would be left.
    """
    with transaction(db):
        row: Any = limits.get_row(db, limit_id)
        if row is None:
            raise NotFound(NO_SUCH)
        is_to_come = row["valid_from"] > to_text(now)
        if not is_to_come and row["category_id"] is None:
            raise Conflict(NEEDED)
        if not limits.end_limit(db, limit_id, at=now):
            raise Conflict(OVER)
        if is_to_come:
            limits.reopen_before(db, row)
        detail = "withdrawn" if is_to_come else "ended"
        audit.add_entry(db, "limit_changed", f"limit:{limit_id}", by_id=by.id, now=now, detail=detail)
        return is_to_come


def _named(limit: Limit) -> str:
    category = f"category {limit.category_id}" if limit.category_id else ""
    return " ".join(part for part in (limit.clock.value, limit.kind or "", limit.urgency or "", category) if part)
