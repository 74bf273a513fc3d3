"""Where a bulletin's figures come from: each with its definition, and the cases it was counted from at its moment."""

import json

from flask import Blueprint, request, url_for

from app.clock import day_of, now
from app.db import get_db
from app.errors import NotFound
from app.forms import read_id
from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.issues.lifecycle import STATUS_NAMES, Status
from app.permissions import Permission
from app.reports import bulletin_actions as actions
from app.reports import figures, source_store, store
from app.reports.source_store import Place
from app.review.case_pages import PARTS, PER_PAGE, CasePage
from app.review.figures import FIGURES
from app.translation import gettext as _

bp = Blueprint("sources", __name__)

NO_SUCH = N_("这份通报没有这个数字。请从“每个数字的来源”里点开。")


@bp.get("/reports/bulletins/<int:bulletin_id>/sources")
@requires(Permission.BULLETINS_EDIT)
def index(bulletin_id: int):
    """Each figure, how it is defined, and the way to its cases."""
    db, row = get_db(), _row_or_404(bulletin_id)
    paper = actions.document_of(db, bulletin_id, dated=day_of(now()))
    counted = paper.figures or json.loads(row["figures"])
    return render(
        "reports/sources.html",
        row=row,
        figures=counted,
        definitions=figures.DEFINITIONS,
        shares=figures.SHARES,
        at=url_for(".show", bulletin_id=bulletin_id, figure="x")[:-1] if _is_kept(bulletin_id) else None,
        cases=store.list_cases(db, bulletin_id),
    )


@bp.get("/reports/bulletins/<int:bulletin_id>/sources/<figure>")
@requires(Permission.BULLETINS_EDIT)
def show(bulletin_id: int, figure: str):
    """The cases that one figure was counted from; `district`, `department` and `part` narrow it."""
    db, row = get_db(), _row_or_404(bulletin_id)
    named = {key: (name, definition) for key, name, definition in figures.DEFINITIONS}
    if figure not in named or not _is_kept(bulletin_id):
        raise NotFound(NO_SUCH)
    page = CasePage.asked(url_for(".show", bulletin_id=bulletin_id, figure=figure), no_such=NO_SUCH)
    lines = json.loads(row["figures"])
    line, place = _line(lines)
    is_of_visits = figure in ("visits", "firms")
    if is_of_visits:
        rows = source_store.list_source_visits(
            db, bulletin_id, place, by_firm=figure == "firms", page=page.nth, limit=PER_PAGE
        )
    else:
        rows = source_store.list_sources(
            db,
            bulletin_id,
            figure,
            place,
            mark=PARTS[page.part] if figure in actions.RATES else None,
            page=page.nth,
            limit=PER_PAGE,
        )
    counts = source_store.count_sources(db, bulletin_id, "visits" if is_of_visits else figure, place)
    return render(
        "reports/source.html",
        row=row,
        name=named[figure][0],
        definition=named[figure][1],
        figure=figure,
        line=line,
        value=line.get(figure),
        is_of_visits=is_of_visits,
        words=FIGURES[actions.RATES[figure]] if figure in actions.RATES else None,
        sides=page.sides((key, label, counts[n]) for key, label, n in _sides(figure)),
        part=page.part,
        rows=rows[:PER_PAGE],
        status_names={} if is_of_visits else {each["status"]: STATUS_NAMES[Status(each["status"])] for each in rows},
        nth=page.nth,
        pages=page.neighbours(len(rows) > PER_PAGE),
    )


def _sides(figure: str) -> list[tuple[str, str, str]]:
    """The chips above a list: key, words, which of the counts."""
    if figure not in actions.RATES:
        return []
    words = FIGURES[actions.RATES[figure]]
    return [("", N_("全部"), "n"), ("yes", words.yes, "yes"), ("no", words.no, "no")]


def _line(counted: dict) -> tuple[dict, Place]:
    """The line of the bulletin's tables that the address names, the whole city's where it names none."""
    found, ids = counted["total"], {}
    for parameter, table in (("district", "districts"), ("department", "departments")):
        raw = request.args.get(parameter)
        if raw:
            ids[parameter] = read_id(raw)
            found = next((line for line in counted[table] if line["id"] == ids[parameter]), None)
            if found is None:
                raise NotFound(NO_SUCH)
    if len(ids) > 1:
        raise NotFound(NO_SUCH)
    return {"name": _("全市"), **found}, Place(ids.get("district"), ids.get("department"))


def _is_kept(bulletin_id: int) -> bool:
    return source_store.has_sources(get_db(), bulletin_id)


def _row_or_404(bulletin_id: int):
    row = store.get_bulletin(get_db(), bulletin_id)
    if row is None:
        raise NotFound(actions.NO_SUCH)
    return row
