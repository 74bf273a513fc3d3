"""How old an unresolved issue is, in working days since it was reported: the bands of the boards. Pure.

The age of an issue is the number of working days after the day of the report through today, so that one reported today
is 0 days old, and one reported on a Saturday is 1 day old on Monday. A list and a count use the same bounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.clock import LOCAL, to_text
from app.i18n import N_
from app.rules.workdays import WorkCalendar

EVER = "0001-01-01T00:00:00Z"
NEVER = "9999-12-31T23:59:59Z"


@dataclass(frozen=True)
class Band:
    """Ages from `first` through `last` working days; `last` None means without end."""

    key: str
    first: int
    last: int | None
    name: str


BANDS: Mapping[str, Band] = {
    band.key: band
    for band in (
        Band("0-3", 0, 3, N_("0–3 个工作日")),
        Band("4-7", 4, 7, N_("4–7 个工作日")),
        Band("8-15", 8, 15, N_("8–15 个工作日")),
        Band("16-30", 16, 30, N_("16–30 个工作日")),
        Band("31-", 31, None, N_("超过 30 个工作日")),
    )
}
"""The bands by their keys, youngest first. Every moment falls into exactly one."""


def bounds(key: str, today: date, calendar: WorkCalendar) -> tuple[str, str]:
    """The moments of report (UTC texts: at or after, and before) whose issues are in this band today."""
    band = BANDS[key]
    since = EVER if band.last is None else _first_day_within(band.last, today, calendar)
    until = NEVER if band.first == 0 else _first_day_within(band.first - 1, today, calendar)
    return since, until


def _first_day_within(age: int, today: date, calendar: WorkCalendar) -> str:
    """When the earliest day begins whose issues are at most so old: the (age + 1)-th working day up to today."""
    day = calendar.before(today + timedelta(days=1), age + 1)
    return to_text(datetime.combine(day, time(), LOCAL))
