"""The lives of many issues as rows to be written, told by several processes at once, each span from a seed of its own.

However many processes there are, the same city comes of it.
"""

import json
import os
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from multiprocessing import get_context
from random import Random

from app.clock import day_of, to_text
from app.issues.deadlines import ClockState
from app.rules.workdays import WorkCalendar
from app.search import spaced
from benchmarks.lives import Cast, Event, Life, Teller

SPAN = 5_000
"""How many issues are told at a time."""

TITLES = (
    "厂区门口道路破损",
    "变压器容量不足",
    "贷款到期续贷困难",
    "招不到熟练工人",
    "供水压力不足",
    "环评手续办理缓慢",
    "货车进城受限",
    "土地证办理进度慢",
    "天然气价格高",
    "拖欠货款",
    "消防验收整改",
    "社保缴费基数咨询",
)
COLUMNS: dict[str, object] = dict.fromkeys(
    (
        "id number version status visit_id firm_id district_id category_id department_id reported_by reported_at kind"
        " urgency title description clock due_at amber_at is_due_provisional changed_at closed_at outcome is_solved"
        " is_satisfied"
        " extension_asked_on suspension_asked_on review_on reply_by_on supervision"
    ).split()
) | {
    "public_answer": "",
    "return_count": 0,
    "rework_count": 0,
    "reopen_count": 0,
    "extension_count": 0,
    "is_return_agreed": 0,
}
"""The columns of `issues` that are written, and what stands in them unless a life says otherwise."""


@dataclass(frozen=True)
class Picture:
    """A photo that lies in the folder."""

    sha256: str
    original_sha256: str
    width: int
    height: int
    byte_count: int

    def row(self, of: int, by: int, at: str) -> tuple:
        """A line of `photos`."""
        return (self.sha256, self.original_sha256, of, 0, self.width, self.height, self.byte_count, by, at)


@dataclass(frozen=True)
class World:
    """What a teller knows of the city."""

    seed: int
    issues: int
    visits: int
    now: datetime
    begun: datetime
    pictures: list[Picture]
    firms: list[tuple[int, int, int, str]]  # id, district, lead officer, name
    demo_firms: list[int]  # positions in `firms` of the account named officer
    dispatchers: dict[int, int]
    heads: dict[int, int]
    office: int
    handlers: dict[int, list[int]]
    departments: dict[int, tuple[int, ...]]  # that answer for a category
    limits: tuple
    calendar: WorkCalendar

    def reported_at(self, issue_id: int) -> datetime:
        """When the issue was reported: they come at an even pace."""
        passed = (self.now - self.begun) * (issue_id / (self.issues + 1))
        return (self.begun + passed).replace(microsecond=0)

    def pick(self, rng: Random) -> tuple[int, int, int, str]:
        """A firm: any, but the demo officer's a little more often, so that her pages are full."""
        is_hers = bool(self.demo_firms) and rng.random() < 0.002
        return self.firms[rng.choice(self.demo_firms) if is_hers else rng.randrange(len(self.firms))]

    def visit_of(self, issue_id: int) -> int | None:
        """The visit at which it was reported: about the same moment."""
        return min(max(round(issue_id * self.visits / self.issues), 1), self.visits) if self.visits else None


Told = tuple[str, int, int, str, int | None, str, str | None, str, str, str, int]
"""One line of a history: at, issue, place in its history, action, by, actor, from, to, note, data, the reporter."""


@dataclass
class Span:
    """Some issues: their rows for each table, and the lines of their histories, which are yet to be chained."""

    last_at: str = ""
    issues: list[tuple] = field(default_factory=list)
    clocks: list[tuple] = field(default_factory=list)
    assisting: list[tuple] = field(default_factory=list)
    words: list[tuple] = field(default_factory=list)
    photos: list[tuple] = field(default_factory=list)
    history: list[Told] = field(default_factory=list)


class Tellers:
    """Tells spans of issues of one world."""

    def __init__(self, world: World):
        self.world, self.categories = world, sorted(world.departments)
        self.first_of_year = cache(self._first_of_year)

    def number(self, issue_id: int, at: datetime) -> str:
        """As the app numbers them: year by year, in the order of their reports."""
        year = day_of(at).year
        return f"{year}-{issue_id - self.first_of_year(year) + 1:05d}"

    def _first_of_year(self, year: int) -> int:
        ids = range(1, self.world.issues + 1)
        return ids[bisect_left(ids, year, key=lambda each: day_of(self.world.reported_at(each)).year)]

    def tell(self, first: int) -> Span:
        """The span that begins with this issue."""
        world, span = self.world, Span()
        rng = Random(f"{world.seed} {first}")
        teller = Teller(rng, world.now, world.limits, world.calendar)
        for issue_id in range(first, min(first + SPAN, world.issues + 1)):
            at = world.reported_at(issue_id)
            firm_id, district, officer, _name = world.pick(rng)
            facts = {
                "category_id": rng.choice(self.categories),
                "kind": rng.choices(("help", "consultation", "advice", "complaint"), (70, 15, 5, 10))[0],
                "urgency": "urgent" if rng.random() < 0.05 else "normal",
            }
            cast = Cast(officer, world.dispatchers[district], world.heads[district], world.office, world.handlers)
            life = teller.tell(issue_id, at, facts, cast, world.departments[facts["category_id"]])
            title, number = f"{rng.choice(TITLES)}（第{issue_id % 9973}号）", self.number(issue_id, at)
            values = {
                "id": issue_id,
                "number": number,
                "version": len(life.events),
                "visit_id": world.visit_of(issue_id),
                "firm_id": firm_id,
                "district_id": district,
                **facts,
                "reported_by": officer,
                "reported_at": to_text(at),
                "title": title,
                "description": "企业希望有关部门到现场看一看，给个大概时间，免得影响后面的订单。",
                **life.columns,
            }
            span.issues.append(tuple(bare(values.get(name, default)) for name, default in COLUMNS.items()))
            span.words.append((issue_id, spaced(number), spaced(title)))
            if rng.random() < 0.4:
                span.photos.append(rng.choice(world.pictures).row(issue_id, officer, to_text(at)))
            _add_life(span, issue_id, life, officer)
            span.last_at = to_text(at)
        return span


def _add_life(span: Span, issue_id: int, life: Life, officer: int) -> None:
    span.clocks += [(issue_id, *clock_row(each)) for each in life.clocks]
    status, closed_at = bare(life.columns["status"]), life.columns.get("closed_at")
    span.assisting += [(issue_id, each, status, closed_at) for each in life.assisting]
    span.history += [_told(event, nth, officer) for nth, event in enumerate(life.events)]


def clock_row(state: ClockState) -> tuple:
    """A line of `issue_clocks` but for the issue."""
    late = None if state.late is None else int(state.late)
    return state.clock.value, state.round, to_text(state.started_at), _text(state.due_at), _text(state.stopped_at), late


def _told(event: Event, nth: int, officer: int) -> Told:
    data = json.dumps(event.data, ensure_ascii=False, sort_keys=True)
    was, now = bare(event.from_status), bare(event.to_status)
    action, by = event.action, event.by_id
    return to_text(event.at), event.issue_id, nth, action, by, event.actor, was, now, event.note, data, officer


def bare(value):
    """What the database keeps of a value: of an enum's member, its text."""
    return getattr(value, "value", value)


def _text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None


_tellers: list[Tellers] = []  # of this process


def _begin(world: World) -> None:
    os.nice(1)  # the one that writes must keep up
    _tellers[:] = [Tellers(world)]


def _tell(first: int) -> Span:
    return _tellers[0].tell(first)


def spans(world: World) -> Iterator[Span]:
    """Every span in its order. A small city is told here, a large one by as many processes as there are cores."""
    firsts = range(1, world.issues + 1, SPAN)
    if len(firsts) < 3:
        yield from map(Tellers(world).tell, firsts)
        return
    with get_context("spawn").Pool(os.cpu_count(), _begin, (world,)) as pool:
        waiting = []
        for first in firsts:  # never further ahead than the writer can use, or memory would fill
            waiting.append(pool.apply_async(_tell, (first,)))
            if len(waiting) > 2 * (os.cpu_count() or 1):
                yield waiting.pop(0).get()
        while waiting:
            yield waiting.pop(0).get()
