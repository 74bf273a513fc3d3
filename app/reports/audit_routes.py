"""The audit log as a file; a long one is made by a job."""

from flask import Blueprint, Flask, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.audit import search
from app.clock import now
from app.db import get_db
from app.errors import Invalid
from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.jobs.models import Done
from app.jobs.runner import Kind, Task, register
from app.permissions import Permission
from app.reports import actions, handing_out
from app.reports.audit_ledger import audit_ledger

bp = Blueprint("audit_reports", __name__)

JOB = "audit_ledger"


@bp.post("/reports/audit/<any(xlsx, csv):kind>")
@requires(Permission.AUDIT_READ)
def ask(kind: str):
    """The entries that were searched for; that they leave the house is an entry too, written before they do."""
    moment = now()
    try:
        ledger = audit_ledger(get_db(), request.form)
    except Invalid:
        form = search.form_of(request.form)
        form.validate()
        return render("audit/index.html", status=422, form=form, entries=[], older=None, newest=None)
    filters = f"{kind} {ledger.filters}".strip()
    actions.record_export(
        get_db(), ledger.name, filters=filters, count=ledger.count, has_contacts=False, by=current_user, now=moment
    )
    return handing_out.hand_out(ledger, kind, moment, job=JOB)


def _make(task: Task) -> Done:
    """A long one, as things stand when it is made."""
    return handing_out.in_job(audit_ledger(task.db, MultiDict(task.params["query"])), task, now())


@bp.record_once
def register_job(state) -> None:
    """Let the runner know how it is made."""
    app: Flask = state.app
    register(app, JOB, Kind(_make, Permission.AUDIT_READ, N_("生成审计台账"), "audit.index"))
