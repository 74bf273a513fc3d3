"""A clock in words and colour, for lists and pages alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from app.clock import day_of, from_text, local
from app.filters import day
from app.issues.models import Issue
from app.rules.models import CLOCK_NAMES, Clock
from app.rules.workdays import WorkCalendar
from app.translation import gettext as _
from app.translation import ngettext


class ClockWords(NamedTuple):
    """How long is left, until when, in which colour (green, amber, red, grey), of which step."""

    left: str
    until: str
    tone: str
    step: str


def of_row(row: Mapping, *, now: datetime, calendar: WorkCalendar) -> ClockWords | None:
    """The words for the running clock of an issue's row."""
    return words(
        row["clock"],
        row["due_at"],
        row["amber_at"],
        is_provisional=bool(row["is_due_provisional"]),
        now=now,
        calendar=calendar,
    )


def of_issue(issue: Issue, *, now: datetime, calendar: WorkCalendar) -> ClockWords | None:
    """The words for the running clock of an issue."""
    return words(
        issue.clock,
        issue.due_at,
        issue.amber_at,
        is_provisional=issue.is_due_provisional,
        now=now,
        calendar=calendar,
    )


def words(
    clock: str | None,
    due_at: datetime | str | None,
    amber_at: datetime | str | None,
    *,
    is_provisional: bool,
    now: datetime,
    calendar: WorkCalendar,
) -> ClockWords | None:
    """The words for a running clock, or None where nothing is measured."""
    if not clock:
        return None
    step = _(CLOCK_NAMES[Clock(clock)])
    due, amber = _moment(due_at), _moment(amber_at)
    if due is None or amber is None:
        return ClockWords(_("暂停计时"), "", "grey", step)
    until = _("%(day)s %(time)s 前", day=day(due), time=f"{local(due):%H:%M}")
    if is_provisional:
        until = _("%(until)s（暂定，待次年放假安排公布）", until=until)
    if now > due:
        return ClockWords(_overdue(due, now, calendar), until, "red", step)
    return ClockWords(_left(due, now, calendar), until, "amber" if now >= amber else "green", step)


def _moment(value: datetime | str | None) -> datetime | None:
    return from_text(value) if isinstance(value, str) else value


def _overdue(due: datetime, now: datetime, calendar: WorkCalendar) -> str:
    days = calendar.between(day_of(due), day_of(now))
    if days < 1:
        hours = int((now - due).total_seconds() // 3600) + 1
        return ngettext("已超期 %(num)d 小时", "已超期 %(num)d 小时", hours)
    return ngettext("已超期 %(num)d 个工作日", "已超期 %(num)d 个工作日", days)


def _left(due: datetime, now: datetime, calendar: WorkCalendar) -> str:
    if day_of(due) == day_of(now):
        return _("今天 %(time)s 前", time=f"{local(due):%H:%M}")
    days = calendar.between(day_of(now), day_of(due))
    if days < 1:
        hours = int((due - now).total_seconds() // 3600)
        return ngettext("还剩 %(num)d 小时", "还剩 %(num)d 小时", hours)
    return ngettext("还剩 %(num)d 个工作日", "还剩 %(num)d 个工作日", days)
