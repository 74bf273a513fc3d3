"""A year as twelve months of weeks, for the calendar's page. Pure."""

import calendar
from dataclasses import dataclass
from datetime import date

from app.clocks.models import Days

_WEEKS = calendar.Calendar(firstweekday=calendar.MONDAY)


@dataclass(frozen=True)
class Day:
    """One square: what it is (work, weekend, off for a holiday, on for a make-up workday), why, and is it new."""

    day: date
    kind: str
    why: str
    is_changed: bool


@dataclass(frozen=True)
class Month:
    """A month's weeks from Monday on; None where another month's days stand. `workdays`: how many are worked."""

    number: int
    weeks: tuple[tuple[Day | None, ...], ...]
    workdays: int


def year_of(year: int, exceptions: Days, before: Days) -> list[Month]:
    """The twelve months by these exceptions; what is worked otherwise than `before` is marked as changed."""
    return [_month(year, number, exceptions, before) for number in range(1, 13)]


def _month(year: int, number: int, exceptions: Days, before: Days) -> Month:
    weeks = tuple(
        tuple(_day(day, exceptions, before) if day.month == number else None for day in week)
        for week in _WEEKS.monthdatescalendar(year, number)
    )
    worked = sum(day is not None and day.kind in ("work", "on") for week in weeks for day in week)
    return Month(number, weeks, worked)


def _day(day: date, exceptions: Days, before: Days) -> Day:
    is_weekend = day.weekday() >= 5
    worked, why = exceptions.get(day, (not is_weekend, ""))
    was_worked = before.get(day, (not is_weekend, ""))[0]
    kind = ("on" if is_weekend else "work") if worked else ("weekend" if is_weekend else "off")
    return Day(day, kind, why, worked != was_worked)


def spans(exceptions: Days) -> list[tuple[str, date, date, bool]]:
    """The exceptions as lines: why, first and last day, whether worked. Days off run on over the weekends between."""
    found: list[tuple[str, date, date, bool]] = []
    for day in sorted(exceptions):
        worked, why = exceptions[day]
        if found and not worked:
            last = found[-1]
            between = [date.fromordinal(n) for n in range(last[2].toordinal() + 1, day.toordinal())]
            runs_on = all(each.weekday() >= 5 and not exceptions.get(each, (False, ""))[0] for each in between)
            if not last[3] and last[0] == why and runs_on:
                found[-1] = (why, last[1], day, False)
                continue
        found.append((why, day, day, worked))
    return found
