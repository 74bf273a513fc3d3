"""Clocks: what an issue's history, the limits in force and the calendar say about who is late. Pure.

Nothing here is stored truth: `clocks` folds over the moves, and may be asked again whenever a limit or holiday changes.
Civil Code (民法典) art. 201: a limit in days leaves out the day it starts on, one in hours starts at once. Art. 203: it
ends when business ends on its last day, which is a working day. Spans that do not count give their hours back to the
second, and the working days after the day they begin on through the day they end on; one more or less where that alone
would make the clock late, or excuse a lateness.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal

from app.clock import LOCAL, day_of
from app.i18n import N_
from app.issues.lifecycle import ENDED, TRANSITIONS, Effect, Status
from app.rules.limits import end_of, limit_for
from app.rules.models import ALWAYS, Clock, Kind, Limit, Unit, Urgency
from app.rules.workdays import WorkCalendar

_FOREVER = datetime.max.replace(tzinfo=UTC)
_STARTS = frozenset({Effect.START, Effect.START_HALF, Effect.START_UNTIL, Effect.START_IF_WRONG})
_AMBER = 5
"""The last fifth of a limit is amber: 80 % are used."""


@dataclass(frozen=True)
class Move:
    """One line of an issue's history, as far as clocks go. Days in `data` are ISO texts.

    Read from `data`: extend_to_on, reply_by_on, was_wrong, and kind, urgency, category_id where the move sets them.
    """

    action: str
    at: datetime
    to: Status
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pause:
    """A span that does not count. `days` are the working days given back, None where a clock counts hours."""

    since: datetime
    until: datetime
    days: int | None


@dataclass(frozen=True)
class ClockState:
    """One round of one clock. Moments are UTC; amounts are in `unit`."""

    clock: Clock
    round: int  # 1, 2, …
    started_at: datetime
    limit_amount: int
    unit: Unit
    due_at: datetime | None  # None while paused: it is known again when the clock goes on
    amber_at: datetime | None  # from here on 80 % are used; None while paused
    paused_at: datetime | None
    left_when_paused: int | None  # as `remaining` counts
    stopped_at: datetime | None
    late: bool | None  # None until stopped
    overrun: int | None  # how late, begun hours or days counted whole; None until stopped
    is_provisional: bool  # the calendar of that year is not published yet
    pauses: tuple[Pause, ...]
    extended_to: date | None


@dataclass(frozen=True)
class _Round:
    """What the history says of one round of a clock, before limits and calendar are asked."""

    clock: Clock
    number: int
    started_at: datetime
    facts: Mapping[str, Any]  # kind, urgency and category_id when it started
    is_half: bool = False
    reply_by: date | None = None
    changes: tuple[tuple[datetime, datetime] | date, ...] = ()  # spans that do not count, and days of extension
    paused_at: datetime | None = None
    stopped_at: datetime | None = None

    def apply(self, effect: Effect, move: Move, at: datetime) -> "_Round":
        """This round after an effect other than a start; what makes no sense changes nothing."""
        if effect in (Effect.STOP, Effect.STOP_ALL) and not self.stopped_at:
            return replace(self._unpaused(at), stopped_at=at)
        if effect is Effect.RESUME:
            return self._unpaused(at)
        if effect is Effect.PAUSE and not self.stopped_at and not self.paused_at:
            return replace(self, paused_at=at)
        if effect is Effect.EXTEND and not self.stopped_at:
            return replace(self, changes=(*self.changes, date.fromisoformat(move.data["extend_to_on"])))
        return self

    def _unpaused(self, at: datetime) -> "_Round":
        since = self.paused_at or self.stopped_at
        changes = (*self.changes, (since, at)) if since else self.changes
        return replace(self, changes=changes, paused_at=None, stopped_at=None)


def clocks(moves: Iterable[Move], limits: Iterable[Limit], calendar: WorkCalendar) -> tuple[ClockState, ...]:
    """Every round of every clock that this history starts, in the order of their starts."""
    limits = tuple(limits)
    states = (_state(clock_round, limits, calendar) for clock_round in _rounds(moves))
    return tuple(state for state in states if state)


def _rounds(moves: Iterable[Move]) -> list[_Round]:
    rounds: list[_Round] = []
    facts: dict[str, Any] = {"kind": Kind.HELP, "urgency": Urgency.NORMAL, "category_id": None}
    at = ALWAYS
    for move in moves:
        at = max(at, move.at)  # a server whose time was set back does not make a clock run backwards
        facts = facts | {name: move.data[name] for name in facts if move.data.get(name)}
        for clock, effect in _effects(move):
            if clock is None:
                rounds = [each.apply(effect, move, at) for each in rounds]
                continue
            index = max((i for i, each in enumerate(rounds) if each.clock is clock), default=None)
            is_start = effect in _STARTS
            if index is not None:
                rounds[index] = rounds[index].apply(Effect.STOP if is_start else effect, move, at)
            if is_start:
                number = 1 if index is None else rounds[index].number + 1
                reply_by = date.fromisoformat(move.data["reply_by_on"]) if effect is Effect.START_UNTIL else None
                rounds.append(_Round(clock, number, at, facts, effect is Effect.START_HALF, reply_by))
    return rounds


def _effects(move: Move) -> Iterator[tuple[Clock | None, Effect]]:
    """What the move does, by the table. Where no department leads, the dispatcher's clock starts, not the handler's."""
    for clock, effect in TRANSITIONS[move.action].clocks:
        if effect is Effect.START_IF_WRONG and not move.data.get("was_wrong"):
            continue
        if clock is Clock.HANDLE and move.to is Status.SUBMITTED and (effect in _STARTS or effect is Effect.RESUME):
            yield Clock.DISPATCH, Effect.START
        else:
            yield clock, effect
    if move.to in ENDED:  # a supervision that was never answered ends with the issue
        yield None, Effect.STOP_ALL


def _state(this: _Round, limits: Sequence[Limit], calendar: WorkCalendar) -> ClockState | None:
    unit, pauses, extended_to = Unit.WORKING_DAYS, [], None
    if this.reply_by:
        due = max(calendar.ends(calendar.natural(this.reply_by, 0)), this.started_at)
        if due == this.started_at:  # asked for after business or for a past day: the next working day
            due = end_of(1, unit, this.started_at, calendar)
        amount = calendar.between(day_of(this.started_at), day_of(due))
    else:
        limit = limit_for(limits, this.clock, **this.facts, at=this.started_at, known_by=this.stopped_at or _FOREVER)
        if limit is None:
            return None
        unit, amount = limit.unit, (limit.amount + 1) // 2 if this.is_half else limit.amount
        due = end_of(amount, unit, this.started_at, calendar)
    is_hours = unit is Unit.HOURS
    allotted, days = due - this.started_at, amount
    for change in this.changes:
        if isinstance(change, date):
            extended_to, present = change, due
            due = max(due, calendar.ends(calendar.natural(change, 0)))
            allotted, days = allotted + (due - present), days + calendar.between(day_of(present), day_of(due))
            continue
        since, until = change
        given_back = 0 if is_hours else _given_back(due, since, until, calendar)
        due = due + (until - since) if is_hours else calendar.ends(calendar.after(day_of(due), given_back))
        pauses.append(Pause(since, until, None if is_hours else given_back))
    if is_hours:
        amber = due - allotted // _AMBER
    else:
        first = calendar.before(day_of(due), max(days // _AMBER, 1) - 1)
        amber = datetime.combine(first, time.min, LOCAL).astimezone(UTC)
    return ClockState(
        clock=this.clock,
        round=this.number,
        started_at=this.started_at,
        limit_amount=amount,
        unit=unit,
        due_at=None if this.paused_at else due,
        amber_at=None if this.paused_at else max(amber.replace(microsecond=0), this.started_at),
        paused_at=this.paused_at,
        left_when_paused=_left(due, unit, this.paused_at, calendar) if this.paused_at else None,
        stopped_at=this.stopped_at,
        late=this.stopped_at > due if this.stopped_at else None,
        overrun=max(-_left(due, unit, this.stopped_at, calendar), 0) if this.stopped_at else None,
        is_provisional=(not is_hours or extended_to is not None) and calendar.is_provisional(day_of(due)),
        pauses=tuple(pauses),
        extended_to=extended_to,
    )


def _given_back(due: datetime, since: datetime, until: datetime, calendar: WorkCalendar) -> int:
    """How many working days a span gives back, so that it is late after it if and only if it was before."""
    days = calendar.between(day_of(since), day_of(until))
    is_late_after = until > calendar.ends(calendar.after(day_of(due), days))
    return days + is_late_after - (since > due)


def _left(due: datetime, unit: Unit, at: datetime, calendar: WorkCalendar) -> int:
    if unit is Unit.HOURS:
        return (due - at) // timedelta(hours=1)
    days = calendar.between(day_of(at), day_of(due))
    return min(days, -1) if at > due else days


def running(states: Iterable[ClockState]) -> ClockState | None:
    """The clock that screens show and lists sort by: of those not stopped, the step now to be taken. Never REPLY's."""
    order = [Clock.DISPATCH, Clock.ACCEPT, Clock.HANDLE, Clock.VERIFY, Clock.CALLBACK]
    waiting = [state for state in states if not state.stopped_at and state.clock in order]
    return min(waiting, key=lambda state: order.index(state.clock), default=None)


def colour(state: ClockState, now: datetime) -> Literal["green", "amber", "red", "grey"]:
    """Grey while paused, red beyond the end, amber from 80 % on. A stopped clock is red if it was late, else green."""
    if state.due_at is None or state.amber_at is None:
        return "grey"
    if (state.stopped_at or now) > state.due_at:
        return "red"
    return "amber" if not state.stopped_at and now >= state.amber_at else "green"


def remaining(state: ClockState, now: datetime, calendar: WorkCalendar) -> tuple[int, Unit]:
    """What is left: whole hours, or working days after today (0: due today). Negative: begun ones since the end.

    A paused clock says what was left when it was paused, a stopped one what was left at the stop.
    """
    if state.due_at is None:
        return state.left_when_paused or 0, state.unit
    return _left(state.due_at, state.unit, state.stopped_at or now, calendar), state.unit


class Reason(StrEnum):
    """Why a day counts or does not."""

    WORKDAY = "workday"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    PAUSED = "paused"


REASON_NAMES: Mapping[Reason, str] = {
    Reason.WORKDAY: N_("工作日"),
    Reason.MAKE_UP: N_("调休上班"),
    Reason.WEEKEND: N_("周末"),
    Reason.HOLIDAY: N_("节假日"),
    Reason.PAUSED: N_("暂停"),
}


@dataclass(frozen=True)
class Why:
    """The reckoning behind one deadline, for the page that explains it. `days` is empty for a clock of hours."""

    state: ClockState
    days: tuple[tuple[date, Reason], ...]  # every day after the day it starts through the last, or the day of the pause

    @property
    def counted(self) -> tuple[date, ...]:
        """The days that count, make-up workdays among them."""
        return tuple(day for day, reason in self.days if reason in (Reason.WORKDAY, Reason.MAKE_UP))


def why(state: ClockState, calendar: WorkCalendar) -> Why:
    """Day by day, why this clock ends when it does. Pauses, extension and provisionality are in its state."""
    start, end = day_of(state.started_at), state.due_at or state.paused_at
    if state.unit is Unit.HOURS or end is None:
        return Why(state, ())
    paused = {day for pause in state.pauses for day in _days_of(pause, calendar)}
    dates = (start + timedelta(days=n) for n in range(1, (day_of(end) - start).days + 1))
    return Why(state, tuple((day, Reason.PAUSED if day in paused else _reason(day, calendar)) for day in dates))


def _days_of(pause: Pause, calendar: WorkCalendar) -> list[date]:
    """The very working days that a pause gives back."""
    first = day_of(pause.since)
    days = calendar.counted_days(first, max(calendar.between(first, day_of(pause.until)), 0))
    given = pause.days or 0
    return [first, *days] if given > len(days) else days[:given]


def _reason(day: date, calendar: WorkCalendar) -> Reason:
    is_weekend = day.weekday() >= 5
    if calendar.is_workday(day):
        return Reason.MAKE_UP if is_weekend else Reason.WORKDAY
    return Reason.WEEKEND if is_weekend else Reason.HOLIDAY
