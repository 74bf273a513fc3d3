"""The life of an issue: one table of moves that screens, permission checks and tests all read. Pure.

Each row of TRANSITIONS says from which statuses an action may be taken, where it leads, who may take it, what it must
bring and what it does to the clocks. Nothing else in the project decides any of these.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.i18n import N_
from app.permissions import Role
from app.rules.models import Clock


class Status(StrEnum):
    """Where an issue stands."""

    SUBMITTED = "submitted"
    NEEDS_INFO = "needs_info"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    RETURNED = "returned"
    DISPUTED = "disputed"
    SUSPENDED = "suspended"
    PROPOSED = "proposed"
    CALLBACK = "callback"
    CLOSED = "closed"
    MERGED = "merged"
    VOID = "void"


STATUS_NAMES: Mapping[Status, str] = {
    Status.SUBMITTED: N_("待受理"),
    Status.NEEDS_INFO: N_("待补充"),
    Status.DISPATCHED: N_("待签收"),
    Status.IN_PROGRESS: N_("办理中"),
    Status.RETURNED: N_("退回待改派"),
    Status.DISPUTED: N_("待指定"),
    Status.SUSPENDED: N_("挂账"),
    Status.PROPOSED: N_("待核实"),
    Status.CALLBACK: N_("待企业确认"),
    Status.CLOSED: N_("已办结"),
    Status.MERGED: N_("已并案"),
    Status.VOID: N_("已作废"),
}

ENDED = frozenset({Status.CLOSED, Status.MERGED, Status.VOID})
OPEN = frozenset(Status) - ENDED
ANSWERED = frozenset({Status.PROPOSED, Status.CALLBACK, Status.CLOSED})
"""Where the answer to the firm stands. Sent back or reopened, it is a line of the history."""


class Outcome(StrEnum):
    """How it ended: a field, not a status."""

    SOLVED = "solved"
    PARTLY = "partly"
    EXPLAINED = "explained"
    NOT_PERMITTED = "not_permitted"
    OUT_OF_REMIT = "out_of_remit"
    LONG_TERM = "long_term"
    WITHDRAWN = "withdrawn"


OUTCOME_NAMES: Mapping[Outcome, str] = {
    Outcome.SOLVED: N_("解决"),
    Outcome.PARTLY: N_("部分解决"),
    Outcome.EXPLAINED: N_("解释到位"),
    Outcome.NOT_PERMITTED: N_("依法不能"),
    Outcome.OUT_OF_REMIT: N_("超出职责"),
    Outcome.LONG_TERM: N_("列入长期"),
    Outcome.WITHDRAWN: N_("企业放弃"),
}


class Effect(StrEnum):
    """What a move does to a clock."""

    START = "start"  # a new round with the limit in force
    START_HALF = "start_half"  # a new round with half that limit, at least one
    START_UNTIL = "start_until"  # a new round that ends on the day the move brings (reply_by_on)
    START_IF_WRONG = "start_if_wrong"  # a new round only if the move rules the earlier dispatch wrong (was_wrong)
    STOP = "stop"  # the step ends, lateness is frozen
    PAUSE = "pause"
    RESUME = "resume"  # after a pause or a stop: the span between does not count
    EXTEND = "extend"  # the end moves to the day the move brings (extend_to_on)
    STOP_ALL = "stop_all"  # whatever runs


class Actor(StrEnum):
    """Who takes an action: the accounts' roles, the firm by its link, and the system itself."""

    OFFICER = Role.OFFICER.value
    LEAD = "lead"  # a handler of the leading department
    ASSISTING = "assisting"  # a handler of an assisting department
    DISPATCHER = Role.DISPATCHER.value
    HEAD = Role.HEAD.value
    OFFICE = Role.OFFICE.value
    FIRM = "firm"
    SYSTEM = "system"


@dataclass(frozen=True)
class Transition:
    """One row of the table. `target` None: the status stays; `fallback` replaces it where no department leads."""

    action: str
    name: str  # what the button says
    done: str  # what the timeline says
    noun: str  # POST /issues/<id>/<noun>
    sources: frozenset[Status]
    target: Status | None
    by: frozenset[Actor]
    brings: tuple[str, ...] = ()
    clocks: tuple[tuple[Clock | None, Effect], ...] = ()
    when: tuple[str, ...] = ()  # names of CONDITIONS that must hold
    fallback: Status | None = None
    counts: str | None = None  # a column of issues that goes up by one
    is_public: bool = False  # the firm sees this line of the history


class IssueFacts(Protocol):
    """What the rules need to know of an issue; `models.Issue` has it all."""

    @property
    def status(self) -> Status: ...

    @property
    def department_id(self) -> int | None: ...

    @property
    def assisting_ids(self) -> Collection[int]: ...

    @property
    def district_id(self) -> int: ...

    @property
    def reported_by(self) -> int: ...

    @property
    def extension_count(self) -> int: ...

    @property
    def is_extension_pending(self) -> bool: ...

    @property
    def is_suspension_pending(self) -> bool: ...

    @property
    def is_reply_due(self) -> bool: ...

    @property
    def is_return_agreed(self) -> bool: ...

    @property
    def is_accept_window_open(self) -> bool: ...

    @property
    def is_reopen_window_open(self) -> bool: ...

    @property
    def is_overdue(self) -> bool: ...

    @property
    def failed_contact_days(self) -> int: ...


class ActorFacts(Protocol):
    """What the rules need to know of a person; `people.models.User` has it all."""

    @property
    def id(self) -> int: ...

    @property
    def role(self) -> Role: ...

    @property
    def department_id(self) -> int | None: ...

    @property
    def district_id(self) -> int | None: ...


FAILED_CONTACT_DAYS = 3
"""A dispatcher may close without the firm's word after failed contacts on this many different days."""

REOPEN_DAYS = 30
"""An officer may reopen within this many calendar days of closing; the office at any time."""

SUSPENSION_DAYS = 90
"""A suspension's review date lies at most this many calendar days ahead."""

MAX_EXTENSIONS = 2

CONDITIONS = {
    "extension_pending": lambda issue, actor: issue.is_extension_pending,
    "no_extension_pending": lambda issue, actor: not issue.is_extension_pending,
    "extensions_left": lambda issue, actor: issue.extension_count < MAX_EXTENSIONS,
    # The first extension is the district's to decide, the second and last the office's.
    "may_decide_extension": lambda issue, actor: actor is Actor.OFFICE or issue.extension_count == 0,
    # An extension is asked for while there is something left to extend.
    "not_overdue": lambda issue, actor: not issue.is_overdue,
    "suspension_pending": lambda issue, actor: issue.is_suspension_pending,
    "no_suspension_pending": lambda issue, actor: not issue.is_suspension_pending,
    "reply_due": lambda issue, actor: issue.is_reply_due,
    # A return after the accept window needs the dispatcher's consent.
    "may_return": lambda issue, actor: issue.is_accept_window_open or issue.is_return_agreed,
    "return_not_agreed": lambda issue, actor: not issue.is_return_agreed and not issue.is_accept_window_open,
    "may_reopen": lambda issue, actor: actor is Actor.OFFICE or issue.is_reopen_window_open,
    "firm_unreached": lambda issue, actor: issue.failed_contact_days >= FAILED_CONTACT_DAYS,
    "has_lead": lambda issue, actor: issue.department_id is not None,
}


def _row(action: str, name: str, done: str, noun: str, sources, target, by, **more) -> Transition:
    return Transition(action, name, done, noun, frozenset(sources), target, frozenset(by), **more)


_S, _A, _C, _E = Status, Actor, Clock, Effect
_TRIAGE = (_A.DISPATCHER, _A.OFFICE)
_DIRECT = (_A.HEAD, _A.OFFICE)
_ANYONE = (_A.OFFICER, _A.LEAD, _A.ASSISTING, _A.DISPATCHER, _A.HEAD, _A.OFFICE)

# fmt: off
_ROWS = (
    _row("report", N_("上报"), N_("首席服务官上报"), "", (), _S.SUBMITTED, (_A.OFFICER,),
         brings=("firm_id", "category_id", "title", "description"), clocks=((_C.DISPATCH, _E.START),), is_public=True),
    _row("ask_info", N_("请补充"), N_("请首席服务官补充"), "info-request", (_S.SUBMITTED,), _S.NEEDS_INFO, _TRIAGE,
         brings=("note",), clocks=((_C.DISPATCH, _E.PAUSE),)),
    _row("supplement", N_("补充"), N_("已补充"), "supplement", (_S.NEEDS_INFO,), _S.SUBMITTED, (_A.OFFICER,),
         brings=("note",), clocks=((_C.DISPATCH, _E.RESUME),)),
    _row("answer_on_spot", N_("当场答复"), N_("已当场答复"), "spot-answer", (_S.SUBMITTED,), _S.PROPOSED,
         (_A.OFFICER, _A.DISPATCHER), brings=("outcome", "public_answer"),
         clocks=((_C.DISPATCH, _E.STOP), (_C.VERIFY, _E.START)), is_public=True),
    _row("dispatch", N_("派单"), N_("已派单"), "dispatch", (_S.SUBMITTED,), _S.DISPATCHED, (*_TRIAGE, _A.SYSTEM),
         brings=("department_id", "urgency"),
         clocks=((_C.DISPATCH, _E.STOP), (_C.ACCEPT, _E.START), (_C.HANDLE, _E.START)), is_public=True),
    _row("accept", N_("签收"), N_("已签收"), "acceptance", (_S.DISPATCHED,), _S.IN_PROGRESS, (_A.LEAD,),
         clocks=((_C.ACCEPT, _E.STOP),), is_public=True),
    _row("agree_return", N_("同意退回"), N_("同意责任单位退回"), "return-consent", (_S.IN_PROGRESS,), None, _TRIAGE,
         brings=("note",), when=("return_not_agreed",)),
    _row("return", N_("退回"), N_("已退回"), "return", (_S.DISPATCHED, _S.IN_PROGRESS), _S.RETURNED, (_A.LEAD,),
         brings=("note", "basis"), clocks=((_C.ACCEPT, _E.STOP),), when=("may_return",), counts="return_count"),
    _row("redispatch", N_("改派"), N_("已改派"), "redispatch", (_S.RETURNED,), _S.DISPATCHED, _TRIAGE,
         brings=("department_id", "is_return_right", "note"),
         clocks=((_C.ACCEPT, _E.START), (_C.HANDLE, _E.START_IF_WRONG)), is_public=True),
    _row("escalate", N_("提请指定"), N_("第二次退回，提请负责人指定"), "", (_S.RETURNED,), _S.DISPUTED, (_A.SYSTEM,)),
    _row("designate", N_("指定办理"), N_("已指定办理"), "designation", (_S.DISPUTED,), _S.IN_PROGRESS, _DIRECT,
         brings=("department_id", "ruling"), clocks=((_C.HANDLE, _E.START_IF_WRONG),), is_public=True),
    _row("request_extension", N_("申请延期"), N_("已申请延期"), "extension-request", (_S.IN_PROGRESS,), None,
         (_A.LEAD,), brings=("note", "extend_to_on"), when=("extensions_left", "no_extension_pending", "not_overdue")),
    _row("grant_extension", N_("准予延期"), N_("已准予延期"), "extension", (_S.IN_PROGRESS,), None, (*_TRIAGE, _A.HEAD),
         brings=("extend_to_on",), clocks=((_C.HANDLE, _E.EXTEND),),
         when=("extension_pending", "may_decide_extension"), counts="extension_count"),
    _row("refuse_extension", N_("不予延期"), N_("延期未获准"), "extension-refusal", (_S.IN_PROGRESS,), None,
         (*_TRIAGE, _A.HEAD), brings=("note",), when=("extension_pending", "may_decide_extension")),
    _row("request_suspension", N_("申请挂账"), N_("已申请挂账"), "suspension-request", (_S.IN_PROGRESS,), None,
         (_A.LEAD,), brings=("note", "review_on"), when=("no_suspension_pending",)),
    _row("suspend", N_("准予挂账"), N_("已挂账"), "suspension", (_S.IN_PROGRESS,), _S.SUSPENDED, (_A.OFFICE,),
         brings=("note", "review_on"), clocks=((_C.HANDLE, _E.PAUSE),), when=("suspension_pending",)),
    _row("refuse_suspension", N_("不予挂账"), N_("挂账未获准"), "suspension-refusal", (_S.IN_PROGRESS,), None,
         (_A.OFFICE,), brings=("note",), when=("suspension_pending",)),
    _row("list_long_term", N_("列入长期"), N_("已列入长期"), "long-term-listing", (_S.IN_PROGRESS,), _S.SUSPENDED,
         _DIRECT, brings=("note", "review_on"), clocks=((_C.HANDLE, _E.PAUSE),)),
    _row("resume", N_("恢复办理"), N_("已恢复办理"), "resumption", (_S.SUSPENDED,), _S.IN_PROGRESS,
         (_A.LEAD, _A.OFFICE, _A.SYSTEM), clocks=((_C.HANDLE, _E.RESUME),)),
    _row("answer", N_("办结答复"), N_("已提交办结答复"), "answer", (_S.IN_PROGRESS,), _S.PROPOSED, (_A.LEAD,),
         brings=("outcome", "note", "public_answer", "contacted_on", "contact_mode"),
         clocks=((_C.HANDLE, _E.STOP), (_C.VERIFY, _E.START)), is_public=True),
    _row("verify", N_("核实通过"), N_("已核实通过"), "verification", (_S.PROPOSED,), _S.CALLBACK,
         (_A.OFFICER, _A.DISPATCHER), clocks=((_C.VERIFY, _E.STOP), (_C.CALLBACK, _E.START)), is_public=True),
    _row("reject_answer", N_("核实不通过"), N_("核实未通过"), "rejection", (_S.PROPOSED,), _S.IN_PROGRESS,
         (_A.OFFICER, _A.DISPATCHER), brings=("note",), fallback=_S.SUBMITTED, counts="rework_count",
         clocks=((_C.VERIFY, _E.STOP), (_C.HANDLE, _E.RESUME))),
    _row("confirm", N_("企业确认"), N_("企业已确认"), "", (_S.CALLBACK,), _S.CLOSED, (_A.FIRM,),
         brings=("is_solved", "is_satisfied"), clocks=((_C.CALLBACK, _E.STOP),), is_public=True),
    _row("log_contact", N_("记一次未联系上"), N_("联系企业未果"), "contact-attempt", (_S.CALLBACK,), None,
         (_A.OFFICER, _A.DISPATCHER), brings=("contact_mode",)),
    _row("close_unreached", N_("多次未联系上，办结归档"), N_("多次未联系上，已办结归档"), "confirmation",
         (_S.CALLBACK,), _S.CLOSED, (_A.DISPATCHER,), brings=("note",), when=("firm_unreached",), is_public=True,
         clocks=((_C.CALLBACK, _E.STOP),)),
    _row("dispute_answer", N_("企业不认可"), N_("企业表示未解决，重新办理"), "dispute", (_S.CALLBACK,), _S.IN_PROGRESS,
         (_A.FIRM, _A.DISPATCHER), brings=("note",), fallback=_S.SUBMITTED, counts="reopen_count",
         clocks=((_C.CALLBACK, _E.STOP), (_C.HANDLE, _E.START_HALF)), is_public=True),
    _row("reopen", N_("重办"), N_("已转重办"), "reopening", (_S.CLOSED,), _S.IN_PROGRESS, (_A.OFFICER, _A.OFFICE),
         brings=("note",), clocks=((_C.HANDLE, _E.START),), when=("may_reopen",), fallback=_S.SUBMITTED,
         counts="reopen_count", is_public=True),
    _row("merge", N_("并案"), N_("已并案"), "merger", OPEN, _S.MERGED, (_A.DISPATCHER,),
         brings=("master_number",), clocks=((None, _E.STOP_ALL),)),
    _row("void", N_("作废"), N_("已作废"), "voiding", OPEN, _S.VOID, (_A.OFFICE,),
         brings=("note",), clocks=((None, _E.STOP_ALL),)),
    _row("urge", N_("催办"), N_("已催办"), "urging", OPEN, None, _DIRECT, brings=("note",), when=("has_lead",)),
    _row("supervise", N_("督办"), N_("已督办"), "supervision", OPEN, None, _DIRECT, when=("has_lead",),
         brings=("note", "level", "reply_by_on"), clocks=((_C.REPLY, _E.START_UNTIL),)),
    _row("reply", N_("回复督办"), N_("已回复督办"), "reply", OPEN, None, (_A.LEAD,), brings=("note",),
         clocks=((_C.REPLY, _E.STOP),), when=("reply_due",)),
    _row("assist", N_("调整协办单位"), N_("已调整协办单位"), "assistance", OPEN, None, _TRIAGE,
         brings=("assisting_ids",), when=("has_lead",)),
    _row("note", N_("记进展"), N_("进展"), "notes", OPEN, None, _ANYONE, brings=("note",)),
)
# fmt: on

TRANSITIONS: Mapping[str, Transition] = {row.action: row for row in _ROWS}
"""Every move there is, by the name of its action."""

NOUNS: Mapping[str, Transition] = {row.noun: row for row in _ROWS if row.noun}
"""The same by the last word of its address."""


class Level(StrEnum):
    """How sharp a supervision is."""

    YELLOW = "yellow"
    RED = "red"


LEVEL_NAMES: Mapping[Level, str] = {Level.YELLOW: N_("黄牌督办"), Level.RED: N_("红牌督办")}


def actors_of(issue: IssueFacts, user: ActorFacts) -> frozenset[Actor]:
    """The parts a person plays for one issue. Whether she may see it at all was the store's question."""
    if user.role is Role.HANDLER:
        if issue.department_id is not None and user.department_id == issue.department_id:
            return frozenset({Actor.LEAD})
        return frozenset({Actor.ASSISTING}) if user.department_id in issue.assisting_ids else frozenset()
    if user.role in (Role.DISPATCHER, Role.HEAD):
        return frozenset({Actor(user.role)}) if user.district_id == issue.district_id else frozenset()
    if user.role is Role.AUDITOR:
        return frozenset()
    return frozenset({Actor(user.role)})


def may(issue: IssueFacts, action: str, actor: Actor) -> bool:
    """Whether this part allows this action on the issue as it stands."""
    row = TRANSITIONS[action]
    return issue.status in row.sources and actor in row.by and all(CONDITIONS[name](issue, actor) for name in row.when)


def allowed(issue: IssueFacts, user: ActorFacts) -> list[Transition]:
    """The moves this person can make now, in the table's order: the buttons of the issue's page."""
    parts = actors_of(issue, user)
    return [row for row in _ROWS if any(may(issue, row.action, part) for part in parts)]


def target_of(issue: IssueFacts, row: Transition) -> Status:
    """Where the move leads: an issue that no department leads goes back to the dispatcher instead."""
    if row.fallback and issue.department_id is None:
        return row.fallback
    return row.target or issue.status
