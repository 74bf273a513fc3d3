"""Which event tells whom, and what leaves the house in which words: one table, which the tests read too. Pure."""

from collections.abc import Mapping, Sequence

from app.i18n import N_
from app.issues.lifecycle import Status
from app.notices.models import KIND_NAMES, Kind, Part, Telling
from app.rules.models import CLOCK_NAMES, Clock

_K, _P = Kind, Part

TOLD: Mapping[str, Telling] = {
    "report": Telling(_K.REPORTED, (_P.DISPATCHERS,)),
    "ask_info": Telling(_K.INFO_ASKED, (_P.REPORTER,)),
    "supplement": Telling(_K.SUPPLEMENTED, (_P.DISPATCHERS,)),
    "answer_on_spot": Telling(_K.ANSWERED, (_P.OFFICER,)),
    "dispatch": Telling(_K.ASSIGNED, (_P.LEAD, _P.ASSISTING)),
    "redispatch": Telling(_K.ASSIGNED, (_P.LEAD, _P.ASSISTING)),
    "designate": Telling(_K.ASSIGNED, (_P.LEAD, _P.ASSISTING)),
    "assist": Telling(_K.ASSIGNED, (_P.ASSISTING,)),
    "agree_return": Telling(_K.RETURN_AGREED, (_P.LEAD,)),
    "return": Telling(_K.RETURNED, (_P.DISPATCHERS,)),
    "escalate": Telling(_K.ESCALATED, (_P.HEADS,)),
    "request_extension": Telling(_K.EXTENSION_ASKED, (_P.DISPATCHERS,)),
    "grant_extension": Telling(_K.EXTENSION_DECIDED, (_P.LEAD,)),
    "refuse_extension": Telling(_K.EXTENSION_DECIDED, (_P.LEAD,)),
    "request_suspension": Telling(_K.SUSPENSION_ASKED, (_P.OFFICE,)),
    "suspend": Telling(_K.SUSPENSION_DECIDED, (_P.LEAD,)),
    "refuse_suspension": Telling(_K.SUSPENSION_DECIDED, (_P.LEAD,)),
    "list_long_term": Telling(_K.SUSPENSION_DECIDED, (_P.LEAD,)),
    "resume": Telling(_K.RESUMED, (_P.LEAD,)),
    "answer": Telling(_K.ANSWERED, (_P.OFFICER,)),
    "reject_answer": Telling(_K.REJECTED, (_P.LEAD,)),
    "verify": Telling(_K.VERIFIED, (_P.LEAD,)),
    "confirm": Telling(_K.CONFIRMED, (_P.OFFICER, _P.LEAD)),
    "close_unreached": Telling(_K.CONFIRMED, (_P.OFFICER, _P.LEAD)),
    "dispute_answer": Telling(_K.DISPUTED, (_P.LEAD, _P.OFFICER, _P.HEADS)),
    "reopen": Telling(_K.REOPENED, (_P.LEAD, _P.OFFICER, _P.HEADS)),
    "urge": Telling(_K.URGED, (_P.LEAD,)),
    "supervise": Telling(_K.SUPERVISED, (_P.LEAD,)),
    "reply": Telling(_K.REPLIED, (_P.SUPERVISOR,)),
    "merge": Telling(_K.MERGED, (_P.OFFICER, _P.LEAD)),
    "void": Telling(_K.VOIDED, (_P.OFFICER, _P.LEAD)),
}
"""Every action that somebody is told of."""

SILENT = frozenset({"accept", "log_contact", "note"})
"""Every action that nobody is told of: the issue's page says it all."""

DUE: Mapping[Clock, Part] = {
    Clock.DISPATCH: Part.DISPATCHERS,
    Clock.ACCEPT: Part.LEAD,
    Clock.HANDLE: Part.LEAD,
    Clock.VERIFY: Part.OFFICER,
    Clock.CALLBACK: Part.OFFICER,
    Clock.REPLY: Part.LEAD,
}
"""Who is told that a clock is running out."""

_BACK_TO_DESK = frozenset({"reject_answer", "dispute_answer", "reopen"})
# What a group hears of at once; the rest of the day's work is in the digest.
_GOES_OUT = frozenset({_K.OVERDUE, _K.SUPERVISED, _K.DISPUTED, _K.ESCALATED, _K.REOPENED})
_GOES_OUT_IF_URGENT = frozenset({_K.REPORTED, _K.ASSIGNED, _K.RETURNED, _K.REJECTED, _K.DUE_SOON})


def told_of(action: str, *, status: Status, has_lead: bool, extension_count: int) -> Telling | None:
    """Whom this action on an issue that now stands so concerns, and what they are told; None for nobody."""
    telling = TOLD.get(action)
    if telling is None or (action == "report" and status is not Status.SUBMITTED):
        return None  # where a rule named the department, the dispatch tells all there is
    if action == "request_extension" and extension_count:
        return Telling(telling.kind, (Part.OFFICE,))  # the second and last is the office's to decide
    if action in _BACK_TO_DESK and not has_lead:
        parts = tuple(Part.DISPATCHERS if part is Part.LEAD else part for part in telling.parts)
        return Telling(telling.kind, parts)
    return telling


def goes_out(kind: Kind, *, is_urgent: bool) -> bool:
    """Whether groups and mail hear of it too."""
    return kind in _GOES_OUT or (is_urgent and kind in _GOES_OUT_IF_URGENT)


def line(
    kind: Kind,
    *,
    number: str,
    department: str | None,
    district: str,
    is_urgent: bool,
    url: str,
    clock: Clock | None = None,
) -> str:
    """One line for a group: number, what happened, who answers for it, a link. No firm, no title, nobody's name.

    What leaves the house is in Chinese, the language of the groups it goes to.
    """
    what = KIND_NAMES[kind]
    if clock:
        what = f"{CLOCK_NAMES[clock]}{what}"
    urgent = N_("【紧急】") if is_urgent else ""
    where = department or district
    return f"{urgent}{number} {what} · {where}{f' {url}' if url else ''}"


def digest(
    *,
    day: str,
    total: Mapping[str, int],
    departments: Sequence[Mapping],
    districts: Sequence[Mapping],
    url: str,
    most: int = 8,
) -> str:
    """The morning's message: how many wait, per department and district, those with the most overdue first."""
    lines = [
        N_("%(day)s 待办提醒") % {"day": day},
        N_("全市未办结 %(open)d 件，将到期 %(soon)d 件，已超期 %(overdue)d 件") % total,
    ]
    for title, rows, row_text in (
        (N_("责任单位"), departments, N_("· %(name)s：待签收 %(dispatched)d，办理中 %(handling)d，超期 %(overdue)d")),
        (N_("区县营商办"), districts, N_("· %(name)s：待受理 %(submitted)d，退回 %(returned)d，待指定 %(disputed)d")),
    ):
        if rows:
            lines += [title, *(row_text % dict(row) for row in rows[:most])]
        if len(rows) > most:
            lines.append(N_("· 另有 %(n)d 个，见系统") % {"n": len(rows) - most})
    return "\n".join([*lines, url] if url else lines)
