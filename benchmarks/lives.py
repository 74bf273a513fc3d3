"""The lives of issues: which moves, when, and what they bring. The app's own pure rules say what that does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from types import SimpleNamespace

from app.clock import LOCAL, day_of, to_text
from app.issues import deadlines, moves
from app.issues.lifecycle import TRANSITIONS, Status, target_of
from app.rules.workdays import WorkCalendar

# Ways through the lifecycle and how many of a hundred issues take them.
_END = "answer verify confirm"
WAYS: dict[str, int] = {
    f"dispatch accept {_END}": 62,
    f"dispatch accept request_extension grant_extension {_END}": 6,
    f"dispatch return redispatch accept {_END}": 5,
    f"dispatch accept urge {_END}": 4,
    f"dispatch accept supervise reply {_END}": 2,
    f"dispatch return redispatch return escalate designate {_END}": 1,
    f"dispatch accept request_suspension suspend resume {_END}": 2,
    f"dispatch accept answer reject_answer {_END}": 4,
    f"dispatch accept {_END[:-7]} dispute_answer {_END}": 2,
    f"ask_info supplement dispatch accept {_END}": 3,
    "answer_on_spot verify confirm": 7,
    "dispatch accept void": 1,
    "dispatch accept note answer verify confirm": 1,
}
# Working hours until each move, about.
_HOURS = {
    "dispatch": 3,
    "accept": 6,
    "return": 7,
    "redispatch": 8,
    "escalate": 0,
    "designate": 16,
    "answer": 28,
    "verify": 14,
    "confirm": 20,
    "reject_answer": 10,
    "dispute_answer": 14,
    "request_extension": 24,
    "grant_extension": 6,
    "request_suspension": 20,
    "suspend": 8,
    "resume": 120,
    "ask_info": 4,
    "supplement": 9,
    "answer_on_spot": 2,
    "urge": 40,
    "supervise": 48,
    "reply": 16,
    "void": 12,
    "note": 10,
}
_ACTORS = {
    **dict.fromkeys(("accept", "return", "answer", "request_extension", "request_suspension", "reply", "note"), "lead"),
    **dict.fromkeys(("dispatch", "redispatch", "ask_info", "grant_extension"), "dispatcher"),
    **dict.fromkeys(("report", "supplement", "answer_on_spot", "verify", "reject_answer"), "officer"),
    **dict.fromkeys(("urge", "supervise", "designate"), "head"),
    **dict.fromkeys(("suspend", "void"), "office"),
    **dict.fromkeys(("confirm", "dispute_answer"), "firm"),
    **dict.fromkeys(("resume", "escalate"), "system"),
}
_DAY_BEGINS, _HOURS_A_DAY = time(8, 30), 9


@dataclass
class Event:
    """One line of a history, as `issue_events` keeps it but for its id and hashes."""

    issue_id: int
    action: str
    at: datetime
    by_id: int | None
    actor: str
    from_status: str | None
    to_status: str
    note: str
    data: dict


@dataclass
class Life:
    """What became of one issue: its columns, its history, its clocks."""

    columns: dict
    events: list[Event]
    clocks: tuple[deadlines.ClockState, ...]
    assisting: tuple[int, ...] = ()


@dataclass
class Cast:
    """Who acts on one issue."""

    officer: int
    dispatcher: int
    head: int
    office: int
    handlers: dict[int, list[int]]  # by department


@dataclass
class Teller:
    """Tells lives by the limits and the calendar of the database, as of `now`."""

    rng: Random
    now: datetime
    limits: tuple
    calendar: WorkCalendar
    _ways: list = field(default_factory=lambda: [way.split() for way in WAYS])
    _weights: list = field(default_factory=lambda: list(WAYS.values()))

    def later(self, at: datetime, hours: float) -> datetime:
        """The moment after so many working hours, about: days of nine hours, weekends left out."""
        local = at.astimezone(LOCAL)
        days, rest = divmod(
            (local - datetime.combine(local.date(), _DAY_BEGINS, LOCAL)) / timedelta(hours=1) + hours, _HOURS_A_DAY
        )
        day = local.date()
        for _nth in range(int(max(days, 0))):
            day += timedelta(days=1)
            while day.weekday() >= 5:
                day += timedelta(days=1)
        moment = datetime.combine(day, _DAY_BEGINS, LOCAL) + timedelta(hours=rest)
        return max(moment.astimezone(UTC).replace(microsecond=0), at + timedelta(minutes=1))

    def tell(
        self, issue_id: int, reported_at: datetime, facts: dict, cast: Cast, department_ids: tuple[int, ...]
    ) -> Life:
        """A life of an issue reported then, as far as `now`. `facts`: kind, urgency, category_id."""
        rng = self.rng
        issue = SimpleNamespace(
            status=Status.SUBMITTED,
            department_id=None,
            urgency=facts["urgency"],
            return_count=0,
            rework_count=0,
            reopen_count=0,
            extension_count=0,
        )
        columns: dict = {"status": Status.SUBMITTED, "changed_at": to_text(reported_at), "urgency": facts["urgency"]}
        events = [Event(issue_id, "report", reported_at, cast.officer, "officer", None, "submitted", "", dict(facts))]
        assisting: tuple[int, ...] = ()
        at = reported_at
        for action, is_routed in self._plan(facts):
            at = at if is_routed else self.later(at, _HOURS[action] * rng.lognormvariate(0, 0.6))
            if at > self.now:
                break
            brought = self._brings(action, at, issue, department_ids, facts)
            row = TRANSITIONS[action]
            to = target_of(issue, row)
            change = moves.changes(issue, action, brought, to=to, now=at)
            data = {
                key: _plain(value) for key, value in brought.items() if key != "note" and value not in (None, "", ())
            }
            if moves.is_wrong_dispatch(issue, action, brought):
                data["was_wrong"] = True
            if "department_id" in change:
                data["previous_department_id"] = issue.department_id
                assisting = brought["assisting_ids"]
            actor = "system" if is_routed else _ACTORS[action]
            events.append(
                Event(
                    issue_id,
                    action,
                    at,
                    self._who(actor, cast, issue),
                    actor,
                    issue.status,
                    to,
                    str(brought.get("note") or brought.get("ruling") or ""),
                    data,
                )
            )
            columns |= change
            for name, value in change.items():
                setattr(issue, name, value)
            issue.status = to
        history = [deadlines.Move(each.action, each.at, Status(each.to_status), each.data) for each in events]
        clocks = deadlines.clocks(history, self.limits, self.calendar)
        showing = deadlines.running(clocks)
        columns |= {
            "clock": showing.clock if showing else None,
            "due_at": to_text(showing.due_at) if showing and showing.due_at else None,
            "amber_at": to_text(showing.amber_at) if showing and showing.amber_at else None,
            "is_due_provisional": int(bool(showing and showing.is_provisional)),
        }
        return Life(columns, events, clocks, assisting)

    def _plan(self, facts: dict) -> Iterator[tuple[str, bool]]:
        (way,) = self.rng.choices(self._ways, self._weights)
        is_routed = self.rng.random() < 0.6  # a routing rule named the department at once
        for nth, action in enumerate(way):
            yield action, nth == 0 and action == "dispatch" and is_routed

    def _who(self, actor: str, cast: Cast, issue) -> int | None:
        if actor == "lead":
            return self.rng.choice(cast.handlers[issue.department_id])
        return {"officer": cast.officer, "dispatcher": cast.dispatcher, "head": cast.head, "office": cast.office}.get(
            actor
        )

    def _brings(self, action: str, at: datetime, issue, department_ids: tuple[int, ...], facts: dict) -> dict:
        rng, later = self.rng, day_of(at) + timedelta(days=14)
        if action in ("dispatch", "redispatch", "designate"):
            lead = rng.choice(department_ids)
            others = tuple(each for each in department_ids if each != lead)
            brought = {"department_id": lead, "assisting_ids": others[:1] if rng.random() < 0.15 else ()}
            more = {
                "dispatch": {"urgency": facts["urgency"]},
                "redispatch": {"is_return_right": lead != issue.department_id, "note": "请按职责办理。"},
                "designate": {"ruling": "由该单位牵头办理，其他单位配合。"},
            }
            return brought | more[action]
        is_solved = rng.random() < 0.8
        return {
            "answer": lambda: {
                "outcome": "solved" if is_solved else rng.choice(("partly", "explained")),
                "note": "已到现场核实，并与企业商定了办法。",
                "public_answer": "您反映的问题已处理，如有疑问请与我们联系。",
                "contacted_on": day_of(at),
                "contact_mode": "phone",
            },
            "answer_on_spot": lambda: {"outcome": "explained", "public_answer": "已当场说明政策和办理方法。"},
            "confirm": lambda: {"is_solved": is_solved, "is_satisfied": rng.random() < 0.9, "note": ""},
            "dispute_answer": lambda: {"is_solved": False, "is_satisfied": False, "note": "还没有解决。"},
            "return": lambda: {"note": "不属本单位职责。", "basis": "本单位职责清单"},
            "request_extension": lambda: {"note": "需等配件到货。", "extend_to_on": later},
            "grant_extension": lambda: {"extend_to_on": later},
            "request_suspension": lambda: {"note": "待上级批复。", "review_on": later + timedelta(days=20)},
            "suspend": lambda: {"note": "同意挂账。", "review_on": later + timedelta(days=20)},
            "supervise": lambda: {
                "note": "请三天内回复。",
                "level": "yellow",
                "reply_by_on": day_of(at) + timedelta(days=5),
            },
        }.get(action, lambda: {"note": {"resume": "", "escalate": ""}.get(action, "请继续跟进。")})()


def _plain(value):
    return value.isoformat() if hasattr(value, "isoformat") else value
