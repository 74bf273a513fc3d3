"""The demo city while it is being told: who and what there is, and a clock that lets everything happen in its order.

Each visit and each issue is a generator that yields the moment of its next step and then takes it. What lies after
`now` has not happened yet: that is how open issues come to be, with histories, clocks and hash chains made by the real
actions.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from sqlite_utils import Database

from app.campaigns.models import Question
from app.clock import day_of
from app.demo.firms import DemoFirm
from app.demo.office_hours import OfficeHours
from app.demo.people import People
from app.people.models import User
from app.photos.intake import Picture
from app.rules.models import ALWAYS

Steps = Iterator[datetime]


@dataclass
class City:
    """Everything that the steps need."""

    db: Database
    rng: Random
    now: datetime
    hours: OfficeHours
    people: People
    firms: Sequence[DemoFirm]
    departments: dict[int, str]  # id: name
    related: dict[int, tuple[int, ...]]  # category: the departments that answer for it
    pictures: dict[str, tuple[Picture, ...]]  # scene: drawings
    time: datetime = ALWAYS
    reported: dict[tuple[int, int], list] = field(default_factory=lambda: defaultdict(list))  # by district and category
    questions: Sequence[Question] = ()  # of the campaign that runs at this moment
    answered: set[int] = field(default_factory=set)  # firms that were asked
    _waiting: list[tuple[datetime, int, Steps]] = field(default_factory=list)
    _count: int = 0

    @property
    def today(self) -> date:
        """The city's date at the step's moment."""
        return day_of(self.time)

    def start(self, steps: Steps) -> None:
        """Let something happen: it says itself when."""
        self._wait_for(steps)

    def run(self) -> None:
        """Take every step up to now, the earliest first."""
        while self._waiting:
            self.time, _, steps = heapq.heappop(self._waiting)
            self._wait_for(steps)

    def _wait_for(self, steps: Steps) -> None:
        moment = next(steps, None)
        if moment is None:
            return
        if moment <= self.now:
            self._count += 1
            heapq.heappush(self._waiting, (max(moment, self.time), self._count, steps))

    def later(self, minutes: float) -> datetime:
        """The moment after so many minutes of work."""
        return self.hours.after(self.time, minutes)

    def before_now(self, minutes: float) -> datetime:
        """The moment so many minutes of work before now."""
        return self.hours.after(self.now, -minutes)

    def handler_of(self, department_id: int, number: int) -> User:
        """One of the department's handlers, the same for the same number."""
        handlers = self.people.handlers[department_id]
        return handlers[number % len(handlers)]

    def some_pictures(self, rng: Random, scenes: Sequence[str], most: int = 3) -> tuple[Picture, ...]:
        """One to so many different drawings of the scenes, or none where nothing was drawn."""
        fitting = [picture for scene in scenes for picture in self.pictures.get(scene, ())]
        return tuple(rng.sample(fitting, min(rng.randint(1, most), len(fitting))))
