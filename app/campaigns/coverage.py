"""How far a campaign has come: by district, by the officers' units and by day, from the store's counts. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.clock import day_of, from_text


@dataclass
class Share:
    """How many firms were visited, out of how many."""

    visited: int = 0
    firms: int = 0

    @property
    def left(self) -> int:
        """How many are still to be visited."""
        return self.firms - self.visited

    @property
    def percent(self) -> int:
        """Visited in percent, rounded down: 100 only when none is left."""
        return 100 * self.visited // self.firms if self.firms else 0

    def add(self, n: int, *, is_visited: bool) -> None:
        """Count further firms."""
        self.firms += n
        self.visited += n if is_visited else 0


@dataclass(frozen=True)
class Day:
    """How many firms had their first visit on this day, and how many had had one by then."""

    on: date
    met: int
    total: int


@dataclass
class Coverage:
    """A campaign's coverage. `out`: firms not visited that no longer operate, which do not count."""

    total: Share = field(default_factory=Share)
    out: int = 0
    districts: dict[int, Share] = field(default_factory=dict)
    units: dict[str, Share] = field(default_factory=dict)
    met: dict[date, int] = field(default_factory=dict)

    def days(self, from_on: date, to_on: date) -> Sequence[Day]:
        """Every day of the span, those without a visit too."""
        found, total = [], 0
        for nth in range((to_on - from_on).days + 1):
            day = from_on + timedelta(days=nth)
            total += self.met.get(day, 0)
            found.append(Day(day, self.met.get(day, 0), total))
        return found


def coverage(rows: Iterable[Mapping]) -> Coverage:
    """The counts of `coverage_store.count_groups` put together. The city's day changes at a full hour of UTC."""
    found = Coverage()
    for row in rows:
        if row["is_out"]:
            found.out += row["n"]
            continue
        is_visited = row["hour"] is not None
        for share in (
            found.total,
            found.districts.setdefault(row["district_id"], Share()),
            found.units.setdefault(row["unit"], Share()),
        ):
            share.add(row["n"], is_visited=is_visited)
        if is_visited:
            day = day_of(from_text(f"{row['hour']}:00:00Z"))
            found.met[day] = found.met.get(day, 0) + row["n"]
    return found
