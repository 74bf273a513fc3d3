"""An import: its preview, ticking what is doubtful, storing it or giving it up, the rows left out as a file."""

import json
import tempfile
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.db import get_db
from app.downloads import TYPES, attachment
from app.errors import Conflict
from app.forms import read_id
from app.guard import requires
from app.htmx import go_to, render
from app.jobs.runner import runner
from app.permissions import Permission
from app.reports import sheets
from app.rosters import actions, preview, sheet_store, workbooks
from app.rosters.columns import REASON
from app.rosters.models import KIND_NAMES, STATE_NAMES, VERDICT_NAMES, Kind, State, Verdict
from app.translation import gettext as _
from app.translation import ngettext

bp = Blueprint("roster_imports", __name__)


@bp.get("/office/rosters/imports/<int:import_id>")
@requires(Permission.ROSTERS_EDIT)
def show(import_id: int):
    """What a file comes to, row by row, before anything is stored; afterwards what came of it."""
    return _import_page(import_id)


@bp.post("/office/rosters/imports/<int:import_id>/ticks")
@requires(Permission.ROSTERS_EDIT)
def tick(import_id: int):
    """Remember which doubtful rows are to be taken: those ticked on this page, or all, or none."""
    row = actions.import_or_404(get_db(), import_id)
    if row["state"] != State.PREVIEW:
        raise Conflict(actions.NOT_WAITING)
    _keep_ticks(import_id)
    after = read_id(request.form.get("after", ""))
    return go_to(url_for(".show", import_id=import_id, show=Verdict.DOUBTFUL, after=after), _("已记下勾选。"))


def _keep_ticks(import_id: int) -> None:
    if which := request.form.get("all"):
        actions.tick_all(preview.folder(), import_id, is_taken=which == "yes")
    elif "shown" in request.form:
        shown, ticked = (
            [int(raw) for raw in request.form.getlist(name) if raw.isascii() and raw.isdigit() and len(raw) < 12]
            for name in ("shown", "line")
        )
        actions.tick_rows(preview.folder(), import_id, shown=shown, ticked=ticked)


@bp.post("/office/rosters/imports/<int:import_id>/storing")
@requires(Permission.ROSTERS_EDIT)
def apply(import_id: int):
    """Store what the preview shows, by a job; ticks on the page that the button stands on go along."""
    row = actions.import_or_404(get_db(), import_id)
    if row["state"] not in (State.PREVIEW, State.STORING):
        return _import_page(import_id, status=409, problem=_(actions.NOT_WAITING))
    if row["state"] == State.PREVIEW:
        _keep_ticks(import_id)
    job_id = runner().ask(actions.STORE_JOB, {"import_id": import_id}, by=current_user)
    return go_to(url_for("jobs.show", job_id=job_id))


@bp.post("/office/rosters/imports/<int:import_id>/dropping")
@requires(Permission.ROSTERS_EDIT)
def drop(import_id: int):
    """Give a preview up."""
    row = actions.import_or_404(get_db(), import_id)
    try:
        actions.drop(get_db(), preview.folder(), import_id)
    except Conflict as conflict:
        return _import_page(import_id, status=409, problem=_(conflict.message, **conflict.params))
    return go_to(url_for("rosters.new", kind=row["kind"]), _("已放弃这次导入，名册没有改动。"))


@bp.get("/office/rosters/imports/<int:import_id>/left-out.xlsx")
@requires(Permission.ROSTERS_EDIT)
def left_out(import_id: int):
    """The rows that are not stored, as they came, each with its reason: to be corrected and taken in again."""
    row = actions.import_or_404(get_db(), import_id)
    path = preview.sheet_path(import_id)
    if not path.exists():
        raise Conflict(actions.ROWS_GONE)
    file = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 (the response closes it)
    with sheet_store.opened(path) as sheet:
        headings = sheet_store.get_fact(sheet, "headings", [])
        columns = [sheets.Column(REASON, 40), *(sheets.Column(each, 18) for each in headings)]
        sheets.write_xlsx(file, _("待更正"), columns, _left_out_rows(sheet, len(headings)))
    name = workbooks.title_of(Kind(row["kind"]))
    return attachment(file, TYPES["xlsx"], f"{name}_{_('待更正')}.xlsx")


def _left_out_rows(sheet: Any, width: int) -> Iterator[list[str]]:
    after = 0
    while rows := sheet_store.list_left_out(sheet, after=after, limit=500):
        for row in rows:
            reasons = "\n".join(f"{each.cell} {preview.words(each)}".strip() for each in sheet_store.read_reasons(row))
            yield [reasons, *json.loads(row["cells"])[:width]]
        after = rows[-1]["line"]


def _import_page(import_id: int, *, status: int = 200, problem: str = ""):
    row = actions.import_or_404(get_db(), import_id)
    counts = actions.counts_of(row)
    asked = request.args.get("show", "")
    shown = (
        Verdict(asked) if asked in set(Verdict) else next((each for each in VERDICT_NAMES if counts[each]), Verdict.NEW)
    )
    is_kept = row["state"] in (State.PREVIEW, State.STORING, State.APPLIED)
    sheet = (
        preview.load(preview.sheet_path(import_id), shown, after=read_id(request.args.get("after", "")) or 0)
        if is_kept
        else None
    )
    said = preview.problem_words(json.loads(row["problem"]) if row["problem"] else None)
    return render(
        "rosters/show.html",
        status=status,
        row=row,
        kind_name=_(KIND_NAMES[Kind(row["kind"])]),
        state_name=_(STATE_NAMES[State(row["state"])]),
        figures=[(each, _(VERDICT_NAMES[each]), counts[each]) for each in VERDICT_NAMES],
        shown=shown,
        shown_name=_(VERDICT_NAMES[shown]),
        sheet=sheet,
        left_out=counts[Verdict.REFUSED] + counts[Verdict.DOUBTFUL] - (sheet.taken if sheet else 0),
        problem=problem or said,
        button=ngettext("入库 %(num)d 行", "入库 %(num)d 行", sheet.to_store) if sheet else "",
    )
