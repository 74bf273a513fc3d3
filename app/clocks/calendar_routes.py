"""The year's working days: holidays and make-up workdays, and a new year taken in from the State Council's notice."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.clock import now, today
from app.clocks import calendar_actions as actions
from app.clocks import months, moved
from app.clocks import reckoning_actions as reckoning
from app.clocks.calendar_actions import read_days, read_file, read_text, replaced_years, write_days
from app.clocks.forms import LARGEST_FILE, CalendarBase, ConfirmedDays, calendar_form
from app.clocks.models import Days
from app.db import get_db
from app.errors import Conflict, Invalid, NotFound
from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.permissions import Permission
from app.rules import store as rules
from app.rules.notice import HOLIDAYS, MAKE_UP, ON_HOLIDAY
from app.translation import gettext as _

bp = Blueprint("calendar", __name__)
bp.record_once(moved.register_job)

NOTHING_SENT = N_("请粘贴通知正文，或选一个文件。")
TOO_LARGE = N_("文件太大，一年的安排只有几 KB。请另存为只含这一年的 .xlsx 或 .csv。")


@bp.get("/office/calendar")
@requires(Permission.RULES_READ)
def index():
    """One year, this one unless another is asked for."""
    return _page()


@bp.post("/office/calendar/trial")
@requires(Permission.RULES_EDIT)
def trial():
    """What a notice says as a calendar, and which open deadlines it would move. Stores nothing."""
    form = calendar_form(request.form, years=_years_to_add())
    try:
        days, missing = _read(form)
    except Invalid as error:
        form.text.errors = [_(error.fields.get("text", error.message), **error.params)]
        return _page(form=form, status=error.status)
    return _trial_page(days, missing=missing)


@bp.post("/office/calendar")
@requires(Permission.RULES_EDIT)
def change():
    """Store what was tried; open deadlines are reckoned anew."""
    form = ConfirmedDays(request.form)
    days = read_days(form.read_lines())
    year = replaced_years(days)[-1]
    back_to = url_for(".index", year=year)
    try:
        changed = actions.change_calendar(
            get_db(), days, by=current_user, now=now(), state=form.state.data or "", back_to=back_to
        )
    except Conflict as error:
        return _trial_page(days, problem=_(error.message, **error.params), status=error.status)
    return moved.go_on(changed, back_to, _("%(year)d 年日历已更新。", year=year))


@bp.post("/office/calendar/moves")
@requires(Permission.RULES_EDIT)
def export():
    """Every deadline that the days tried would move, as a file."""
    days = read_days(ConfirmedDays(request.form).read_lines())
    return moved.file(actions.try_calendar(get_db(), days), request.form.get("as", ""), now())


def _read(form: CalendarBase) -> tuple[Days, tuple[str, ...]]:
    typed = form.read()
    sent = request.files.get("file")
    if sent and sent.filename:
        content = sent.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise Invalid(TOO_LARGE)
        return read_file(content, year=typed["year"])
    if not typed["text"]:
        raise Invalid(fields={"text": NOTHING_SENT})
    return read_text(typed["text"], year=typed["year"])


def _years_to_add() -> list[int]:
    return [today().year - 1, today().year, today().year + 1]


def _known(year: int) -> dict[date, tuple[bool, str]]:
    rows = rules.list_exceptions(get_db(), year)
    return {date.fromisoformat(row["day"]): (bool(row["is_workday"]), row["why"]) for row in rows}


def _page(*, form: CalendarBase | None = None, status: int = 200):
    years = _years()
    asked = request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else today().year
    if (asked and asked != str(year)) or year not in years:
        raise NotFound(N_("没有这一年的日历。请从页面上选择年份。"))
    known = _known(year)
    published = rules.get_calendar(get_db()).published_through.year
    return render(
        "clocks/calendar.html",
        status=status,
        year=year,
        years=years,
        months=months.year_of(year, known, known),
        spans=months.spans(known),
        is_published=year <= published,
        warning=_warning(published),
        today=today(),
        form=form or calendar_form(years=_years_to_add()),
        may_edit=current_user.can(Permission.RULES_EDIT),
        moved=moved.told(),
        holiday=_holiday,
    )


def _holiday(why: str) -> str:
    """国庆节、中秋节 in the page's language; what the office wrote otherwise stays as it is."""
    known = {*HOLIDAYS, MAKE_UP, ON_HOLIDAY}
    return _("、").join(_(each) if each in known else each for each in why.split("、"))


def _years() -> list[int]:
    """Every year that has a calendar, through the next."""
    this_year, published = today().year, rules.get_calendar(get_db()).published_through.year
    return list(range(min(rules.first_year(get_db()) or this_year, this_year), max(published, this_year + 1) + 1))


def _warning(published: int) -> tuple[str, str] | None:
    """What to say of a year that is not known yet, and in which colour: red from 1 December on."""
    following = today().year + 1
    if published >= following:
        return None
    words = _("%(year)d 年放假安排还没有录入，跨年的时限都是暂定。", year=following)
    words += _("国务院办公厅一般在 11 月公布，公布后请粘贴到下面。")
    return words, "red" if today().month == 12 or published < today().year else "blue"


def _trial_page(days: Days, *, missing: tuple[str, ...] = (), problem: str = "", status: int = 200):
    year = replaced_years(days)[-1]
    of_year: Mapping = {day: what for day, what in days.items() if day.year == year}
    shifts = actions.try_calendar(get_db(), days)
    return render(
        "clocks/calendar_trial.html",
        status=status,
        year=year,
        months=months.year_of(year, of_year, _known(year)),
        spans=months.spans(days),
        is_known=bool(_known(year)),
        missing=_("、").join(map(_holiday, missing)),
        holiday=_holiday,
        problem=problem,
        moves=moved.table(shifts),
        days=write_days(days),
        state=reckoning.state_of(get_db()),
        today=None,
    )
