"""The boards: one's own district's for dispatchers and heads, the city's for the office and the auditor."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.clock import day_of, now
from app.db import get_db
from app.errors import Invalid, NotFound
from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.permissions import Permission, Role
from app.places import store as places
from app.review import boards, periods, store
from app.review.figures import FIGURES
from app.review.forms import PeriodForm, read_period
from app.review.links import IssueLinks
from app.review.models import City, Count
from app.review.periods import Period
from app.translation import gettext as _

bp = Blueprint("review", __name__)

VIEWS = {"district": N_("区县"), "department": N_("责任单位")}
"""What the city's board sets side by side."""

NO_SUCH_VIEW = N_("没有这个页面，请从总览上选择。")
NO_SUCH_DISTRICT = N_("没有这个区县，或不在您的工作范围内。")


@bp.get("/review/")
@requires(Permission.REVIEW_READ)
def index():
    """The reader's board."""
    if current_user.role in (Role.DISPATCHER, Role.HEAD):
        return _district_page(current_user.district_id, IssueLinks())
    return _city_page()


@bp.get("/review/districts/<int:district_id>")
@requires(Permission.REVIEW_READ)
def district(district_id: int):
    """A district's board, for whoever may see it."""
    if current_user.role not in (Role.DISPATCHER, Role.HEAD):
        return _district_page(district_id, IssueLinks(district=district_id))
    if current_user.district_id != district_id:
        raise NotFound(NO_SUCH_DISTRICT)
    return _district_page(district_id, IssueLinks())


def _district_page(district_id: int, links: IssueLinks):
    db, moment = get_db(), now()
    place = places.get_district(db, district_id)
    if place is None:
        raise NotFound(NO_SUCH_DISTRICT)
    board = boards.district(db, district_id, reader=current_user, links=links, now=moment)
    return render("review/district.html", place=place, board=board, moment=moment)


def _city_page():
    db, moment = get_db(), now()
    form, by = PeriodForm(request.args), request.args.get("by", "district")
    if by not in VIEWS:
        raise NotFound(NO_SUCH_VIEW)
    chips: dict[str, Any] = {"kinds": periods.KINDS, "form": form, "moment": moment, "views": VIEWS, "by": by}
    try:
        kind, period, before = read_period(form, request.args.get("period", "month"), today=day_of(moment))
    except Invalid as error:
        return render(
            "review/city.html", status=422, error=None if form.errors else _(error.message), kind="custom", **chips
        )
    figures, former, waiting = boards.city(db, period, before, now=moment, by=by)
    links = IssueLinks()
    return render(
        "review/city.html",
        kind=kind,
        period=period,
        before=before,
        city=figures,
        former=former,
        waiting=[*_waiting(waiting, links), boards.unassigned(db, current_user)],
        links=links,
        figures=FIGURES,
        cases_at=url_for("figures.show", figure="first_right").removesuffix("first_right"),
        rows=_table(by, figures, former, links, period),
        coverage=boards.coverage(db, None, reader=current_user, today=day_of(moment)),
        weeks=boards.trend(db, links, today=day_of(moment)) if by == "district" else None,
        **chips,
    )


def _table(by: str, figures: City, former: City, links: IssueLinks, period: Period) -> list[dict]:
    """The lines of the districts, or of the departments: one of both a page, or a phone would load too much."""
    if by == "district":
        rows, lines, before = places.list_districts(get_db()), figures.districts, former.districts
    else:
        rows, lines, before = store.list_department_names(get_db()), figures.departments, former.departments
    return boards.table(rows, lines, before, parameter=by, links=links, period=period)


def _waiting(counts: dict[str, int], links: IssueLinks) -> list[Count]:
    """What the city's office has to decide, or to see decided."""
    return [
        Count(_("待受理派单"), counts["submitted"], links(status="submitted")),
        Count(_("待指定单位"), counts["disputed"], links(status="disputed")),
        Count(_("延期待审"), counts["extension"], links.open(pending="extension")),
        Count(_("挂账待审"), counts["suspension"], links.open(pending="suspension")),
        Count(_("待企业确认"), counts["callback"], links(status="callback")),
    ]
