"""The ledgers: choosing one, and taking it out of the house as a file; a long one is made by a job."""

from datetime import datetime

from flask import Blueprint, Flask, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.clock import now
from app.db import get_db
from app.departments import store as departments
from app.errors import Forbidden, Invalid
from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.issues import list_store, lists
from app.jobs.models import Done
from app.jobs.runner import Kind, Task, register
from app.permissions import Permission
from app.places import store as places
from app.reports import actions, exports, handing_out
from app.reports.exports import Ledger
from app.reports.forms import LedgerForm, VisitLedgerForm

bp = Blueprint("reports", __name__)

JOB = "ledger"
_IN_FORM = {"status", "district", "department", "category", "reported_from", "reported_to", "closed_from", "closed_to"}


@bp.get("/reports/")
@requires(Permission.REPORTS_READ)
def index():
    """Both ledgers with their filters, and the bulletins' door."""
    return _page(LedgerForm(request.args), exports.visit_form(request.args, now()))


def _page(form: LedgerForm, visit_form: VisitLedgerForm, *, status: int = 200):
    db, moment = get_db(), now()
    asked = exports.asked(db, request.args, moment) if status == 200 else None
    may_choose = () if current_user.district_id else places.list_districts(db)
    form.offer(
        districts=may_choose, departments=departments.list_departments(db), categories=departments.list_categories(db)
    )
    visit_form.offer(districts=may_choose)
    return render(
        "reports/index.html",
        status=status,
        form=form,
        visit_form=visit_form,
        kept={name: value for name, value in asked.query.items() if name not in _IN_FORM} if asked else {},
        chosen=lists.chosen(db, asked) if asked else [],
        count=list_store.count_issues(db, asked.filters, visible_to=current_user, now=moment) if asked else None,
        may_reveal=current_user.can(Permission.CONTACTS_REVEAL),
        has_districts=bool(may_choose),
    )


@bp.get("/reports/ledger.<any(xlsx, csv):kind>")
@requires(Permission.REPORTS_READ)
def issue_ledger(kind: str):
    """问题台账 at once, however long; for scripts, which know no progress bar."""
    return _at_once("issues", kind)


@bp.get("/reports/visits.<any(xlsx, csv):kind>")
@requires(Permission.REPORTS_READ)
def visit_ledger(kind: str):
    """走访台账 at once."""
    return _at_once("visits", kind)


def _at_once(name: str, kind: str):
    moment = now()
    try:
        ledger = _ledger(name, request.args, moment)
    except Invalid as error:
        return _refused(request.args, moment, error)
    _record(ledger, kind, request.args, moment)
    return handing_out.at_once(ledger, kind, moment)


@bp.post("/reports/<any(issues, visits):name>/<any(xlsx, csv):kind>")
@requires(Permission.REPORTS_READ)
def ask(name: str, kind: str):
    """The button on the page: a short ledger comes at once, a long one from a job with a progress bar."""
    moment = now()
    try:
        ledger = _ledger(name, request.form, moment)
    except Invalid as error:
        return _refused(request.form, moment, error)
    _record(ledger, kind, request.form, moment)
    return handing_out.hand_out(ledger, kind, moment, job=JOB, name=name)


def _ledger(name: str, args: MultiDict, moment: datetime) -> Ledger:
    """The ledger asked for. Raises Forbidden for contacts that this person may not see, Invalid for wrong days."""
    if args.get("contacts") and not current_user.can(Permission.CONTACTS_REVEAL):
        raise Forbidden(N_("您不能导出企业联系方式。去掉这一项再导出。"))
    return exports.BY_NAME[name](get_db(), args, by=current_user, now=moment)


def _refused(args: MultiDict, moment: datetime, error: Invalid):
    """The page again, with what was wrong beside its field."""
    form = exports.visit_form(args, moment)
    form.validate()
    for name, message in error.fields.items():
        field = next(each for each in form if each.name == name)
        field.errors = field.errors or [message]
    return _page(LedgerForm(), form, status=422)


def _record(ledger: Ledger, kind: str, args: MultiDict, moment: datetime) -> None:
    """Write to the audit log that it leaves the house, before a byte of it does."""
    actions.record_export(
        get_db(),
        ledger.name,
        filters=f"{kind} {ledger.filters}".strip(),
        count=ledger.count,
        has_contacts=bool(args.get("contacts")),
        by=current_user,
        now=moment,
    )


def _make(task: Task) -> Done:
    """A long ledger, as things stand when it is made."""
    moment, query = now(), MultiDict(task.params["query"])
    ledger = exports.BY_NAME[task.params["name"]](task.db, query, by=task.by, now=moment)
    return handing_out.in_job(ledger, task, moment)


@bp.record_once
def register_job(state) -> None:
    """Let the runner know how a ledger is made."""
    app: Flask = state.app
    register(app, JOB, Kind(_make, Permission.REPORTS_READ, N_("生成台账"), "reports.index"))
