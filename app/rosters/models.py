"""A roster being taken in: what is imported, what became of each row. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.i18n import N_

UPLOAD, SHEET = "upload", "rows.db"
"""What lies on the desk of an import: the file as it came, and its working copy."""


class Kind(StrEnum):
    """Which roster, in the order in which a city is begun."""

    DEPARTMENTS = "departments"
    HANDLERS = "handlers"
    OFFICERS = "officers"
    FIRMS = "firms"
    ASSIGNMENTS = "assignments"


KIND_NAMES: Mapping[Kind, str] = {
    Kind.FIRMS: N_("企业"),
    Kind.OFFICERS: N_("首席服务官"),
    Kind.DEPARTMENTS: N_("责任单位"),
    Kind.HANDLERS: N_("部门经办人"),
    Kind.ASSIGNMENTS: N_("包联分工"),
}


class Verdict(StrEnum):
    """What a row comes to."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DOUBTFUL = "doubtful"
    LEAVING = "leaving"
    REFUSED = "refused"


VERDICT_NAMES: Mapping[Verdict, str] = {
    Verdict.NEW: N_("新增"),
    Verdict.CHANGED: N_("变化"),
    Verdict.LEAVING: N_("不在表中"),
    Verdict.DOUBTFUL: N_("存疑"),
    Verdict.REFUSED: N_("不能收"),
    Verdict.SAME: N_("不变"),
}
"""In the order in which they are worth a look."""


class State(StrEnum):
    """How far an import has come."""

    READING = "reading"
    PREVIEW = "preview"
    STORING = "storing"
    APPLIED = "applied"
    DROPPED = "dropped"
    FAILED = "failed"


STATE_NAMES: Mapping[State, str] = {
    State.READING: N_("正在读取"),
    State.PREVIEW: N_("待确认"),
    State.STORING: N_("正在入库"),
    State.APPLIED: N_("已入库"),
    State.DROPPED: N_("未入库"),
    State.FAILED: N_("没有读成"),
}

Value = str | int | None
"""What a column of the database holds."""


@dataclass(frozen=True)
class Reason:
    """Why a row is refused or doubtful: a msgid, what goes into it, and the cell ('C12') where one is to blame."""

    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    cell: str = ""


@dataclass(frozen=True)
class Change:
    """One field that an import changes: the column's values, and how they read on screen."""

    field: str
    old: Value
    new: Value
    old_text: str = ""
    new_text: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the file: its line, its cells as they are, and where each known field stands ('name' → 'B')."""

    line: int
    cells: Sequence[Any]
    places: Mapping[str, int]

    def cell(self, key: str) -> Any:
        """What stands in the field's cell; None where the file has no such column or the row ends before it."""
        at = self.places.get(key)
        return self.cells[at] if at is not None and at < len(self.cells) else None

    def name_of(self, key: str) -> str:
        """'C12': the cell of a field; '' where the file has no such column."""
        at = self.places.get(key)
        return f"{letters(at)}{self.line}" if at is not None else ""


@dataclass(frozen=True)
class Judged:
    """What a row comes to: `values` are what a new record gets, `changes` what an old one (`target_id`) becomes."""

    verdict: Verdict
    label: str
    values: Mapping[str, Value] = field(default_factory=dict)
    target_id: int | None = None
    changes: Sequence[Change] = ()
    reasons: Sequence[Reason] = ()


def letters(at: int) -> str:
    """A column's name: 0 → 'A', 27 → 'AB'."""
    name, at = "", at + 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name
