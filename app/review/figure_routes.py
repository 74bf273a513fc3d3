"""The cases behind one rate of the city's board: what it counts, which of them are its part, one by one."""

from urllib.parse import urlencode

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.departments import store as departments
from app.errors import NotFound
from app.filters import named
from app.forms import read_id
from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.issues.lifecycle import STATUS_NAMES, Status
from app.permissions import Permission
from app.places import store as places
from app.review import periods, rate_store
from app.review.case_pages import PARTS, PER_PAGE, CasePage
from app.review.figures import FIGURES
from app.review.models import Share
from app.review.periods import Period
from app.translation import gettext as _

bp = Blueprint("figures", __name__)

NO_SUCH = N_("没有这个数字，或不在您的工作范围内。请从总览上点开。")


@bp.get("/review/figures/<figure>")
@requires(Permission.REVIEW_READ)
def show(figure: str):
    """Its cases over `from` to `to`, of a `district` or a `department`; `part` narrows to one side."""
    if figure not in FIGURES:
        raise NotFound(NO_SUCH)
    db, period = get_db(), _period()
    page = CasePage.asked(url_for(".show", figure=figure), no_such=NO_SUCH)
    district = _named_by("district", places.get_district)
    department = _named_by("department", departments.get_department)
    district_id = current_user.district_id or (district and district["id"])
    if district and district["id"] != district_id:
        raise NotFound(NO_SUCH)
    place = {"district_id": district_id, "department_id": department and department["id"]}
    counts = dict(zip(PARTS, rate_store.count_cases(db, figure, period, **place), strict=True))
    rows = rate_store.list_cases(db, figure, period, **place, part=PARTS[page.part], page=page.nth, limit=PER_PAGE)
    words = FIGURES[figure]
    days = {"from": period.from_on, "to": period.to_on} | ({"by": "department"} if department else {})
    ruled = counts["yes"] + counts["no"]
    return render(
        "review/figure.html",
        words=words,
        share=Share(counts["yes"], ruled),
        period=period,
        place=_("、").join(named(row) for row in (district, department) if row) or None,
        rows=rows[:PER_PAGE],
        status_names={status: STATUS_NAMES[Status(status)] for status in {row["status"] for row in rows}},
        sides=page.sides(
            (key, label, counts[key]) for key, label in (("", N_("全部")), ("yes", words.yes), ("no", words.no))
        ),
        part=page.part,
        nth=page.nth,
        back_url=f"{url_for('review.index')}?{urlencode(days)}",
        pages=page.neighbours(len(rows) > PER_PAGE),
        moment=now(),
    )


def _period() -> Period:
    """The days of the address. Raises NotFound for what no link of ours has."""
    try:
        period = Period.of_texts(request.args.get("from", ""), request.args.get("to", ""))
    except ValueError:
        raise NotFound(NO_SUCH) from None
    if not 2000 <= period.from_on.year <= period.to_on.year <= 2100 or not 0 < period.days <= periods.LONGEST_DAYS:
        raise NotFound(NO_SUCH)
    return period


def _named_by(parameter: str, get):
    """The district or the department that the address names, None where it names none. Raises NotFound."""
    raw = request.args.get(parameter)
    if not raw:
        return None
    row_id = read_id(raw)
    row = get(get_db(), row_id) if row_id else None
    if row is None:
        raise NotFound(NO_SUCH)
    return row
