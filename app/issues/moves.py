"""What each move writes on the issue, from what it brings. Pure; the history keeps all of it as well.

A move that is not named here changes the status and the clocks only. Values are columns of `issues`.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from app.clock import to_text
from app.issues.lifecycle import ENDED, TRANSITIONS, Status
from app.issues.models import Issue

Brought = Mapping[str, object]
Columns = dict[str, object]


def _day(value: object) -> str:
    assert isinstance(value, date)
    return value.isoformat()


def _lead(brought: Brought) -> Columns:
    return {"department_id": brought["department_id"], "is_return_agreed": 0}


_UNSAID: Mapping[str, object] = {"is_solved": None, "is_satisfied": None}
"""What the firm said of an earlier answer is not its word on a new one."""

_CHANGES: Mapping[str, Callable[[Issue, Brought], Columns]] = {
    "dispatch": lambda issue, brought: {**_lead(brought), "urgency": brought.get("urgency") or issue.urgency},
    "redispatch": lambda issue, brought: _lead(brought),
    "designate": lambda issue, brought: _lead(brought),
    "agree_return": lambda issue, brought: {"is_return_agreed": 1},
    "return": lambda issue, brought: {"is_return_agreed": 0, "extension_asked_on": None, "suspension_asked_on": None},
    "request_extension": lambda issue, brought: {"extension_asked_on": _day(brought["extend_to_on"])},
    "grant_extension": lambda issue, brought: {"extension_asked_on": None},
    "refuse_extension": lambda issue, brought: {"extension_asked_on": None},
    "request_suspension": lambda issue, brought: {"suspension_asked_on": _day(brought["review_on"])},
    "suspend": lambda issue, brought: {"suspension_asked_on": None, "review_on": _day(brought["review_on"])},
    "refuse_suspension": lambda issue, brought: {"suspension_asked_on": None},
    "list_long_term": lambda issue, brought: {
        "extension_asked_on": None,
        "suspension_asked_on": None,
        "review_on": _day(brought["review_on"]),
    },
    "resume": lambda issue, brought: {"review_on": None},
    "answer": lambda issue, brought: {
        "outcome": brought["outcome"],
        "public_answer": brought["public_answer"],
        "is_return_agreed": 0,
        "extension_asked_on": None,
        "suspension_asked_on": None,
        **_UNSAID,
    },
    "answer_on_spot": lambda issue, brought: {
        "outcome": brought["outcome"],
        "public_answer": brought["public_answer"],
        **_UNSAID,
    },
    "reject_answer": lambda issue, brought: {"outcome": None},
    "confirm": lambda issue, brought: {
        "is_solved": int(bool(brought["is_solved"])),
        "is_satisfied": int(bool(brought["is_satisfied"])),
    },
    "dispute_answer": lambda issue, brought: {"outcome": None, "is_solved": 0, "is_satisfied": 0},
    "reopen": lambda issue, brought: {"outcome": None, **_UNSAID},
    "merge": lambda issue, brought: {"merged_into_id": brought["merged_into_id"]},
    "supervise": lambda issue, brought: {"supervision": brought["level"], "reply_by_on": _day(brought["reply_by_on"])},
    "reply": lambda issue, brought: {"reply_by_on": None},
}


def changes(issue: Issue, action: str, brought: Brought, *, to: Status, now: datetime) -> Columns:
    """The columns that this move changes, `status`, `changed_at` and the counters included."""
    row = TRANSITIONS[action]
    columns: Columns = {"status": to, "changed_at": to_text(now)}
    if action in _CHANGES:
        columns |= _CHANGES[action](issue, brought)
    if row.counts:
        columns[row.counts] = getattr(issue, row.counts) + 1
    if to is Status.CLOSED:
        columns["closed_at"] = to_text(now)
    if to in ENDED:
        columns |= {"reply_by_on": None, "extension_asked_on": None, "suspension_asked_on": None, "review_on": None}
    elif issue.status is Status.CLOSED:
        columns["closed_at"] = None
    return columns


def is_wrong_dispatch(issue: Issue, action: str, brought: Brought) -> bool:
    """Whether the move rules the earlier dispatch wrong, so that the next department's clock starts afresh.

    Redispatching says so outright; naming another department than the present lead says it too.
    """
    if action == "redispatch":
        return bool(brought["is_return_right"])
    return action == "designate" and brought["department_id"] != issue.department_id
