"""`/office/health`: the office's page on backups and health, and a check on demand."""

from flask import Blueprint, Flask, current_app, url_for
from flask_login import current_user

from app.backup import check_actions, health, page
from app.clock import now
from app.db import get_db
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.jobs.models import Done
from app.jobs.runner import Kind, Task, register, runner
from app.permissions import Permission

bp = Blueprint("backup", __name__)

JOB = "check"


@bp.get("/office/health")
@requires(Permission.OFFICE_READ)
def index():
    """The last backup, the last check, room on the disks, what waits, versions."""
    config = current_app.config
    shown = page.overview(get_db(), config["SETTINGS"], health.ask(), release=config["RELEASE"], now=now())
    return render("backup/index.html", shown=shown, may_check=current_user.can(Permission.CHECKS_RUN))


@bp.post("/office/health/checks")
@requires(Permission.CHECKS_RUN)
def create_check():
    """Look at all data now; a job, since a large city takes a minute."""
    job_id = runner().ask(JOB, {}, by=current_user)
    return go_to(url_for("jobs.show", job_id=job_id))


def _check(task: Task) -> Done:
    findings = check_actions.check(
        task.db, task.settings.photos, pending=[], progress=lambda _what, done, total: task.progress(done, total)
    )
    check_actions.remember(task.db, findings, deep=False, by=task.by, now=now())
    return Done(result_url="/office/health")


@bp.record_once
def register_job(state) -> None:
    """Let the runner know how a check is made."""
    app: Flask = state.app
    register(app, JOB, Kind(_check, Permission.CHECKS_RUN, N_("检查数据"), "backup.index"))
