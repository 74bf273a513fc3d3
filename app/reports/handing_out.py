"""A ledger on its way to the person who asked: a short one at once, a long one from a job with a progress bar."""

import tempfile
from datetime import datetime

from flask import Response, request, url_for
from flask_login import current_user

from app.downloads import TYPES, attachment
from app.htmx import go_to
from app.jobs.models import Done
from app.jobs.runner import Task, runner
from app.reports.exports import Ledger
from app.translation import language

LONG = 5_000
"""Lines from which a ledger is a job: Excel's file takes about a second for so many."""


def hand_out(ledger: Ledger, kind: str, moment: datetime, *, job: str, **params: str):
    """Answer with the ledger, or with the page of the job that makes it from `params` and the form as it was sent."""
    if ledger.count <= LONG:
        return at_once(ledger, kind, moment)
    asked = {**params, "kind": kind, "query": request.form.to_dict(), "language": language()}
    return go_to(url_for("jobs.show", job_id=runner().ask(job, asked, by=current_user)))


def at_once(ledger: Ledger, kind: str, moment: datetime) -> Response:
    """Write the whole file, then send it: half a ledger never leaves."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is sent)
    ledger.write(file, kind)
    return attachment(file, TYPES[kind], ledger.file_name(kind, moment))


def in_job(ledger: Ledger, task: Task, moment: datetime) -> Done:
    """Write the job's file, as things stand when it is made."""
    kind = task.params["kind"]
    with task.file.open("wb") as file:
        ledger.write(file, kind, task.progress)
    return Done(file_name=ledger.file_name(kind, moment))
