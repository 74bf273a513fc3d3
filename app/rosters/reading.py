"""What the readers of all rosters share: a row's fields one by one, each refusal with its cell. Pure."""

from collections.abc import Callable
from typing import Any

from app.i18n import N_
from app.rosters.cells import Wrong
from app.rosters.models import Change, Judged, Reason, Row, Value, Verdict

REQUIRED = N_("这一格不能空。")
REPEATED = N_("与第 %(line)d 行重复，只收第一行。")


class Reader:
    """Reads the fields of one row; what cannot be taken is kept as reasons instead of ending the row."""

    def __init__(self, row: Row):
        self.row = row
        self.values: dict[str, Value] = {}
        self.reasons: list[Reason] = []

    def take(self, key: str, read: Callable[[Any], Value], *, at: str = "", is_required: bool = False) -> Value:
        """The value of a field, kept where the cell says something; `at` names the column if it is another's."""
        place = at or key
        try:
            value = read(self.row.cell(place))
        except Wrong as wrong:
            self.refuse(wrong.message, place, **wrong.params)
            return None
        if value is not None:
            self.values[key] = value
        elif is_required:
            self.refuse(REQUIRED, place)
        return value

    def refuse(self, message: str, key: str = "", **params: Any) -> None:
        """One more reason not to take the row."""
        self.reasons.append(Reason(message, params, self.row.name_of(key) if key else ""))

    def refused(self, label: str) -> Judged:
        """The row as refused."""
        return Judged(Verdict.REFUSED, label, reasons=tuple(self.reasons))


def changes_of(
    old: Any, values: dict[str, Value], keys: tuple[str, ...], show: Callable[[str, Value], str]
) -> list[Change]:
    """What the given values would change in a stored row; an empty cell changes nothing."""
    return [
        Change(key, old[key], values[key], show(key, old[key]), show(key, values[key]))
        for key in keys
        if key in values and values[key] != old[key]
    ]


def as_text(_key: str, value: Value) -> str:
    """A value that reads as it is stored."""
    return "" if value is None else str(value)
