"""Working days by the State Council's calendar: Monday to Friday but for its holidays and make-up workdays. Pure.

Civil Code (民法典) art. 201: the day on which a period of days begins is not counted. Art. 203: a last day that is a
holiday gives way to the next working day, and the last day ends when business ends.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from app.clock import LOCAL

WORKDAY_ENDS = time(18, 0)
"""When business ends, local time: the last moment of a working-day limit (Civil Code art. 203)."""

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class WorkCalendar:
    """The days that differ from Monday to Friday, and the last day for which a notice has been published."""

    exceptions: Mapping[date, bool]  # day: is it worked?
    published_through: date

    @classmethod
    def of(cls, exceptions: Mapping[date, bool]) -> "WorkCalendar":
        """A calendar that is published through the last year in which it has an exception (a notice covers a year)."""
        return cls(exceptions, date(max(exceptions).year, 12, 31) if exceptions else date.min)

    def is_workday(self, day: date) -> bool:
        """Whether the day is worked."""
        return self.exceptions.get(day, day.weekday() < _SATURDAY)

    def is_provisional(self, day: date) -> bool:
        """Whether the calendar may still change at this day, its year's notice not being out yet."""
        return day > self.published_through

    def after(self, start: date, n: int) -> date:
        """The n-th working day (n ≥ 0) after the start day, which is never counted. n = 0 is the start day itself."""
        return self._walk(start, n, _ONE_DAY)

    def before(self, end: date, n: int) -> date:
        """The n-th working day (n ≥ 0) before the end day, which is never counted. n = 0 is the end day itself."""
        return self._walk(end, n, -_ONE_DAY)

    def counted_days(self, start: date, n: int) -> list[date]:
        """The n working days after the start day, in order."""
        days = [start]
        for _ in range(_checked(n)):
            days.append(self.after(days[-1], 1))
        return days[1:]

    def between(self, after: date, through: date) -> int:
        """How many working days lie in (after, through]; negative when `through` comes first."""
        return self._workdays_through(through) - self._workdays_through(after)

    def natural(self, start: date, n: int) -> date:
        """The n-th calendar day (n ≥ 0) after the start day, or the first working day from there on."""
        try:
            day = start + timedelta(days=_checked(n))
        except OverflowError:
            raise _too_far(start, n) from None
        return day if self.is_workday(day) else self.after(day, 1)

    def ends(self, day: date) -> datetime:
        """The moment (UTC) at which business ends on this day."""
        return datetime.combine(day, WORKDAY_ENDS, LOCAL).astimezone(UTC)

    def _walk(self, day: date, n: int, step: timedelta) -> date:
        start, left = day, _checked(n)
        try:
            while left:
                day += step
                left -= self.is_workday(day)
        except OverflowError:
            raise _too_far(start, n) from None
        return day

    def _workdays_through(self, day: date) -> int:
        """Working days from 1 January of year 1 (a Monday) through this day."""
        weeks, rest = divmod(day.toordinal(), 7)
        days, sums = self._differences
        return weeks * 5 + min(rest, 5) + sums[bisect_right(days, day)]

    @cached_property
    def _differences(self) -> tuple[list[date], list[int]]:
        """The exceptions in order, and how many working days more than Monday to Friday the first 0, 1, 2 … make."""
        days, sums = sorted(self.exceptions), [0]
        for day in days:
            sums.append(sums[-1] + self.exceptions[day] - (day.weekday() < _SATURDAY))
        return days, sums


def _checked(n: int) -> int:
    if n < 0:
        raise ValueError("A number of days cannot be negative.")
    return n


def _too_far(start: date, n: int) -> ValueError:
    return ValueError(f"{n} days from {start} lie outside the calendar.")
