"""How long each step may take: the limits in force, those to come, and a change tried before it counts."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.clock import now, to_text
from app.clocks import limit_actions as actions
from app.clocks import moved
from app.clocks import reckoning_actions as reckoning
from app.clocks.limit_forms import SET_BY_OFFICE, LimitBase, limit_form
from app.db import get_db
from app.departments import store as departments
from app.errors import AppError, Conflict, Invalid, NotFound
from app.filters import day, pair
from app.guard import requires
from app.htmx import go_to, render
from app.permissions import Permission
from app.rules import limit_store as limits
from app.rules.models import CLOCK_NAMES, KIND_NAMES, UNIT_NAMES, URGENCY_NAMES, Clock, Kind, Limit, Unit, Urgency
from app.translation import gettext as _

bp = Blueprint("limits", __name__)


@dataclass(frozen=True)
class Line:
    """One limit in words; `state` is now, later or past."""

    id: int
    clock: str
    cases: str
    length: str
    period: str
    state: str
    is_narrow: bool


@bp.get("/office/limits")
@requires(Permission.RULES_READ)
def index():
    """The limits by step: in force, to come, and what was."""
    return _page()


def _page(*, problem: str = "", status: int = 200):
    lines = [_line(row) for row in limits.list_rows(get_db())]
    return render(
        "clocks/limits.html",
        status=status,
        steps=[(_(CLOCK_NAMES[clock]), [each for each in lines if each.clock == clock]) for clock in SET_BY_OFFICE],
        moved=moved.told(),
        problem=problem,
        may_edit=current_user.can(Permission.RULES_EDIT),
    )


@bp.get("/office/limits/new")
@requires(Permission.RULES_EDIT)
def new():
    """The form for a limit of other cases than those that have one."""
    return _form_page(_form())


@bp.get("/office/limits/<int:limit_id>")
@requires(Permission.RULES_EDIT)
def edit(limit_id: int):
    """The form for another length of one limit."""
    row = limits.get_row(get_db(), limit_id)
    if row is None:
        raise NotFound(actions.NO_SUCH)
    given = {
        "clock": Clock(row["clock"]),
        "kind": Kind(row["kind"]) if row["kind"] else None,
        "urgency": Urgency(row["urgency"]) if row["urgency"] else None,
        "category_id": row["category_id"],
        "amount": str(row["amount"]),
        "unit": Unit(row["unit"]),
    }
    return _form_page(_form(given=given), line=_line(row))


@bp.post("/office/limits/trial")
@requires(Permission.RULES_EDIT)
def trial():
    """What the limit would mean, and which deadlines it would move. Stores nothing."""
    form = _form(request.form)
    try:
        return _trial_page(form, form.read_limit(now()))
    except Invalid as error:
        return _form_page(_with_problems(form, error), status=422)


@bp.post("/office/limits")
@requires(Permission.RULES_EDIT)
def change():
    """Store what was tried."""
    form, back_to = _form(request.form), url_for(".index")
    try:
        wanted = form.read_limit(now())
        changed = actions.set_limit(
            get_db(), wanted, state=form.state.data or "", back_to=back_to, by=current_user, now=now()
        )
    except Invalid as error:
        return _form_page(_with_problems(form, error), status=422)
    except Conflict as error:
        return _trial_page(form, form.read_limit(now()), error=error)
    if not wanted.is_retroactive:
        return go_to(back_to, _("时限已保存。"))
    return moved.go_on(changed, back_to, _("时限已保存。"))


@bp.post("/office/limits/moves")
@requires(Permission.RULES_EDIT)
def export():
    """Every deadline that the limit tried would move, as a file."""
    wanted = _form(request.form).read_limit(now())
    return moved.file(actions.try_limit(get_db(), wanted), request.form.get("as", ""), now())


@bp.post("/office/limits/<int:limit_id>/ending")
@requires(Permission.RULES_EDIT)
def end(limit_id: int):
    """Withdraw a limit that is to come, or end one of narrower cases."""
    try:
        was_to_come = actions.end_limit(get_db(), limit_id, by=current_user, now=now())
    except Conflict as error:
        return _page(problem=_(error.message), status=409)
    return go_to(
        url_for(".index"), _("已撤销，原来的时限继续执行。") if was_to_come else _("已停用，改按一般时限办理。")
    )


def _form(formdata=None, *, given: dict | None = None) -> LimitBase:
    return limit_form(formdata, categories=departments.list_categories(get_db()), given=given)


def _with_problems(form: LimitBase, error: Invalid) -> LimitBase:
    for name, message in error.fields.items():
        if name in form and not form[name].errors:
            form[name].errors = [_(message, **error.params)]
    return form


def _form_page(form: LimitBase, *, line: Line | None = None, status: int = 200):
    return render("clocks/limit.html", status=status, form=form, line=line)


def _trial_page(form: LimitBase, wanted: Limit, *, error: AppError | None = None):
    category = departments.get_category(get_db(), wanted.category_id) if wanted.category_id else None
    row = {**wanted.__dict__, "category": category["name"] if category else ""}
    row["category_en"] = category["name_en"] if category else ""
    sent = {name: value for name, value in request.form.items() if name not in ("as", "state")}
    return render(
        "clocks/limit_trial.html",
        status=error.status if error else 200,
        step=_(CLOCK_NAMES[wanted.clock]),
        cases=_cases(row),
        length=_length(wanted.amount, wanted.unit),
        begins=day(to_text(wanted.valid_from)),
        is_retroactive=wanted.is_retroactive,
        moves=moved.table(actions.try_limit(get_db(), wanted)),
        problem=_(error.message) if error else "",
        sent=sent,
        state=reckoning.state_of(get_db()),
    )


def _line(row) -> Line:
    at = to_text(now())
    is_past = row["valid_to"] is not None and row["valid_to"] <= at
    begins = "" if row["valid_from"] < "2020-01-02" else _("%(day)s起", day=day(row["valid_from"]))
    ends = _("到%(day)s", day=day(row["valid_to"])) if row["valid_to"] else ""
    return Line(
        id=row["id"],
        clock=row["clock"],
        cases=_cases(row),
        length=_length(row["amount"], Unit(row["unit"])),
        period=" ".join(part for part in (begins, ends) if part),
        state="past" if is_past else "later" if row["valid_from"] > at else "now",
        is_narrow=row["category_id"] is not None,
    )


def _cases(row: Mapping) -> str:
    """Which cases it is for: 求助 · 一般, or 全部问题."""
    parts = (
        pair(row, "category") if row["category_id"] else "",
        _(KIND_NAMES[Kind(row["kind"])]) if row["kind"] else "",
        _(URGENCY_NAMES[Urgency(row["urgency"])]) if row["urgency"] else "",
    )
    return " · ".join(part for part in parts if part) or _("全部问题")


def _length(amount: int, unit: Unit) -> str:
    return f"{amount} {_(UNIT_NAMES[unit])}"
