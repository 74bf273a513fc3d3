"""Time as offices count it: minutes between 8:30 and 18:00 on working days, with a break at noon. Pure."""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta

from app.clock import LOCAL, local
from app.rules.workdays import WorkCalendar

OPENS, NOON, BACK = time(8, 30), time(12, 0), time(14, 30)
MORNING, DAY = 210, 420
"""Minutes of a morning and of a whole day."""


class OfficeHours:
    """Moments to minutes of work and back, over the days from `first` to `last`."""

    def __init__(self, calendar: WorkCalendar, first: date, last: date) -> None:
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        self.days = [day for day in days if calendar.is_workday(day)]

    def minutes(self, moment: datetime) -> float:
        """How many minutes of work have passed since the first day began."""
        there = local(moment)
        index = bisect_left(self.days, there.date())
        if index == len(self.days) or self.days[index] != there.date():
            return index * DAY
        morning = (there - datetime.combine(there.date(), OPENS, LOCAL)).total_seconds() / 60
        afternoon = (there - datetime.combine(there.date(), BACK, LOCAL)).total_seconds() / 60
        passed = min(max(morning, 0), MORNING) + min(max(afternoon, 0), MORNING)
        return index * DAY + passed

    def moment(self, minutes: float) -> datetime:
        """When that many minutes of work have passed: UTC, whole seconds."""
        index, rest = divmod(minutes, DAY)
        index = min(int(index), len(self.days) - 1)
        opens, rest = (OPENS, rest) if rest < MORNING else (BACK, rest - MORNING)
        moment = datetime.combine(self.days[index], opens, LOCAL) + timedelta(minutes=rest)
        return moment.astimezone(UTC).replace(microsecond=0)

    def after(self, moment: datetime, minutes: float) -> datetime:
        """The moment so many minutes of work later (or earlier, when negative)."""
        return self.moment(max(self.minutes(moment) + minutes, 0))

    def between(self, start: datetime, end: datetime) -> float:
        """Minutes of work from start to end; negative when the end comes first."""
        return self.minutes(end) - self.minutes(start)

    def day_after(self, day: date, n: int) -> date:
        """The n-th working day after this one (before it, when negative)."""
        index = bisect_left(self.days, day)
        if n > 0 and (index == len(self.days) or self.days[index] != day):
            index -= 1
        return self.days[min(max(index + n, 0), len(self.days) - 1)]
