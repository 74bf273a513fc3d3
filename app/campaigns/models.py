"""A campaign, whom it chooses, what it asks, and what may become of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from app.clock import midnight, to_text
from app.firms.models import Round
from app.i18n import N_

MOST_QUESTIONS = 3
"""An officer stands at a gate: more than three questions is a form, and forms are what the rules against burden bar."""

LONGEST_DAYS = 366
LONGEST_ANSWER = 200
_DAY = timedelta(days=1)


class Status(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    RUNNING = "running"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


STATUS_NAMES: Mapping[Status, str] = {
    Status.DRAFT: N_("草稿"),
    Status.RUNNING: N_("进行中"),
    Status.ENDED: N_("已结束"),
    Status.WITHDRAWN: N_("已撤回"),
}

SEEN_BY_ALL = frozenset({Status.RUNNING, Status.ENDED})
"""What others than the office and the auditor see."""


class Step(StrEnum):
    """What the office does with a campaign as a whole."""

    BEGIN = "begin"
    END = "end"
    WITHDRAW = "withdraw"


STEPS: Mapping[tuple[Status, Step], Status] = {
    (Status.DRAFT, Step.BEGIN): Status.RUNNING,
    (Status.DRAFT, Step.WITHDRAW): Status.WITHDRAWN,
    (Status.RUNNING, Step.END): Status.ENDED,
    (Status.RUNNING, Step.WITHDRAW): Status.WITHDRAWN,
}
"""From where each step leads where; what is not here may not be done."""


class QuestionKind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    YES_NO = "yes_no"
    CHOICE = "choice"


QUESTION_KIND_NAMES: Mapping[QuestionKind, str] = {
    QuestionKind.TEXT: N_("写几个字"),
    QuestionKind.YES_NO: N_("是或否"),
    QuestionKind.CHOICE: N_("选一项"),
}

YES_NO = (N_("是"), N_("否"))
"""Answers are kept as they are read, so that they can be told even when their question is gone."""


class TargetKind(StrEnum):
    """What a target counts."""

    SHARE = "share"
    COUNT = "count"


TARGET_KIND_NAMES: Mapping[TargetKind, str] = {TargetKind.SHARE: N_("百分比"), TargetKind.COUNT: N_("家数")}


@dataclass(frozen=True)
class NewQuestion:
    """A question as the office types it. `purpose`: what its answers are for."""

    text: str
    kind: QuestionKind = QuestionKind.TEXT
    choices: tuple[str, ...] = ()
    purpose: str = ""
    is_required: bool = False


@dataclass(frozen=True)
class Question(NewQuestion):
    """A question as it is stored: what was once asked is never rewritten, only asked no more."""

    id: int = 0

    @property
    def options(self) -> tuple[str, ...]:
        """The answers to pick from; none where words are written."""
        return YES_NO if self.kind is QuestionKind.YES_NO else self.choices


@dataclass(frozen=True)
class Choice:
    """Which firms: those on the list of credit codes if there is one, else all that fit; nothing chosen is the city."""

    district_ids: tuple[int, ...] = ()
    township_ids: tuple[int, ...] = ()
    industries: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def terms(self) -> list[tuple[str, str]]:
        """As it is stored: (kind, value)."""
        return [
            (kind, str(value))
            for kind, values in (
                ("district", self.district_ids),
                ("township", self.township_ids),
                ("industry", self.industries),
                ("size", self.sizes),
                ("code", self.codes),
            )
            for value in values
        ]


@dataclass(frozen=True)
class NewCampaign:
    """A campaign as the office types it. Days are included; `remind_days`: so many working days before the end."""

    name: str
    from_on: date
    to_on: date
    target: int | None = None
    target_kind: TargetKind | None = None
    remind_days: int | None = None
    choice: Choice = field(default_factory=Choice)
    questions: tuple[NewQuestion, ...] = ()


@dataclass(frozen=True)
class Campaign:
    """A campaign as it is stored; its firms, terms and questions are asked for apart."""

    id: int
    version: int
    name: str
    from_on: date
    to_on: date
    status: Status
    target: int | None
    target_kind: TargetKind | None
    remind_days: int | None

    @property
    def round(self) -> Round:
        """Its firms, and the span in which a visit counts."""
        return Round(self.id, to_text(midnight(self.from_on)), to_text(midnight(self.to_on + _DAY)))

    def target_count(self, firms: int) -> int | None:
        """How many firms are to be visited in the end, out of so many; None without a target."""
        if self.target is None:
            return None
        if self.target_kind is TargetKind.SHARE:
            return -(-firms * self.target // 100)
        return min(self.target, firms)


def may(status: Status, step: Step) -> bool:
    """Whether the step can be taken from there."""
    return (status, step) in STEPS
