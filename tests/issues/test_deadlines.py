"""Clocks over histories made by hand. Days are of 2026 and times the city's; 2 March is a Monday, 6 April a holiday."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from app.clock import LOCAL, local
from app.issues.deadlines import REASON_NAMES, Move, Reason, clocks, colour, remaining, running, why
from app.issues.lifecycle import Status
from app.rules.limits import limit_for, promise
from app.rules.models import UNIT_NAMES, Clock, Kind, Limit, Unit, Urgency
from app.rules.workdays import WorkCalendar

DATA = Path(__file__).resolve().parents[2] / "app" / "data"


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CALENDAR = WorkCalendar.of({date.fromisoformat(row["day"]): row["is_workday"] == "1" for row in _rows("calendar.csv")})
LIMITS = tuple(
    Limit(
        clock=Clock(row["clock"]),
        amount=int(row["amount"]),
        unit=Unit(row["unit"]),
        kind=Kind(row["kind"]) if row["kind"] else None,
        urgency=Urgency(row["urgency"]) if row["urgency"] else None,
        category_id=int(row["category_id"]) if row["category_id"] else None,
    )
    for row in _rows("limits.csv")
)


def at(text: str) -> datetime:
    """'03-02 09:00' in 2026, or '2027-01-05 18:00'."""
    year = "" if text[:4].isdigit() else "2026-"
    return datetime.fromisoformat(f"{year}{text}").replace(tzinfo=LOCAL)


def history(text: str) -> list[Move]:
    """One move a line: month-day, time, action, status it leads to, and what it brings as name=value."""
    moves = []
    for line in text.strip().splitlines():
        day, clock_time, action, to, *brought = line.split()
        data = dict(item.split("=") for item in brought)
        if "category_id" in data:
            data["category_id"] = int(data["category_id"])
        if "was_wrong" in data:
            data["was_wrong"] = data["was_wrong"] == "yes"
        moves.append(Move(action, at(f"{day} {clock_time}"), Status(to), data))
    return moves


def show(state) -> str:
    """A state in one line: clock and round, its end or 'paused', when it stopped and how late that was."""
    due = f"{local(state.due_at):%m-%d %H:%M}" if state.due_at else "paused"
    stop = ""
    if state.stopped_at:
        stop = f" stopped {local(state.stopped_at):%m-%d %H:%M}" + (f" late {state.overrun}" if state.late else "")
    return f"{state.clock}{state.round} {due}{stop}"


def seen(text: str, limits=LIMITS) -> list[str]:
    return [show(state) for state in clocks(history(text), limits, CALENDAR)]


DISPATCHED = """
03-02 09:00 report submitted kind=help urgency=normal category_id=1
03-02 10:00 dispatch dispatched urgency=normal
"""
ACCEPTED = DISPATCHED + "03-02 15:00 accept in_progress\n"
ANSWERED = ACCEPTED + "03-06 17:00 answer proposed\n"
VERIFIED = ANSWERED + "03-09 09:00 verify callback\n"
CLOSED = VERIFIED + "03-10 09:00 confirm closed\n"

HISTORIES = {
    "a report starts the dispatch clock, 24 hours": (
        "03-02 09:00 report submitted",
        ["dispatch1 03-03 09:00"],
    ),
    "on a Saturday night as well": ("03-07 23:30 report submitted", ["dispatch1 03-08 23:30"]),
    "urgent: 2 hours": ("03-02 17:30 report submitted urgency=urgent", ["dispatch1 03-02 19:30"]),
    "asking for more pauses it": (
        "03-02 09:00 report submitted\n03-02 15:00 ask_info needs_info",
        ["dispatch1 paused"],
    ),
    "and the answer lets it go on with what was left": (
        "03-02 09:00 report submitted\n03-02 15:00 ask_info needs_info\n03-04 08:30 supplement submitted",
        ["dispatch1 03-05 02:30"],
    ),
    "a voided one stops while paused, not late": (
        "03-02 09:00 report submitted\n03-02 15:00 ask_info needs_info\n03-09 09:00 void void",
        ["dispatch1 03-10 03:00 stopped 03-09 09:00"],
    ),
    "but late if it was overdue when it was paused": (
        "03-02 09:00 report submitted\n03-03 10:00 ask_info needs_info\n03-09 09:00 void void",
        ["dispatch1 03-09 08:00 stopped 03-09 09:00 late 1"],
    ),
    "dispatch starts accept and handle; the day itself is not counted": (
        DISPATCHED,
        ["dispatch1 03-03 09:00 stopped 03-02 10:00", "accept1 03-03 18:00", "handle1 03-09 18:00"],
    ),
    "the limit is met on its last second": (
        DISPATCHED + "03-03 18:00:00 accept in_progress",
        [
            "dispatch1 03-03 09:00 stopped 03-02 10:00",
            "accept1 03-03 18:00 stopped 03-03 18:00",
            "handle1 03-09 18:00",
        ],
    ),
    "and missed one second later, on the same day": (
        DISPATCHED + "03-03 18:00:01 accept in_progress",
        [
            "dispatch1 03-03 09:00 stopped 03-02 10:00",
            "accept1 03-03 18:00 stopped 03-03 18:00 late 1",
            "handle1 03-09 18:00",
        ],
    ),
    "late hours begun count whole": (
        "03-02 09:00 report submitted\n03-03 10:30 dispatch dispatched",
        ["dispatch1 03-03 09:00 stopped 03-03 10:30 late 2", "accept1 03-04 18:00", "handle1 03-10 18:00"],
    ),
    "a consultation has 3 days": (
        "03-02 09:00 report submitted kind=consultation\n03-02 10:00 dispatch dispatched",
        ["dispatch1 03-03 09:00 stopped 03-02 10:00", "accept1 03-03 18:00", "handle1 03-05 18:00"],
    ),
    "a complaint has 10": (
        "03-02 09:00 report submitted kind=complaint\n03-02 10:00 dispatch dispatched",
        ["dispatch1 03-03 09:00 stopped 03-02 10:00", "accept1 03-03 18:00", "handle1 03-16 18:00"],
    ),
    "category 10 has its own 10": (
        "03-02 09:00 report submitted kind=help category_id=10\n03-02 10:00 dispatch dispatched",
        ["dispatch1 03-03 09:00 stopped 03-02 10:00", "accept1 03-03 18:00", "handle1 03-16 18:00"],
    ),
    "unless the dispatcher finds it urgent: 24 hours": (
        "03-02 09:00 report submitted category_id=10\n03-02 10:00 dispatch dispatched urgency=urgent",
        ["dispatch1 03-03 09:00 stopped 03-02 10:00", "accept1 03-02 12:00", "handle1 03-03 10:00"],
    ),
    "the Qingming holiday is not counted": (
        "04-03 09:00 report submitted\n04-03 10:00 dispatch dispatched",
        ["dispatch1 04-04 09:00 stopped 04-03 10:00", "accept1 04-07 18:00", "handle1 04-13 18:00"],
    ),
    "a make-up Saturday is": (
        "05-07 09:00 report submitted\n05-07 10:00 dispatch dispatched",
        ["dispatch1 05-08 09:00 stopped 05-07 10:00", "accept1 05-08 18:00", "handle1 05-13 18:00"],
    ),
    "answering and verifying": (
        VERIFIED,
        [
            "dispatch1 03-03 09:00 stopped 03-02 10:00",
            "accept1 03-03 18:00 stopped 03-02 15:00",
            "handle1 03-09 18:00 stopped 03-06 17:00",
            "verify1 03-11 18:00 stopped 03-09 09:00",
            "callback1 03-16 18:00",
        ],
    ),
}

# Histories that go on from an accepted, answered or verified issue; only the clocks named are compared.
SEQUELS = {
    "returning does not stop the handle clock": (
        DISPATCHED + "03-03 09:00 return returned",
        ["accept1 03-03 18:00 stopped 03-03 09:00", "handle1 03-09 18:00"],
    ),
    "another department gets what is left if the return was wrong": (
        DISPATCHED + "03-03 09:00 return returned\n03-04 09:00 redispatch dispatched was_wrong=no",
        ["accept1 03-03 18:00 stopped 03-03 09:00", "accept2 03-05 18:00", "handle1 03-09 18:00"],
    ),
    "and the whole limit if the dispatch was": (
        DISPATCHED + "03-03 09:00 return returned\n03-04 09:00 redispatch dispatched was_wrong=yes",
        [
            "accept1 03-03 18:00 stopped 03-03 09:00",
            "accept2 03-05 18:00",
            "handle1 03-09 18:00 stopped 03-04 09:00",
            "handle2 03-11 18:00",
        ],
    ),
    "so it is when the head names a department": (
        DISPATCHED
        + "03-03 09:00 return returned\n03-03 09:00 escalate disputed\n03-05 09:00 designate in_progress was_wrong=yes",
        ["handle1 03-09 18:00 stopped 03-05 09:00", "handle2 03-12 18:00"],
    ),
    "suspending pauses": (ACCEPTED + "03-04 10:00 suspend suspended review_on=2026-04-01", ["handle1 paused"]),
    "and gives back the working days after its first day": (
        ACCEPTED + "03-04 10:00 suspend suspended\n03-11 10:00 resume in_progress",
        ["handle1 03-16 18:00"],
    ),
    "twice too": (
        ACCEPTED + "03-04 10:00 suspend suspended\n03-06 10:00 resume in_progress\n"
        "03-09 10:00 suspend suspended\n03-10 10:00 resume in_progress",
        ["handle1 03-12 18:00"],
    ),
    "a weekend gives nothing back": (
        ACCEPTED + "03-06 10:00 suspend suspended\n03-08 10:00 resume in_progress",
        ["handle1 03-09 18:00"],
    ),
    "unless the clock would be late by it: the last day is given back": (
        ACCEPTED + "03-09 10:00 suspend suspended\n03-09 20:00 resume in_progress",
        ["handle1 03-10 18:00"],
    ),
    "nor is a lateness excused by pausing overnight": (
        ACCEPTED + "03-09 18:30 suspend suspended\n03-10 08:00 resume in_progress\n03-10 09:00 answer proposed",
        ["handle1 03-09 18:00 stopped 03-10 09:00 late 1"],
    ),
    "an overdue clock stays overdue by as much": (
        ACCEPTED + "03-11 10:00 suspend suspended\n03-18 10:00 resume in_progress\n03-18 11:00 answer proposed",
        ["handle1 03-16 18:00 stopped 03-18 11:00 late 2"],
    ),
    "merging while suspended is not late": (
        ACCEPTED + "03-04 10:00 suspend suspended\n04-20 09:00 merge merged",
        ["handle1 04-23 18:00 stopped 04-20 09:00"],
    ),
    "an extension moves the end": (
        ACCEPTED + "03-06 10:00 grant_extension in_progress extend_to_on=2026-03-20",
        ["handle1 03-20 18:00"],
    ),
    "to a working day": (
        ACCEPTED + "03-06 10:00 grant_extension in_progress extend_to_on=2026-04-04",
        ["handle1 04-07 18:00"],
    ),
    "never earlier": (
        ACCEPTED + "03-06 10:00 grant_extension in_progress extend_to_on=2026-03-05",
        ["handle1 03-09 18:00"],
    ),
    "and later pauses still add": (
        ACCEPTED + "03-06 10:00 grant_extension in_progress extend_to_on=2026-03-20\n"
        "03-12 10:00 suspend suspended\n03-16 10:00 resume in_progress",
        ["handle1 03-24 18:00"],
    ),
    "an urgent one is extended to the end of business": (
        "03-02 09:00 report submitted urgency=urgent\n03-02 10:00 dispatch dispatched\n"
        "03-02 11:00 accept in_progress\n03-03 09:00 grant_extension in_progress extend_to_on=2026-03-05",
        ["handle1 03-05 18:00"],
    ),
    "nothing pauses or resumes what never ran": (
        "03-02 09:00 report submitted\n03-02 10:00 suspend suspended\n03-02 11:00 resume in_progress",
        ["dispatch1 03-03 09:00"],
    ),
    "nothing pauses what has stopped": (
        ANSWERED + "03-06 18:00 suspend suspended",
        ["handle1 03-09 18:00 stopped 03-06 17:00"],
    ),
    "nothing extends what has stopped": (
        ANSWERED + "03-06 18:00 grant_extension in_progress extend_to_on=2026-03-20",
        ["handle1 03-09 18:00 stopped 03-06 17:00"],
    ),
    "a rejected answer lets the clock go on; the span between does not count": (
        ANSWERED + "03-10 09:00 reject_answer in_progress",
        ["handle1 03-11 18:00", "verify1 03-11 18:00 stopped 03-10 09:00"],
    ),
    "and its lateness is frozen anew": (
        ANSWERED + "03-10 09:00 reject_answer in_progress\n03-13 09:00 answer proposed",
        [
            "handle1 03-11 18:00 stopped 03-13 09:00 late 2",
            "verify1 03-11 18:00 stopped 03-10 09:00",
            "verify2 03-18 18:00",
        ],
    ),
    "a disputed answer has half the limit, rounded up": (
        VERIFIED + "03-10 09:00 dispute_answer in_progress",
        [
            "handle1 03-09 18:00 stopped 03-06 17:00",
            "callback1 03-16 18:00 stopped 03-10 09:00",
            "handle2 03-13 18:00",
        ],
    ),
    "reopening has the whole": (
        CLOSED + "03-20 09:00 reopen in_progress",
        ["handle1 03-09 18:00 stopped 03-06 17:00", "handle2 03-27 18:00"],
    ),
    "without a department it is the dispatcher's again: reopened": (
        CLOSED + "03-20 09:00 reopen submitted",
        ["dispatch1 03-03 09:00 stopped 03-02 10:00", "dispatch2 03-21 09:00"],
    ),
    "answer rejected": (
        "03-02 09:00 report submitted\n03-02 10:00 answer_on_spot proposed\n03-03 10:00 reject_answer submitted",
        [
            "dispatch1 03-03 09:00 stopped 03-02 10:00",
            "verify1 03-05 18:00 stopped 03-03 10:00",
            "dispatch2 03-04 10:00",
        ],
    ),
    "answer disputed": (
        "03-02 09:00 report submitted\n03-02 10:00 answer_on_spot proposed\n03-03 10:00 verify callback\n"
        "03-04 10:00 dispute_answer submitted",
        ["dispatch1 03-03 09:00 stopped 03-02 10:00", "dispatch2 03-05 10:00"],
    ),
    "a supervision runs to the day it names": (
        ACCEPTED + "03-03 09:00 supervise in_progress reply_by_on=2026-03-05\n03-06 09:00 reply in_progress",
        ["reply1 03-05 18:00 stopped 03-06 09:00 late 1"],
    ),
    "a second takes the place of the first": (
        ACCEPTED + "03-03 09:00 supervise in_progress reply_by_on=2026-03-05\n"
        "03-04 09:00 supervise in_progress reply_by_on=2026-03-10",
        ["reply1 03-05 18:00 stopped 03-04 09:00", "reply2 03-10 18:00"],
    ),
    "one for today asked after business runs to the next day": (
        ACCEPTED + "03-06 19:00 supervise in_progress reply_by_on=2026-03-06",
        ["reply1 03-09 18:00"],
    ),
    "one for a holiday to the day after": (
        ACCEPTED + "04-02 09:00 supervise in_progress reply_by_on=2026-04-06",
        ["reply1 04-07 18:00"],
    ),
    "one that is never answered ends with the issue": (
        VERIFIED + "03-09 10:00 supervise callback reply_by_on=2026-03-20\n03-10 09:00 confirm closed",
        ["reply1 03-20 18:00 stopped 03-10 09:00", "callback1 03-16 18:00 stopped 03-10 09:00"],
    ),
    "voiding stops all": (
        ACCEPTED + "03-03 09:00 supervise in_progress reply_by_on=2026-03-05\n03-12 09:00 void void",
        [
            "accept1 03-03 18:00 stopped 03-02 15:00",
            "handle1 03-09 18:00 stopped 03-12 09:00 late 3",
            "reply1 03-05 18:00 stopped 03-12 09:00 late 5",
        ],
    ),
    "notes and urgings touch no clock": (
        ACCEPTED + "03-03 09:00 note in_progress\n03-03 10:00 urge in_progress",
        ["accept1 03-03 18:00 stopped 03-02 15:00", "handle1 03-09 18:00"],
    ),
    "a server clock that was set back does not turn time": (
        ACCEPTED + "03-04 10:00 suspend suspended\n03-03 10:00 resume in_progress",
        ["handle1 03-09 18:00"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), HISTORIES.values(), ids=HISTORIES)
def test_history(text, expected):
    assert seen(text) == expected


@pytest.mark.parametrize(("text", "expected"), SEQUELS.values(), ids=SEQUELS)
def test_sequel(text, expected):
    named = {line.split("1")[0].split("2")[0] for line in expected}
    found = [line for line in seen(text) if line.split("1")[0].split("2")[0] in named]
    assert sorted(found) == sorted(expected)


# Dated limits: the office changes 5 days for help to 2 on 5 March.
OLD = Limit(Clock.HANDLE, 5, Unit.WORKING_DAYS, valid_to=at("03-05 00:00"))
NEW = Limit(Clock.HANDLE, 2, Unit.WORKING_DAYS, valid_from=at("03-05 00:00"))
NEW_FOR_ALL = Limit(Clock.HANDLE, 2, Unit.WORKING_DAYS, valid_from=at("03-05 00:00"), is_retroactive=True)


@pytest.mark.parametrize(
    ("new", "text", "expected"),
    [
        (NEW, ACCEPTED, ["handle1 03-09 18:00"]),
        (
            NEW,
            CLOSED + "03-20 09:00 reopen in_progress",
            ["handle1 03-09 18:00 stopped 03-06 17:00", "handle2 03-24 18:00"],
        ),
        (NEW_FOR_ALL, ACCEPTED, ["handle1 03-04 18:00"]),
        (NEW_FOR_ALL, ACCEPTED + "03-04 20:00 answer proposed", ["handle1 03-09 18:00 stopped 03-04 20:00"]),
        (NEW_FOR_ALL, ANSWERED, ["handle1 03-04 18:00 stopped 03-06 17:00 late 2"]),
    ],
    ids=["running untouched", "new round", "retroactive", "retroactive, stopped before", "retroactive, stopped after"],
)
def test_a_changed_limit(new, text, expected):
    assert seen(text, (OLD, new)) == expected


def test_without_a_limit_nothing_is_measured():
    assert seen(VERIFIED, [limit for limit in LIMITS if limit.clock is not Clock.HANDLE]) == [
        line for line in seen(VERIFIED) if not line.startswith("handle")
    ]
    assert seen(ACCEPTED + "03-03 09:00 supervise in_progress reply_by_on=2026-03-05", ()) == ["reply1 03-05 18:00"]


def _limit(amount, **fits):
    return Limit(Clock.HANDLE, amount, Unit.WORKING_DAYS, **fits)


PLAIN, NORMAL, HELP = _limit(1), _limit(2, urgency=Urgency.NORMAL), _limit(3, kind=Kind.HELP, urgency=Urgency.NORMAL)
OWN, URGENT = _limit(4, category_id=10), _limit(5, urgency=Urgency.URGENT)
OWN_URGENT = _limit(6, category_id=10, urgency=Urgency.URGENT)
OWN_HELP = _limit(7, category_id=10, kind=Kind.HELP)
HELP_ANY = _limit(8, kind=Kind.HELP)


@pytest.mark.parametrize(
    ("limits", "urgency", "winner"),
    [
        ([PLAIN], "urgent", PLAIN),
        ([PLAIN, NORMAL], "normal", NORMAL),
        ([PLAIN, NORMAL], "urgent", PLAIN),
        ([NORMAL, HELP], "normal", HELP),
        ([HELP_ANY, NORMAL], "normal", HELP_ANY),
        ([HELP_ANY, HELP], "normal", HELP),
        ([HELP, OWN], "normal", OWN),
        ([OWN, OWN_HELP], "normal", OWN_HELP),
        ([OWN, URGENT, HELP_ANY], "urgent", URGENT),
        ([URGENT, OWN_URGENT], "urgent", OWN_URGENT),
        ([URGENT], "normal", None),
        ([], "normal", None),
        ([_limit(1, kind=Kind.COMPLAINT), _limit(2, category_id=9)], "normal", None),
        ([_limit(1), _limit(2, valid_from=at("03-01 00:00"))], "normal", _limit(2, valid_from=at("03-01 00:00"))),
        ([_limit(1), _limit(2, valid_from=at("03-02 12:01"))], "normal", _limit(1)),
        ([_limit(1, valid_to=at("03-02 12:00"))], "normal", None),
    ],
)
def test_limit_precedence(limits, urgency, winner):
    asked = {"kind": "help", "urgency": urgency, "category_id": 10, "at": at("03-02 12:00")}
    assert limit_for(limits, Clock.HANDLE, **asked) == winner
    assert limit_for(reversed(limits), Clock.HANDLE, **asked) == winner
    assert limit_for(limits, Clock.VERIFY, **asked) is None


def _state(text, clock, limits=LIMITS):
    return [state for state in clocks(history(text), limits, CALENDAR) if state.clock is clock][-1]


COMPLAINT = "03-02 09:00 report submitted kind=complaint\n03-02 10:00 dispatch dispatched"


@pytest.mark.parametrize(
    ("text", "clock", "amber"),
    [
        (DISPATCHED, Clock.DISPATCH, "03-03 04:12"),  # 19.2 of 24 hours
        (DISPATCHED, Clock.ACCEPT, "03-03 00:00"),  # 1 day: that day
        (DISPATCHED, Clock.HANDLE, "03-09 00:00"),  # 5 days: the last
        (COMPLAINT, Clock.HANDLE, "03-13 00:00"),  # 10 days: the last two, a Friday and a Monday
        (VERIFIED, Clock.VERIFY, "03-11 00:00"),
        (ACCEPTED + "03-04 10:00 suspend suspended\n03-11 10:00 resume in_progress", Clock.HANDLE, "03-16 00:00"),
        # 5 days and 15 more: the last four
        (ACCEPTED + "03-06 10:00 grant_extension in_progress extend_to_on=2026-03-30", Clock.HANDLE, "03-25 00:00"),
        (
            "03-02 09:00 report submitted\n03-02 10:00 ask_info needs_info\n03-02 20:00 supplement submitted",
            Clock.DISPATCH,
            "03-03 14:12",
        ),
        # 24 hours, extended to 80: the last 16
        (
            "03-02 10:00 dispatch dispatched urgency=urgent\n"
            "03-02 11:00 grant_extension in_progress extend_to_on=2026-03-05",
            Clock.HANDLE,
            "03-05 02:00",
        ),
        # Asked for today: amber at once, not since midnight
        (ACCEPTED + "03-03 09:00 supervise in_progress reply_by_on=2026-03-03", Clock.REPLY, "03-03 09:00"),
    ],
)
def test_amber(text, clock, amber):
    state = _state(text, clock)
    assert state.amber_at == at(amber)


@pytest.mark.parametrize(
    ("now", "expected", "left"),
    [
        ("03-02 10:00", "green", 5),
        ("03-06 23:59", "green", 1),
        ("03-07 12:00", "green", 1),  # a Saturday
        ("03-09 00:00", "amber", 0),
        ("03-09 18:00", "amber", 0),
        ("03-09 18:01", "red", -1),
        ("03-10 09:00", "red", -1),
        ("03-13 09:00", "red", -4),
        ("03-14 09:00", "red", -4),
    ],
)
def test_colour_and_remaining_in_days(now, expected, left):
    state = _state(DISPATCHED, Clock.HANDLE)
    assert colour(state, at(now)) == expected
    assert remaining(state, at(now), CALENDAR) == (left, Unit.WORKING_DAYS)


@pytest.mark.parametrize(
    ("now", "expected", "left"),
    [
        ("03-02 09:00", "green", 24),
        ("03-02 09:01", "green", 23),
        ("03-03 04:12", "amber", 4),
        ("03-03 09:00", "amber", 0),
        ("03-03 09:01", "red", -1),
        ("03-04 09:00", "red", -24),
    ],
)
def test_colour_and_remaining_in_hours(now, expected, left):
    state = _state("03-02 09:00 report submitted", Clock.DISPATCH)
    assert colour(state, at(now)) == expected
    assert remaining(state, at(now), CALENDAR) == (left, Unit.HOURS)


def test_a_paused_clock_is_grey_and_keeps_what_was_left():
    state = _state(ACCEPTED + "03-04 10:00 suspend suspended", Clock.HANDLE)
    assert colour(state, at("06-01 09:00")) == "grey"
    assert (state.due_at, state.amber_at, state.left_when_paused) == (None, None, 3)
    assert remaining(state, at("06-01 09:00"), CALENDAR) == (3, Unit.WORKING_DAYS)


def test_a_stopped_clock_keeps_its_colour():
    in_time = _state(ANSWERED, Clock.HANDLE)
    late = _state(ACCEPTED + "03-11 09:00 answer proposed", Clock.HANDLE)
    assert colour(in_time, at("06-01 09:00")) == "green"
    assert remaining(in_time, at("06-01 09:00"), CALENDAR) == (1, Unit.WORKING_DAYS)
    assert colour(late, at("06-01 09:00")) == "red"
    assert remaining(late, at("06-01 09:00"), CALENDAR) == (-2, Unit.WORKING_DAYS)
    assert (in_time.late, in_time.overrun, late.late, late.overrun) == (False, 0, True, 2)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("03-02 09:00 report submitted", Clock.DISPATCH),
        ("03-02 09:00 report submitted\n03-02 10:00 ask_info needs_info", Clock.DISPATCH),
        (DISPATCHED, Clock.ACCEPT),
        (DISPATCHED + "03-03 09:00 return returned", Clock.HANDLE),
        (ACCEPTED, Clock.HANDLE),
        (ACCEPTED + "03-03 09:00 supervise in_progress reply_by_on=2026-03-05", Clock.HANDLE),
        (ANSWERED, Clock.VERIFY),
        (VERIFIED, Clock.CALLBACK),
        (CLOSED, None),
        (VERIFIED + "03-10 09:00 dispute_answer in_progress", Clock.HANDLE),
    ],
)
def test_the_clock_that_is_shown(text, clock):
    shown = running(clocks(history(text), LIMITS, CALENDAR))
    assert (shown.clock if shown else None) == clock


def test_a_deadline_beyond_the_published_calendar_is_provisional():
    text = "12-08 09:00 report submitted kind=complaint\n12-{} 10:00 dispatch dispatched"
    (early, late) = (_state(text.format(day), Clock.HANDLE) for day in ("08", "28"))
    assert (show(early), early.is_provisional) == ("handle1 12-22 18:00", False)
    assert (show(late), late.is_provisional) == ("handle1 01-11 18:00", True)
    hours = _state("12-31 18:00 report submitted", Clock.DISPATCH)
    assert (show(hours), hours.is_provisional) == ("dispatch1 01-01 18:00", False)


@pytest.mark.parametrize(
    ("limit", "start", "due"),
    [
        (_limit(5), "03-02 10:00", "03-09 18:00"),
        (_limit(1), "02-21 10:00", "02-24 18:00"),
        (Limit(Clock.HANDLE, 24, Unit.HOURS), "03-06 17:00", "03-07 17:00"),
    ],
)
def test_promise_is_what_the_clock_will_say(limit, start, due):
    assert promise(limit, at(start), CALENDAR) == at(due)
    day, hour = start.split()
    assert _state(f"{day} {hour} dispatch dispatched", Clock.HANDLE, (limit,)).due_at == at(due)


def test_why_over_a_holiday():
    reckoning = why(_state("04-03 09:00 report submitted\n04-03 10:00 dispatch dispatched", Clock.HANDLE), CALENDAR)
    assert [day.day for day in reckoning.counted] == [7, 8, 9, 10, 13]
    assert [(day.day, reason) for day, reason in reckoning.days if day not in reckoning.counted] == [
        (4, Reason.WEEKEND),  # the 3rd, when it starts, is not counted and not told of
        (5, Reason.WEEKEND),
        (6, Reason.HOLIDAY),
        (11, Reason.WEEKEND),
        (12, Reason.WEEKEND),
    ]


def test_why_names_make_up_workdays():
    reckoning = why(_state("05-07 09:00 report submitted\n05-07 10:00 dispatch dispatched", Clock.HANDLE), CALENDAR)
    assert [(day.day, reason) for day, reason in reckoning.days] == [
        (8, Reason.WORKDAY),
        (9, Reason.MAKE_UP),
        (10, Reason.WEEKEND),
        (11, Reason.WORKDAY),
        (12, Reason.WORKDAY),
        (13, Reason.WORKDAY),
    ]


@pytest.mark.parametrize(
    ("sequel", "paused", "counted"),
    [
        ("03-04 10:00 suspend suspended\n03-09 10:00 resume in_progress", [5, 6, 9], [3, 4, 10, 11, 12]),
        ("03-09 10:00 suspend suspended\n03-09 20:00 resume in_progress", [9], [3, 4, 5, 6, 10]),
        ("03-06 20:00 suspend suspended\n03-08 20:00 resume in_progress", [], [3, 4, 5, 6, 9]),
        ("03-05 10:00 suspend suspended", [], [3, 4, 5]),
        ("03-05 10:00 grant_extension in_progress extend_to_on=2026-03-11", [], [3, 4, 5, 6, 9, 10, 11]),
    ],
)
def test_why_with_pauses(sequel, paused, counted):
    reckoning = why(_state(ACCEPTED + sequel, Clock.HANDLE), CALENDAR)
    assert [day.day for day, reason in reckoning.days if reason is Reason.PAUSED] == paused
    assert [day.day for day in reckoning.counted] == counted


def test_why_of_hours_has_no_days():
    reckoning = why(_state("03-02 09:00 report submitted", Clock.DISPATCH), CALENDAR)
    assert reckoning.days == ()
    assert reckoning.state.due_at - reckoning.state.started_at == timedelta(hours=24)


def test_every_word_has_a_name():
    assert set(REASON_NAMES) == set(Reason)
    assert set(UNIT_NAMES) == set(Unit)
