"""Deadlines that move, as pages and files tell of them, and the job that moves many."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for

from app.clock import day_of, from_text, local
from app.clocks import reckoning_actions as reckoning
from app.clocks.models import Changed, Reach, Shift
from app.downloads import TYPES, attachment
from app.filters import moment, pair
from app.forms import read_id
from app.htmx import go_to
from app.i18n import N_
from app.jobs.models import Done
from app.jobs.runner import Kind, Task, register, runner
from app.permissions import Permission
from app.reports.sheets import Column, write_csv, write_xlsx
from app.rules.models import CLOCK_NAMES, Clock
from app.translation import gettext as _
from app.translation import ngettext

SHOWN = 50
"""So many are listed on the page; the file has them all."""


@dataclass(frozen=True)
class Line:
    """One deadline that moves, in words. `is_later`: the department gets more time."""

    url: str
    number: str
    title: str
    department: str
    clock: str
    before: str
    after: str
    is_later: bool


@dataclass(frozen=True)
class Moves:
    """The first of them, and how many there are in all."""

    lines: Sequence[Line]
    total: int
    later: int
    earlier: int


def table(shifts: Sequence[Shift]) -> Moves:
    """What the page shows of them."""
    later = sum(_is_later(each) for each in shifts)
    return Moves([_line(each) for each in shifts[:SHOWN]], len(shifts), later, len(shifts) - later)


def _is_later(shift: Shift) -> bool:
    return shift.after is None or (shift.before is not None and shift.after > shift.before)


def _line(shift: Shift) -> Line:
    return Line(
        url=url_for("issues.show", issue_id=shift.issue_id),
        number=shift.number,
        title=shift.title,
        department=pair(shift, "department"),
        clock=_(CLOCK_NAMES[Clock(shift.clock)]),
        before=moment(shift.before) or _("暂停"),
        after=moment(shift.after) or _("暂停"),
        is_later=_is_later(shift),
    )


def file(shifts: Sequence[Shift], kind: str, at: datetime):
    """All of them as an attachment: .xlsx, or .csv."""
    kind = "csv" if kind == "csv" else "xlsx"
    title = _("时限变动试算")
    columns = [
        Column(_("编号"), 16),
        Column(_("问题"), 40),
        Column(_("责任单位"), 20),
        Column(_("环节"), 12),
        Column(_("原时限"), 18),
        Column(_("新时限"), 18),
    ]
    rows = (
        (
            each.number,
            each.title,
            pair(each, "department"),
            _(CLOCK_NAMES[Clock(each.clock)]),
            _written(each.before),
            _written(each.after),
        )
        for each in shifts
    )
    made = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the answer is sent)
    if kind == "xlsx":
        write_xlsx(made, title, columns, rows)
    else:
        write_csv(made, columns, rows)
    return attachment(made, TYPES[kind], f"{title}_{day_of(at):%Y%m%d}.{kind}")


def _written(text: str | None) -> str:
    return f"{local(from_text(text)):%Y-%m-%d %H:%M}" if text else _("暂停")


def go_on(changed: Changed, back_to: str, done: str):
    """After a change: back with what came of it, or to the job that is still at it."""
    if changed.job_id is not None:
        runner().wake()
        return go_to(url_for("jobs.show", job_id=changed.job_id), done)
    return go_to(back_to, done + words(changed.moved))


def words(count: int) -> str:
    """How many deadlines moved."""
    if not count:
        return _("没有时限因此改变。")
    return ngettext("%(num)d 件问题的时限已重新计算。", "%(num)d 件问题的时限已重新计算。", count)


def told() -> str:
    """What a job that led to this page has done, if one did."""
    count = request.args.get("moved", "")
    return words(read_id(count) or 0) if count else ""


def register_job(state) -> None:
    """Say how the job is worked off, when the calendar's pages join the app."""
    register(state.app, reckoning.JOB, Kind(_work, Permission.RULES_EDIT, N_("重新计算时限"), "office.index"))


def _work(task: Task) -> Done:
    moved = reckoning.reckon(task.db, Reach(task.params["clock"], task.params["since"]), task.progress)
    back_to = task.params["back_to"]
    return Done(result_url=f"{back_to}{'&' if '?' in back_to else '?'}moved={moved}")
