"""What stands on a board."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

LEAST_N = 20
"""Below so many cases a rate says little: it is not shown."""


@dataclass
class Share:
    """A part of n cases."""

    part: int = 0
    n: int = 0

    @property
    def is_few(self) -> bool:
        """Whether there are too few cases to say anything."""
        return self.n < LEAST_N

    @property
    def percent(self) -> float | None:
        """The part in percent, or None where it would say little."""
        return None if self.is_few else 100 * self.part / self.n

    def add(self, part: int | None, n: int | None) -> None:
        """Count further cases."""
        self.part += part or 0
        self.n += n or 0


@dataclass
class Line:
    """The figures of one district, one department or the whole city over a period. The first two are as of now."""

    open: int = 0
    late: int = 0
    reported: int = 0
    closed: int = 0
    returns: int = 0
    rounds: int = 0  # how often answers did not hold
    first_right: Share = field(default_factory=Share)
    accepted: Share = field(default_factory=Share)
    answered: Share = field(default_factory=Share)
    extended: Share = field(default_factory=Share)
    returned: Share = field(default_factory=Share)  # the returns found right, of those that somebody ruled on
    reworked: Share = field(default_factory=Share)
    reopened: Share = field(default_factory=Share)
    solved: Share = field(default_factory=Share)
    satisfied: Share = field(default_factory=Share)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.open or self.reported or self.closed or self.returns or self.answered.n or self.accepted.n)


@dataclass
class City:
    """The city over a period: as a whole, by district and by department."""

    total: Line = field(default_factory=Line)
    districts: dict[int, Line] = field(default_factory=dict)
    departments: dict[int, Line] = field(default_factory=dict)

    def lines(self, row: Mapping) -> Iterable[Line]:
        """The lines that a row of counts belongs to: it names its district, its department, or both."""
        found = [self.total]
        if row["district_id"] is not None:
            found.append(_line(self.districts, row["district_id"]))
        if row["department_id"] is not None:
            found.append(_line(self.departments, row["department_id"]))
        return found


def _line(lines: dict[int, Line], key: int) -> Line:
    # Not setdefault: it would make a line with its nine shares for each of five thousand rows, and drop it.
    if key not in lines:
        lines[key] = Line()
    return lines[key]


@dataclass(frozen=True)
class Count:
    """One figure with its words and the list behind it."""

    label: str
    n: int
    url: str
    tone: str = ""


@dataclass(frozen=True)
class Bar:
    """One line of a breakdown: how many are open, how many of them late, and the lists behind both."""

    name: str
    n: int
    url: str
    late: int = 0
    late_url: str = ""


@dataclass(frozen=True)
class Week:
    """One week of the trend, with the lists behind its three figures."""

    from_on: date
    to_on: date
    reported: int
    closed: int
    solved: int
    reported_url: str
    closed_url: str
    solved_url: str

    @property
    def short(self) -> str:
        """Its Monday as the axis of a chart has room for it: 11/23."""
        return f"{self.from_on.month}/{self.from_on.day}"
