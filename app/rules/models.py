"""What the office's rules speak of: kinds of request, urgency, the clocks, and what a limit is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from app.i18n import N_

ALWAYS = datetime.min.replace(tzinfo=UTC)


class Kind(StrEnum):
    """The kind of request; each has its own limit for handling."""

    CONSULTATION = "consultation"
    HELP = "help"
    ADVICE = "advice"
    COMPLAINT = "complaint"


KIND_NAMES: Mapping[Kind, str] = {
    Kind.HELP: N_("求助"),
    Kind.CONSULTATION: N_("咨询"),
    Kind.ADVICE: N_("建议"),
    Kind.COMPLAINT: N_("投诉"),
}


class Urgency(StrEnum):
    """Normal runs in working days, urgent in hours."""

    NORMAL = "normal"
    URGENT = "urgent"


URGENCY_NAMES: Mapping[Urgency, str] = {Urgency.NORMAL: N_("一般"), Urgency.URGENT: N_("紧急")}


class Clock(StrEnum):
    """The spans that are measured. REPLY is a supervision's own clock."""

    DISPATCH = "dispatch"
    ACCEPT = "accept"
    HANDLE = "handle"
    VERIFY = "verify"
    CALLBACK = "callback"
    REPLY = "reply"


CLOCK_NAMES: Mapping[Clock, str] = {
    Clock.DISPATCH: N_("受理派单"),
    Clock.ACCEPT: N_("签收"),
    Clock.HANDLE: N_("办理"),
    Clock.VERIFY: N_("核实"),
    Clock.CALLBACK: N_("企业确认"),
    Clock.REPLY: N_("督办回复"),
}


class Unit(StrEnum):
    """What a limit is counted in."""

    HOURS = "hours"
    WORKING_DAYS = "working_days"


UNIT_NAMES: Mapping[Unit, str] = {Unit.HOURS: N_("小时"), Unit.WORKING_DAYS: N_("个工作日")}


@dataclass(frozen=True)
class Limit:
    """One row of the office's limits, in force from `valid_from` until just before `valid_to`. None fits any.

    A retroactive row also governs the clocks that started before it and have not stopped when it comes into force.
    """

    clock: Clock
    amount: int  # in `unit`, at least 1
    unit: Unit
    kind: Kind | None = None
    urgency: Urgency | None = None
    category_id: int | None = None
    valid_from: datetime = ALWAYS
    valid_to: datetime | None = None
    is_retroactive: bool = False
