"""How long a clock may run: the office's dated limits, and which of them applies. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.clock import day_of
from app.rules.models import Clock, Limit, Unit, Urgency
from app.rules.workdays import WorkCalendar


def limit_for(
    limits: Iterable[Limit],
    clock: Clock,
    *,
    kind: str,
    urgency: str,
    category_id: int | None,
    at: datetime,
    known_by: datetime | None = None,
) -> Limit | None:
    """The limit for a clock that starts at `at`. None where the office set none: then nothing is measured.

    Of the rows that fit, one for urgent cases beats all others, then comes the category's own, then the kind's, then
    one that names the normal urgency, then the newest. A retroactive row fits if it came into force by `known_by`.
    """
    known_by = known_by or at
    fitting = [
        row
        for row in limits
        if row.clock == clock
        and row.kind in (None, kind)
        and row.urgency in (None, urgency)
        and row.category_id in (None, category_id)
        and row.valid_from <= (known_by if row.is_retroactive else at)
        and (row.valid_to is None or at < row.valid_to)
    ]
    return max(fitting, key=_rank, default=None)


def _rank(row: Limit) -> tuple:
    is_named = row.category_id is not None, row.kind is not None, row.urgency is not None
    return row.urgency == Urgency.URGENT, *is_named, row.valid_from


def promise(limit: Limit, start_at: datetime, calendar: WorkCalendar) -> datetime:
    """When a clock with this limit would be due if it started now and nothing interrupted it."""
    return end_of(limit.amount, limit.unit, start_at, calendar)


def end_of(amount: int, unit: Unit, start_at: datetime, calendar: WorkCalendar) -> datetime:
    """When so much time has passed since `start_at`, pauses aside; working days end when business ends."""
    if unit is Unit.HOURS:
        return start_at + timedelta(hours=amount)
    return calendar.ends(calendar.after(day_of(start_at), amount))
