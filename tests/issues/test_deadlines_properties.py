"""What holds of the clocks of any issue, over random walks through the table of moves."""

import csv
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.clock import LOCAL, day_of
from app.issues.deadlines import Move, clocks, colour, remaining, running, why
from app.issues.lifecycle import ENDED, TRANSITIONS, Effect, Status
from app.rules.limits import limit_for, promise
from app.rules.models import Clock, Kind, Limit, Unit, Urgency
from app.rules.workdays import WorkCalendar

DATA = Path(__file__).resolve().parents[2] / "app" / "data"
with (DATA / "calendar.csv").open(encoding="utf-8", newline="") as file:
    CALENDAR = WorkCalendar.of(
        {date.fromisoformat(row["day"]): row["is_workday"] == "1" for row in csv.DictReader(file)}
    )
HOURS, DAYS = Unit.HOURS, Unit.WORKING_DAYS
LIMITS = (
    Limit(Clock.DISPATCH, 24, HOURS),
    Limit(Clock.DISPATCH, 2, HOURS, urgency=Urgency.URGENT),
    Limit(Clock.ACCEPT, 1, DAYS),
    Limit(Clock.HANDLE, 5, DAYS),
    Limit(Clock.HANDLE, 10, DAYS, kind=Kind.COMPLAINT),
    Limit(Clock.HANDLE, 24, HOURS, urgency=Urgency.URGENT),
    Limit(Clock.VERIFY, 3, DAYS),
    Limit(Clock.CALLBACK, 5, DAYS),
)
COLOURS = ["green", "amber", "red"]
MOMENTS = st.integers(0, 7 * 366 * 86400).map(
    lambda seconds: datetime(2019, 3, 1, tzinfo=LOCAL) + timedelta(seconds=seconds)
)
# Minutes and weeks, on the hour of a closing time now and then.
SPANS = st.one_of(
    st.integers(0, 3 * 3600), st.integers(0, 20 * 86400), st.sampled_from([0, 8 * 3600, 86400, 7 * 86400])
).map(lambda seconds: timedelta(seconds=seconds))
STEPS = st.lists(st.tuples(st.integers(0, 999), SPANS, st.booleans(), st.integers(-3, 40)), min_size=4, max_size=16)


def _next(status: Status, has_lead: bool, pick: int):
    """A move that the table allows from here; one that ends the issue early comes seldom."""
    rows = [row for row in TRANSITIONS.values() if status in row.sources and row.clocks]
    rows = [row for row in rows if has_lead or "has_lead" not in row.when]
    lasting = [row for row in rows if row.target not in (Status.MERGED, Status.VOID)]
    rows = rows if pick % 10 == 0 else lasting
    return rows[pick % len(rows)] if rows else None


@st.composite
def histories(draw) -> list[Move]:
    """A legal history: report, and then any moves of the table with any times between them."""
    moment, status, has_lead = draw(MOMENTS), Status.SUBMITTED, False
    facts = {"kind": draw(st.sampled_from(Kind)), "urgency": draw(st.sampled_from(Urgency)), "category_id": 1}
    moves = [Move("report", moment, status, facts)]
    for pick, span, is_wrong, days in draw(STEPS):
        row = _next(status, has_lead, pick)
        if row is None:
            break
        moment += span
        has_lead = has_lead or "department_id" in row.brings
        status = (row.fallback if row.fallback and not has_lead else row.target) or status
        day = (day_of(moment) + timedelta(days=days)).isoformat()
        data = {"extend_to_on": day, "reply_by_on": day, "was_wrong": is_wrong}
        if row.action == "dispatch":
            data["urgency"] = Urgency.URGENT if pick % 3 == 0 else Urgency.NORMAL
        moves.append(Move(row.action, moment, status, data))
    return moves


def _states(moves, limits=LIMITS):
    return {(state.clock, state.round): state for state in clocks(moves, limits, CALENDAR)}


@settings(max_examples=150, deadline=None)
@given(histories())
def test_every_state_is_sound(moves):
    for state in _states(moves).values():
        assert (state.due_at is None) == (state.paused_at is not None) == (state.left_when_paused is not None)
        assert (state.late is None) == (state.overrun is None) == (state.stopped_at is None)
        assert not (state.paused_at and state.stopped_at)
        assert all(pause.since <= pause.until for pause in state.pauses)
        assert all(pause.days is None or pause.days >= 0 for pause in state.pauses)
        if state.due_at:
            assert state.started_at <= state.amber_at <= state.due_at
        if state.stopped_at:
            assert state.late == (state.stopped_at > state.due_at)
            assert (state.overrun > 0) == state.late
        if state.due_at and state.unit is DAYS:
            assert CALENDAR.is_workday(day_of(state.due_at))
            assert CALENDAR.ends(day_of(state.due_at)) == state.due_at


@settings(max_examples=150, deadline=None)
@given(histories())
def test_rounds_follow_one_another(moves):
    states = clocks(moves, LIMITS, CALENDAR)
    for clock in Clock:
        rounds = [state for state in states if state.clock is clock]
        assert [state.round for state in rounds] == list(range(1, len(rounds) + 1))
        assert all(state.stopped_at for state in rounds[:-1])
        assert all(earlier.stopped_at <= later.started_at for earlier, later in pairwise(rounds))


@settings(max_examples=150, deadline=None)
@given(histories())
def test_prefix_by_prefix_is_the_whole_and_nothing_runs_backwards(moves):
    before = {}
    for count in range(1, len(moves) + 1):
        after = _states(moves[:count])
        touched = {clock for clock, _ in TRANSITIONS[moves[count - 1].action].clocks}
        for key, old in before.items():
            new = after[key]
            assert (new.started_at, new.limit_amount, new.unit) == (old.started_at, old.limit_amount, old.unit)
            assert new.pauses[: len(old.pauses)] == old.pauses
            if old.due_at and new.due_at:
                assert new.due_at >= old.due_at
            if old.stopped_at and key[0] not in touched:
                assert new == old, "what has stopped stays frozen"
        before = after
    assert before == _states(iter(moves))


@settings(max_examples=150, deadline=None)
@given(histories())
def test_a_stopped_clock_changes_only_when_it_is_taken_up_again(moves):
    for count in range(1, len(moves)):
        is_resume = (Clock.HANDLE, Effect.RESUME) in TRANSITIONS[moves[count].action].clocks
        new = _states(moves[: count + 1])
        for key, old in _states(moves[:count]).items():
            if old.stopped_at and new[key] != old:
                assert is_resume
                assert key[0] is Clock.HANDLE
                assert (new[key].due_at < moves[count].at) == old.late, "nor is lateness forgiven or made"


@settings(max_examples=100, deadline=None)
@given(histories())
def test_some_clock_runs_until_the_issue_ends(moves):
    states = clocks(moves, LIMITS, CALENDAR)
    if moves[-1].to in ENDED:
        assert all(state.stopped_at for state in states)
        assert running(states) is None
    else:
        assert running(states) is not None


@settings(max_examples=100, deadline=None)
@given(histories())
def test_a_later_limit_touches_nothing(moves):
    later = Limit(Clock.HANDLE, 1, HOURS, valid_from=moves[-1].at + timedelta(seconds=1))
    assert _states(moves, (*LIMITS, later)) == _states(moves)


@settings(max_examples=100, deadline=None)
@given(histories(), st.lists(SPANS, min_size=2, max_size=6))
def test_time_only_uses_up_what_is_left(moves, spans):
    for state in clocks(moves, LIMITS, CALENDAR):
        now, seen = state.started_at, []
        for span in spans:
            now += span
            left, _ = remaining(state, now, CALENDAR)
            shade = colour(state, now)
            if state.paused_at or state.stopped_at:
                seen.append((left, shade))
                continue
            assert (left < 0) == (shade == "red")
            seen.append((left, COLOURS.index(shade)))
        if state.paused_at or state.stopped_at:
            assert len(set(seen)) == 1
        else:
            assert [left for left, _ in seen] == sorted((left for left, _ in seen), reverse=True)
            assert [shade for _, shade in seen] == sorted(shade for _, shade in seen)


@settings(max_examples=150, deadline=None)
@given(MOMENTS, st.sampled_from(Kind), st.sampled_from(Urgency), SPANS, SPANS)
def test_a_pause_never_shortens_nor_makes_late_nor_excuses(start, kind, urgency, until_pause, length):
    since, until = start + until_pause, start + until_pause + length
    begun = [Move("dispatch", start, Status.DISPATCHED, {"kind": kind, "urgency": urgency})]
    paused = [*begun, Move("suspend", since, Status.SUSPENDED), Move("resume", until, Status.IN_PROGRESS)]
    key = (Clock.HANDLE, 1)
    without, with_pause = _states(begun)[key], _states(paused)[key]
    assert with_pause.due_at >= without.due_at
    assert (until > with_pause.due_at) == (since > without.due_at)
    if without.unit is HOURS:
        assert with_pause.due_at - without.due_at == length
    elif since <= without.due_at:
        assert len(why(with_pause, CALENDAR).counted) == with_pause.limit_amount
    # Merged while suspended: late only if it was so when it was suspended.
    merged = _states([*paused[:2], Move("merge", until, Status.MERGED)])[key]
    assert merged.late == (since > without.due_at)
    # What was left at the pause is left after it, but for the day of the pause itself.
    assume(since <= without.due_at)
    left = remaining(_states(paused[:2])[key], since, CALENDAR)[0]
    assert abs(remaining(with_pause, until, CALENDAR)[0] - left) <= 1


@settings(max_examples=150, deadline=None)
@given(MOMENTS, st.integers(1, 60), st.booleans())
def test_a_promise_is_kept_and_explained(start, amount, is_hours):
    limit = Limit(Clock.HANDLE, amount, HOURS if is_hours else DAYS)
    state = _states([Move("dispatch", start, Status.DISPATCHED)], (limit,))[Clock.HANDLE, 1]
    assert state.due_at == promise(limit, start, CALENDAR)
    reckoning = why(state, CALENDAR)
    assert len(reckoning.counted) == (0 if is_hours else amount)
    assert set(reckoning.counted) <= {day for day, _reason in reckoning.days}
    assert state.is_provisional == (not is_hours and CALENDAR.is_provisional(day_of(state.due_at)))


ROWS = st.builds(
    Limit,
    clock=st.just(Clock.HANDLE),
    amount=st.integers(1, 9),
    unit=st.just(DAYS),
    kind=st.sampled_from([None, *Kind]),
    urgency=st.sampled_from([None, *Urgency]),
    category_id=st.sampled_from([None, 1, 2]),
    valid_from=MOMENTS,
    is_retroactive=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, max_size=12), st.sampled_from(Kind), st.sampled_from(Urgency), MOMENTS)
def test_the_limit_found_fits_and_none_fits_better(limits, kind, urgency, at):
    asked = {"kind": kind, "urgency": urgency, "category_id": 1, "at": at}
    found = limit_for(limits, Clock.HANDLE, **asked)
    fitting = [
        row
        for row in limits
        if row.kind in (None, kind)
        and row.urgency in (None, urgency)
        and row.category_id in (None, 1)
        and row.valid_from <= at
    ]
    assert (found is None) == (not fitting)
    if found:
        assert found in fitting
        assert found.urgency is Urgency.URGENT or not any(row.urgency is Urgency.URGENT for row in fitting)
        same = [
            row
            for row in fitting
            if (row.kind, row.urgency, row.category_id) == (found.kind, found.urgency, found.category_id)
        ]
        assert all(found.valid_from >= row.valid_from for row in same)
