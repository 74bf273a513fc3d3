"""The table of moves against a second one, written by hand from the design."""

from dataclasses import dataclass, replace

import pytest

from app.issues.lifecycle import (
    CONDITIONS,
    ENDED,
    LEVEL_NAMES,
    NOUNS,
    OPEN,
    OUTCOME_NAMES,
    STATUS_NAMES,
    TRANSITIONS,
    Actor,
    Level,
    Outcome,
    Status,
    actors_of,
    allowed,
    may,
    target_of,
)
from app.permissions import Role
from app.rules.models import CLOCK_NAMES, KIND_NAMES, URGENCY_NAMES, Clock, Kind, Urgency

# action | from | to (with a leading department / without, "=" stays) | who
DESIGN = """
report            | -                      | submitted             | officer
ask_info          | submitted              | needs_info            | dispatcher office
supplement        | needs_info             | submitted             | officer
answer_on_spot    | submitted              | proposed              | officer dispatcher
dispatch          | submitted              | dispatched            | dispatcher office system
accept            | dispatched             | in_progress           | lead
agree_return      | in_progress            | =                     | dispatcher office
return            | dispatched in_progress | returned              | lead
redispatch        | returned               | dispatched            | dispatcher office
escalate          | returned               | disputed              | system
designate         | disputed               | in_progress           | head office
request_extension | in_progress            | =                     | lead
grant_extension   | in_progress            | =                     | dispatcher head office
refuse_extension  | in_progress            | =                     | dispatcher head office
request_suspension| in_progress            | =                     | lead
suspend           | in_progress            | suspended             | office
refuse_suspension | in_progress            | =                     | office
list_long_term    | in_progress            | suspended             | head office
resume            | suspended              | in_progress           | lead office system
answer            | in_progress            | proposed              | lead
verify            | proposed               | callback              | officer dispatcher
reject_answer     | proposed               | in_progress/submitted | officer dispatcher
confirm           | callback               | closed                | firm
log_contact       | callback               | =                     | officer dispatcher
close_unreached   | callback               | closed                | dispatcher
dispute_answer    | callback               | in_progress/submitted | firm dispatcher
reopen            | closed                 | in_progress/submitted | officer office
merge             | open                   | merged                | dispatcher
void              | open                   | void                  | office
urge              | open                   | =                     | head office
supervise         | open                   | =                     | head office
reply             | open                   | =                     | lead
assist            | open                   | =                     | dispatcher office
note              | open                   | =                     | officer lead assisting dispatcher head office
"""
OPEN_WORDS = [
    "submitted",
    "needs_info",
    "dispatched",
    "in_progress",
    "returned",
    "disputed",
    "suspended",
    "proposed",
    "callback",
]
LINES = [[part.strip() for part in line.split("|")] for line in DESIGN.strip().splitlines()]
TABLE = {
    action: (OPEN_WORDS if sources == "open" else sources.replace("-", "").split(), target, who.split())
    for action, sources, target, who in LINES
}


@dataclass(frozen=True)
class Issue:
    """The facts of an issue that the rules ask for; as made here, none stands in the way of a move."""

    status: Status = Status.SUBMITTED
    department_id: int | None = 7
    assisting_ids: tuple[int, ...] = (8,)
    district_id: int = 410402
    reported_by: int = 1
    extension_count: int = 0
    is_extension_pending: bool = False
    is_suspension_pending: bool = False
    is_reply_due: bool = True
    is_return_agreed: bool = False
    is_accept_window_open: bool = False
    is_reopen_window_open: bool = True
    is_overdue: bool = False
    failed_contact_days: int = 3


@dataclass(frozen=True)
class User:
    role: Role
    id: int = 1
    department_id: int | None = None
    district_id: int | None = None


# The facts that a move needs beside those above.
NEEDS = {
    "return": {"is_accept_window_open": True},
    "grant_extension": {"is_extension_pending": True},
    "refuse_extension": {"is_extension_pending": True},
    "suspend": {"is_suspension_pending": True},
    "refuse_suspension": {"is_suspension_pending": True},
}


def _ready(action: str, status: str | Status) -> Issue:
    return replace(Issue(status=Status(status)), **NEEDS.get(action, {}))


def test_both_tables_name_the_same_moves():
    assert set(TABLE) == set(TRANSITIONS)


@pytest.mark.parametrize("action", TABLE)
def test_every_status_and_actor(action):
    sources, _, who = TABLE[action]
    for status in Status:
        for actor in Actor:
            expected = status.value in sources and actor.value in who
            assert may(_ready(action, status), action, actor) is expected, (status, actor)


@pytest.mark.parametrize("action", TABLE)
def test_every_target(action):
    sources, target, _ = TABLE[action]
    led, _, unled = target.partition("/")
    for status in sources or ["submitted"]:
        issue = _ready(action, status)
        assert target_of(issue, TRANSITIONS[action]) == (status if led == "=" else led)
        alone = replace(issue, department_id=None)
        assert target_of(alone, TRANSITIONS[action]) == (status if led == "=" else unled or led)


# A move that its condition allows, the part that makes it, and facts under which the condition forbids it.
CONDITIONED = [
    ("extension_pending", "grant_extension", "dispatcher", {}, {"is_extension_pending": False}),
    ("extension_pending", "refuse_extension", "office", {}, {"is_extension_pending": False}),
    ("no_extension_pending", "request_extension", "lead", {}, {"is_extension_pending": True}),
    ("extensions_left", "request_extension", "lead", {"extension_count": 1}, {"extension_count": 2}),
    ("not_overdue", "request_extension", "lead", {}, {"is_overdue": True}),
    ("may_decide_extension", "grant_extension", "dispatcher", {}, {"extension_count": 1}),
    ("may_decide_extension", "grant_extension", "head", {}, {"extension_count": 1}),
    ("may_decide_extension", "refuse_extension", "dispatcher", {}, {"extension_count": 1}),
    ("may_decide_extension", "refuse_extension", "head", {}, {"extension_count": 1}),
    ("suspension_pending", "suspend", "office", {}, {"is_suspension_pending": False}),
    ("suspension_pending", "refuse_suspension", "office", {}, {"is_suspension_pending": False}),
    ("no_suspension_pending", "request_suspension", "lead", {}, {"is_suspension_pending": True}),
    ("reply_due", "reply", "lead", {}, {"is_reply_due": False}),
    ("may_return", "return", "lead", {}, {"is_accept_window_open": False}),
    (
        "may_return",
        "return",
        "lead",
        {"is_accept_window_open": False, "is_return_agreed": True},
        {"is_return_agreed": False},
    ),
    ("return_not_agreed", "agree_return", "office", {}, {"is_return_agreed": True}),
    ("return_not_agreed", "agree_return", "dispatcher", {}, {"is_accept_window_open": True}),
    ("may_reopen", "reopen", "officer", {}, {"is_reopen_window_open": False}),
    ("firm_unreached", "close_unreached", "dispatcher", {}, {"failed_contact_days": 2}),
    ("has_lead", "urge", "head", {}, {"department_id": None}),
    ("has_lead", "supervise", "office", {}, {"department_id": None}),
    ("has_lead", "assist", "dispatcher", {}, {"department_id": None}),
]


@pytest.mark.parametrize(("name", "action", "actor", "on", "off"), CONDITIONED)
def test_condition_on_and_off(name, action, actor, on, off):
    assert name in TRANSITIONS[action].when
    for status in TABLE[action][0]:
        allows = replace(_ready(action, status), **on)
        assert may(allows, action, Actor(actor))
        assert not may(replace(allows, **off), action, Actor(actor))


def test_every_condition_of_every_move_is_tested():
    assert {(name, row.action) for row in TRANSITIONS.values() for name in row.when} == {
        (name, action) for name, action, *_ in CONDITIONED
    }
    assert set(CONDITIONS) == {name for name, *_ in CONDITIONED}


@pytest.mark.parametrize(
    ("action", "facts"),
    [
        ("grant_extension", {"extension_count": 1}),  # the second extension is the office's
        ("refuse_extension", {"extension_count": 1}),
        ("reopen", {"is_reopen_window_open": False}),  # and so is reopening after the window
    ],
)
def test_the_office_may_where_others_no_longer_may(action, facts):
    (status,) = TABLE[action][0]
    assert may(replace(_ready(action, status), **facts), action, Actor.OFFICE)


@pytest.mark.parametrize(
    ("user", "parts"),
    [
        (User(Role.OFFICER), {"officer"}),
        (User(Role.HANDLER, department_id=7), {"lead"}),
        (User(Role.HANDLER, department_id=8), {"assisting"}),
        (User(Role.HANDLER, department_id=9), set()),
        (User(Role.DISPATCHER, district_id=410402), {"dispatcher"}),
        (User(Role.DISPATCHER, district_id=410411), set()),
        (User(Role.HEAD, district_id=410402), {"head"}),
        (User(Role.HEAD, district_id=410411), set()),
        (User(Role.OFFICE), {"office"}),
        (User(Role.AUDITOR), set()),
    ],
)
def test_parts_and_buttons_of_a_person(user, parts):
    assert {part.value for part in actors_of(Issue(), user)} == parts
    for status in Status:
        issue = Issue(status=status)
        expected = {row for row in TRANSITIONS if any(may(issue, row, Actor(part)) for part in parts)}
        buttons = [row.action for row in allowed(issue, user)]
        assert set(buttons) == expected
        assert buttons == [row for row in TRANSITIONS if row in expected], "in the table's order"


def test_nobody_leads_an_issue_without_a_department():
    assert not actors_of(Issue(department_id=None), User(Role.HANDLER, department_id=None))


def _reachable(start: Status) -> set[Status]:
    found, frontier = {start}, [start]
    while frontier:
        status = frontier.pop()
        for row in TRANSITIONS.values():
            if status in row.sources:
                new = {row.target or status, row.fallback or status} - found
                found |= new
                frontier += new
    return found


def test_every_status_can_be_reached():
    assert _reachable(Status.SUBMITTED) == set(Status)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_every_open_issue_can_be_closed(status):
    assert Status.CLOSED in _reachable(status)


def test_what_has_ended_stays_so_unless_it_is_reopened():
    leaving = {row.action: row.sources & ENDED for row in TRANSITIONS.values() if row.sources & ENDED}
    assert leaving == {"reopen": {Status.CLOSED}}
    assert {status.value for status in OPEN} == set(OPEN_WORDS)


def test_addresses_are_unique():
    nouns = [row.noun for row in TRANSITIONS.values() if row.noun]
    assert len(nouns) == len(set(nouns)) == len(NOUNS)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (Status, STATUS_NAMES),
        (Outcome, OUTCOME_NAMES),
        (Kind, KIND_NAMES),
        (Urgency, URGENCY_NAMES),
        (Clock, CLOCK_NAMES),
        (Level, LEVEL_NAMES),
    ],
)
def test_every_word_has_a_name(words, names):
    assert set(names) == set(words)
    assert len(set(names.values())) == len(names)
