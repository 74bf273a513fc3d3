"""The bulletin 工作通报: list, draft, preview, issue, correction, the .docx, and where each figure comes from."""

import tempfile
from datetime import date

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.clock import day_of, now
from app.db import get_db
from app.downloads import attachment
from app.errors import Invalid, NotFound
from app.forms import read_id
from app.guard import requires
from app.htmx import go_to, render
from app.permissions import Permission
from app.reports import bulletin_actions as actions
from app.reports import figures, store
from app.reports.bulletin import TEXTS, full_day
from app.reports.bulletin_forms import CaseForm, NewBulletinForm, TextsForm
from app.reports.paper import write_docx
from app.review import periods
from app.review.periods import Period
from app.translation import gettext as _

bp = Blueprint("bulletins", __name__)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get("/reports/bulletins/")
@requires(Permission.BULLETINS_EDIT)
def index():
    """Every bulletin, and the form for the next."""
    period, _before = periods.named("last_month", day_of(now()))
    return _list_page(NewBulletinForm(data={"from_on": period.from_on, "to_on": period.to_on}))


def _list_page(form: NewBulletinForm, *, status: int = 200):
    return render("reports/bulletins.html", status=status, form=form, bulletins=store.list_bulletins(get_db()))


@bp.post("/reports/bulletins/")
@requires(Permission.BULLETINS_EDIT)
def create():
    """Begin a bulletin over a period: its figures are taken now."""
    form, db, moment = NewBulletinForm(request.form), get_db(), now()
    try:
        typed = form.read()
    except Invalid:
        return _list_page(form, status=422)
    period = Period(typed["from_on"], typed["to_on"])
    bulletin_id = actions.begin(db, period, lambda: figures.take(db, period, now=moment), by=current_user, now=moment)
    return go_to(url_for(".show", bulletin_id=bulletin_id))


@bp.get("/reports/bulletins/<int:bulletin_id>")
@requires(Permission.BULLETINS_EDIT)
def show(bulletin_id: int):
    """The bulletin as it stands on paper."""
    row = _row_or_404(bulletin_id)
    paper = actions.document_of(get_db(), bulletin_id, dated=day_of(now()))
    return render("reports/bulletin.html", row=row, paper=paper, dated=full_day(date.fromisoformat(paper.dated)))


@bp.get("/reports/bulletins/<int:bulletin_id>.docx")
@requires(Permission.BULLETINS_EDIT)
def download(bulletin_id: int):
    """The paper as .docx in the layout of official documents."""
    db, moment = get_db(), now()
    paper = actions.document_of(db, bulletin_id, dated=day_of(moment))
    actions.record_export(db, bulletin_id, by=current_user, now=moment)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is sent)
    write_docx(file, paper)
    return attachment(file, DOCX, f"{paper.title}.docx")


@bp.get("/reports/bulletins/<int:bulletin_id>/texts")
@requires(Permission.BULLETINS_EDIT)
def edit(bulletin_id: int):
    """The texts and the cases of a draft."""
    row = _row_or_404(bulletin_id)
    if row["status"] != "draft":
        return go_to(url_for(".show", bulletin_id=bulletin_id), _(actions.ISSUED))
    return _edit_page(row, TextsForm(data={name: row[name] for name in ("version", *TEXTS)}))


def _edit_page(row, form: TextsForm, *, status: int = 200):
    db = get_db()
    cases = store.list_cases(db, row["id"])
    chosen = {each["issue_id"] for each in cases}
    span = Period.of_texts(row["from_on"], row["to_on"]).bounds
    return render(
        "reports/texts.html",
        status=status,
        row=row,
        form=form,
        cases=cases,
        candidates=[each for each in store.list_candidates(db, span=span) if each["id"] not in chosen],
    )


@bp.post("/reports/bulletins/<int:bulletin_id>/texts")
@requires(Permission.BULLETINS_EDIT)
def write(bulletin_id: int):
    """Keep the texts."""
    row, form = _row_or_404(bulletin_id), TextsForm(request.form)
    try:
        texts = form.read()
    except Invalid:
        return _edit_page(row, form, status=422)
    actions.write(get_db(), bulletin_id, texts, version=texts.pop("version"))
    return go_to(url_for(".show", bulletin_id=bulletin_id), _("文字已保存。"))


@bp.post("/reports/bulletins/<int:bulletin_id>/figures")
@requires(Permission.BULLETINS_EDIT)
def count_anew(bulletin_id: int):
    """Take the figures of a draft again."""
    row, db, moment = _row_or_404(bulletin_id), get_db(), now()
    period = Period.of_texts(row["from_on"], row["to_on"])
    actions.count_anew(db, bulletin_id, lambda: figures.take(db, period, now=moment), now=moment)
    return go_to(url_for(".show", bulletin_id=bulletin_id), _("已按现在的情况重新取数。"))


@bp.post("/reports/bulletins/<int:bulletin_id>/cases")
@requires(Permission.BULLETINS_EDIT)
def choose_case(bulletin_id: int):
    """Take an issue as a typical case, or change what is told of it."""
    typed = CaseForm(request.form).read()
    actions.choose_case(get_db(), bulletin_id, typed["issue_id"], typed["words"])
    return go_to(url_for(".edit", bulletin_id=bulletin_id, _anchor="cases"))


@bp.post("/reports/bulletins/<int:bulletin_id>/cases/removal")
@requires(Permission.BULLETINS_EDIT)
def leave_case(bulletin_id: int):
    """Leave a case out."""
    typed = CaseForm(request.form).read()
    actions.leave_case(get_db(), bulletin_id, typed["issue_id"])
    return go_to(url_for(".edit", bulletin_id=bulletin_id, _anchor="cases"))


@bp.post("/reports/bulletins/<int:bulletin_id>/issuance")
@requires(Permission.BULLETINS_EDIT)
def issue(bulletin_id: int):
    """Issue it."""
    version = read_id(request.form.get("version", ""))
    actions.issue(get_db(), bulletin_id, version=version, by=current_user, now=now())
    return go_to(url_for(".show", bulletin_id=bulletin_id), _("已签发。文字和数字不再变动。"))


@bp.post("/reports/bulletins/<int:bulletin_id>/correction")
@requires(Permission.BULLETINS_EDIT)
def correct(bulletin_id: int):
    """Begin a bulletin that corrects this one."""
    row, db, moment = _row_or_404(bulletin_id), get_db(), now()
    period = Period.of_texts(row["from_on"], row["to_on"])
    new_id = actions.correct(db, bulletin_id, lambda: figures.take(db, period, now=moment), by=current_user, now=moment)
    return go_to(url_for(".show", bulletin_id=new_id))


def _row_or_404(bulletin_id: int):
    row = store.get_bulletin(get_db(), bulletin_id)
    if row is None:
        raise NotFound(actions.NO_SUCH)
    return row
