"""The audit log as a file; a long one is made by a job."""

import tempfile

from flask import Blueprint, Flask, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.audit import search
from app.clock import now
from app.db import get_db
from app.downloads import TYPES, attachment
from app.errors import Invalid
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.jobs.models import Done
from app.jobs.runner import Kind, Task, register, runner
from app.permissions import Permission
from app.reports import actions
from app.reports.audit_ledger import audit_ledger
from app.reports.exports import LONG
from app.translation import language

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
    if ledger.count <= LONG:
        file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is sent)
        ledger.write(file, kind)
        return attachment(file, TYPES[kind], ledger.file_name(kind, moment))
    params = {"kind": kind, "query": request.form.to_dict(), "language": language()}
    return go_to(url_for("jobs.show", job_id=runner().ask(JOB, params, by=current_user)))


def _make(task: Task) -> Done:
    """A long one, as things stand when it is made."""
    moment, kind = now(), task.params["kind"]
    ledger = audit_ledger(task.db, MultiDict(task.params["query"]))
    with task.file.open("wb") as file:
        ledger.write(file, kind, task.progress)
    return Done(file_name=ledger.file_name(kind, moment))


@bp.record_once
def register_job(state) -> None:
    """Let the runner know how it is made."""
    app: Flask = state.app
    register(app, JOB, Kind(_make, Permission.AUDIT_READ, N_("生成审计台账"), "audit.index"))
