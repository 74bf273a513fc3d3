"""The office's rosters: a template to fill in, a file to take in, and the jobs that read and store it."""

import tempfile
from pathlib import Path

from flask import Blueprint, Flask, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.downloads import TYPES, attachment
from app.errors import Conflict
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.jobs.models import Done
from app.jobs.runner import Kind as JobKind
from app.jobs.runner import TakenOver, Task, register, runner
from app.permissions import Permission
from app.rosters import actions, preview, spreadsheets, store, workbooks
from app.rosters.cells import Wrong
from app.rosters.forms import UploadForm
from app.rosters.models import KIND_NAMES, STATE_NAMES, Kind, State
from app.translation import gettext as _

bp = Blueprint("rosters", __name__)

_KIND = f"<any({', '.join(Kind)}):kind>"
_SHOWN_IMPORTS = 20
ABOUT = {
    Kind.FIRMS: N_("企业名称、信用代码、区县、地址、联系人，可一并写首席服务官"),
    Kind.OFFICERS: N_("姓名、手机号、区县、单位职务；新账号由市营商办发放首次密码"),
    Kind.DEPARTMENTS: N_("单位名称、简称、曾用名、职责事项"),
    Kind.HANDLERS: N_("各责任单位签收、答复问题的人"),
    Kind.ASSIGNMENTS: N_("哪位首席服务官包联、协助哪家企业"),
}


@bp.get("/office/rosters/")
@requires(Permission.ROSTERS_EDIT)
def index():
    """The five rosters, and what was taken in lately."""
    kinds = [(kind, _(KIND_NAMES[kind]), _(ABOUT[kind])) for kind in Kind]
    imports = [
        (row, _(KIND_NAMES[Kind(row["kind"])]), _(STATE_NAMES[State(row["state"])]))
        for row in store.list_imports(get_db(), limit=_SHOWN_IMPORTS)
    ]
    return render("rosters/index.html", kinds=kinds, imports=imports)


@bp.get(f"/office/rosters/{_KIND}")
@requires(Permission.ROSTERS_EDIT)
def new(kind: str):
    """Where a file of this roster is handed in."""
    return _upload_page(Kind(kind), UploadForm())


@bp.get(f"/office/rosters/{_KIND}/template.xlsx")
@requires(Permission.ROSTERS_EDIT)
def template(kind: str):
    """The empty roster to fill in."""
    which = Kind(kind)
    file = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 (the response closes it)
    workbooks.write_template(
        file,
        which,
        title=workbooks.title_of(which),
        lists=preview.template_lists(get_db(), which),
        how_to=[_(line) for line in workbooks.HOW_TO[which]],
    )
    return attachment(file, TYPES["xlsx"], f"{workbooks.title_of(which)}_{_('模板')}.xlsx")


@bp.post(f"/office/rosters/{_KIND}")
@requires(Permission.ROSTERS_EDIT)
def upload(kind: str):
    """Take a file in: what is no roster is refused at once, the rest is read by a job into its preview."""
    which, form, file = Kind(kind), UploadForm(request.form), request.files.get("file")
    if file is None or not file.filename:
        form.file.errors = [_("请选择要导入的文件。")]
        return _upload_page(which, form, status=422)
    folder = preview.folder()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".upload-", delete=False) as held:
        path = Path(held.name)
        file.save(held)
    try:
        spreadsheets.check(path, which)
        import_id = actions.begin(
            get_db(),
            path,
            folder,
            kind=which,
            file_name=Path(file.filename.replace("\\", "/")).name[:120],
            is_full=bool(form.is_full.data),
            by=current_user,
            now=now(),
        )
    except Wrong as wrong:
        form.file.errors = [_(wrong.message, **wrong.params)]
        return _upload_page(which, form, status=422)
    finally:
        path.unlink(missing_ok=True)
    job_id = runner().ask(actions.READ_JOB, {"import_id": import_id}, by=current_user)
    return go_to(url_for("jobs.show", job_id=job_id))


def _upload_page(kind: Kind, form: UploadForm, *, status: int = 200):
    how_to = [_(line) for line in workbooks.HOW_TO[kind]]
    return render(
        "rosters/upload.html",
        status=status,
        kind=kind,
        name=_(KIND_NAMES[kind]),
        about=_(ABOUT[kind]),
        form=form,
        how_to=how_to,
    )


def _read(task: Task) -> Done:
    """Read an upload into its preview."""
    return _worked_off(
        task, lambda folder, import_id: actions.read(task.db, folder, import_id, now=now(), progress=task.progress)
    )


def _store(task: Task) -> Done:
    """Store a preview."""
    return _worked_off(
        task,
        lambda folder, import_id: actions.apply(
            task.db, folder, import_id, by_id=task.by.id, now=now(), progress=task.progress
        ),
    )


def _worked_off(task: Task, step) -> Done:
    import_id = int(task.params["import_id"])
    try:
        step(task.settings.rosters, import_id)
    except (Conflict, TakenOver):
        raise
    except Exception:
        actions.break_off(task.db, import_id, message=actions.BROKE)
        raise
    return Done(result_url=f"/office/rosters/imports/{import_id}")


@bp.record_once
def register_jobs(state) -> None:
    """Let the runner know how a roster is read and stored."""
    app: Flask = state.app
    register(app, actions.READ_JOB, JobKind(_read, Permission.ROSTERS_EDIT, N_("读取名册"), "rosters.index"))
    register(app, actions.STORE_JOB, JobKind(_store, Permission.ROSTERS_EDIT, N_("名册入库"), "rosters.index"))
