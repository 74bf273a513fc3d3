"""Watching one's own long work, and fetching what it made."""

from flask import Blueprint, current_app
from flask_login import current_user

from app.db import get_db
from app.downloads import TYPES, attachment
from app.errors import NotFound
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.jobs import actions, store
from app.jobs.models import Job
from app.jobs.runner import Kind, runner
from app.permissions import Permission

bp = Blueprint("jobs", __name__)

NO_SUCH_JOB = N_("没有这项任务，或它的文件已过期删除。请重新生成。")


@bp.get("/jobs/<int:job_id>")
@requires(Permission.OWN_ACCOUNT)
def show(job_id: int):
    """How far it is; when it is done, its file. A page that it led to opens at once."""
    job, kind = _job_or_404(job_id)
    if job.result_url:
        return go_to(job.result_url)
    return render("jobs/show.html", "jobs/_job.html", job=job, kind=kind)


@bp.get("/jobs/<int:job_id>/file")
@requires(Permission.OWN_ACCOUNT)
def fetch(job_id: int):
    """What it made."""
    job, _kind = _job_or_404(job_id)
    path = actions.file_of(current_app.config["SETTINGS"].exports, job.id)
    if not job.file_name or not path.exists():
        raise NotFound(NO_SUCH_JOB)
    return attachment(path.open("rb"), TYPES[job.file_name.rsplit(".", 1)[-1]], job.file_name)


def _job_or_404(job_id: int) -> tuple[Job, Kind]:
    """One's own job, if one still may have what it makes."""
    job = store.get_job(get_db(), job_id, asked_by=current_user.id)
    kind = runner().kinds.get(job.kind) if job else None
    if job is None or kind is None or not current_user.can(kind.permission):
        raise NotFound(NO_SUCH_JOB)
    return job, kind
