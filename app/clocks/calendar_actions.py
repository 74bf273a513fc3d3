"""Taking in the State Council's calendar of a year: stored, audited, and every open deadline reckoned anew."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.errors import Invalid
from app.i18n import N_
from app.issues import actions, list_store
from app.rules import store as rules

NOT_A_CALENDAR = N_("第 %(line)d 行读不懂。每行写：日期,1 或 0（是否上班）,说明，如 2027-01-01,0,放假。")
EMPTY = N_("文件里没有日期。每行写：日期,1 或 0（是否上班）,说明，如 2027-01-01,0,放假。")

Days = Mapping[date, tuple[bool, str]]
"""The days on which a year differs from Monday to Friday: whether worked, and why."""


@dataclass(frozen=True)
class Shift:
    """A deadline that moves: the issue's number, its clock, and the UTC texts of its end before and after."""

    number: str
    clock: str
    before: str | None
    after: str | None


class _OnlyTried(Exception):
    """Rolls a trial back."""


def read_days(lines: Iterable[str]) -> dict[date, tuple[bool, str]]:
    """The days of a calendar file (day,is_workday,why; a heading may stand first). Raises Invalid naming the line."""
    found: dict[date, tuple[bool, str]] = {}
    for nth, row in enumerate(csv.reader(lines), start=1):
        if not row or (nth == 1 and row[0].strip().lower() == "day"):
            continue
        try:
            day, is_workday, *why = (cell.strip() for cell in row)
            if is_workday not in ("0", "1"):
                raise ValueError(is_workday)
            found[date.fromisoformat(day)] = (is_workday == "1", why[0] if why else "")
        except ValueError as error:
            raise Invalid(NOT_A_CALENDAR, line=nth) from error
    if not found:
        raise Invalid(EMPTY)
    return found


def change_calendar(
    db: Database, days: Days, *, by_id: int | None, now: datetime, is_trial: bool = False
) -> list[Shift]:
    """Replace what is known of the years that `days` names; which open deadlines move. A trial stores nothing.

    What has ended keeps its lateness: it was frozen once.
    """
    shifts: list[Shift] = []
    try:
        with transaction(db):
            for year in sorted({day.year for day in days}):
                rules.replace_year(db, year, {day: what for day, what in days.items() if day.year == year})
                audit.add_entry(db, "calendar_changed", f"calendar:{year}", by_id=by_id, now=now)
            with rules.read_once(db):
                for before in list_store.list_open_deadlines(db):
                    actions.recompute_clocks(db, before["id"])
                    after = list_store.get_deadline(db, before["id"])
                    if after["due_at"] != before["due_at"]:
                        shifts.append(Shift(before["number"], before["clock"], before["due_at"], after["due_at"]))
            if is_trial:
                raise _OnlyTried
    except _OnlyTried:
        pass
    return shifts
