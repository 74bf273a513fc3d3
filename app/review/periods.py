"""The spans a board looks at: this month, last month, this quarter, days of one's choice; and the one before. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.clock import midnight, to_text
from app.i18n import N_

KINDS: Mapping[str, str] = {"month": N_("本月"), "last_month": N_("上月"), "quarter": N_("本季度")}
LONGEST_DAYS = 366
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Days of the city, both included."""

    from_on: date
    to_on: date

    @classmethod
    def of_texts(cls, from_on: str, to_on: str) -> "Period":
        """The period between two days as they are stored."""
        return cls(date.fromisoformat(from_on), date.fromisoformat(to_on))

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.to_on - self.from_on).days + 1

    @property
    def bounds(self) -> tuple[str, str]:
        """When it begins, and when it is over: UTC texts."""
        return to_text(midnight(self.from_on)), to_text(midnight(self.to_on + _DAY))


def named(kind: str, today: date) -> tuple[Period, Period]:
    """The period of that name, and the one before it: for a running month or quarter as many days of the former."""
    if kind == "last_month":
        first = _months_before(today.replace(day=1), 1)
        return _whole(first, 1), _whole(_months_before(first, 1), 1)
    months = 3 if kind == "quarter" else 1
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    running = Period(first, today)
    former = _whole(_months_before(first, months), months)
    return running, Period(former.from_on, min(former.to_on, former.from_on + (running.days - 1) * _DAY))


def chosen(from_on: date, to_on: date) -> tuple[Period, Period]:
    """These days, and as many right before them."""
    period = Period(from_on, to_on)
    return period, Period(from_on - period.days * _DAY, from_on - _DAY)


def weeks(today: date, n: int = 12) -> list[Period]:
    """The last n weeks from Monday to Sunday, this one last."""
    monday = today - timedelta(days=today.weekday())
    starts = (monday - timedelta(weeks=back) for back in range(n - 1, -1, -1))
    return [Period(start, start + 6 * _DAY) for start in starts]


def _whole(first: date, months: int) -> Period:
    return Period(first, _months_before(first, -months) - _DAY)


def _months_before(first: date, n: int) -> date:
    years, month = divmod(first.year * 12 + first.month - 1 - n, 12)
    return date(years, month + 1, 1)
