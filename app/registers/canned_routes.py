"""`/answers/`: texts for answers to firms, kept by each department for itself and by the office for the city."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.departments import register_store as registers
from app.errors import Conflict, Invalid
from app.forms import show_problems
from app.guard import requires
from app.htmx import go_to, render
from app.permissions import Permission
from app.registers import canned_actions as actions
from app.registers import canned_store as store
from app.registers.forms import CannedBase, canned_form
from app.translation import gettext as _

bp = Blueprint("answers", __name__)


@bp.get("/answers/")
@requires(Permission.ANSWERS_READ)
def index():
    """Her own first, then those that others keep and she sees."""
    rows = store.list_answers(get_db(), visible_to=current_user)
    may_edit = current_user.can(Permission.ANSWERS_EDIT)
    own = [row for row in rows if may_edit and actions.is_kept_by(row, current_user)]
    return render(
        "registers/answers.html",
        own=[row for row in own if row["is_active"]],
        retired=[row for row in own if not row["is_active"]],
        others=[row for row in rows if row["is_active"] and row not in own],
        may_edit=may_edit,
        is_city=current_user.department_id is None,
    )


@bp.get("/answers/new")
@requires(Permission.ANSWERS_EDIT)
def new():
    """The form for a new one."""
    return _form_page(_form())


@bp.post("/answers/")
@requires(Permission.ANSWERS_EDIT)
def create():
    """Add one."""
    return _save(None)


@bp.get("/answers/<int:answer_id>")
@requires(Permission.ANSWERS_EDIT)
def edit(answer_id: int):
    """The form of one of her own."""
    row = actions.own_answer(get_db(), answer_id, by=current_user)
    given = {key: row[key] for key in ("title", "category_id", "body", "version")}
    return _form_page(_form(given=given, row=row), row=row)


@bp.post("/answers/<int:answer_id>")
@requires(Permission.ANSWERS_EDIT)
def change(answer_id: int):
    """Store how one reads now."""
    return _save(answer_id)


@bp.post("/answers/<int:answer_id>/use")
@requires(Permission.ANSWERS_EDIT)
def use(answer_id: int):
    """Take one out of use, or back into it."""
    is_active = request.form.get("is_active") == "yes"
    actions.use_answer(get_db(), answer_id, is_active=is_active, by=current_user, now=now())
    return go_to(url_for(".index"), _("已恢复使用。") if is_active else _("已停用，答复时不再提供。"))


def _save(answer_id: int | None):
    row = actions.own_answer(get_db(), answer_id, by=current_user) if answer_id else None
    form = _form(request.form, row=row)
    try:
        typed = form.read_answer()
        actions.save_answer(get_db(), answer_id, typed, version=form.version.data, by=current_user, now=now())
    except (Invalid, Conflict) as error:
        return _form_page(form, row=row, error=error)
    return go_to(url_for(".index"), _("已保存。"))


def _form(formdata=None, *, given: dict | None = None, row=None) -> CannedBase:
    """The categories in use, and the one that it already has."""
    held = row["category_id"] if row else None
    rows = registers.list_all_categories(get_db())
    return canned_form(
        formdata, categories=[each for each in rows if each["is_active"] or each["id"] == held], given=given
    )


def _form_page(form: CannedBase, *, row=None, error: Invalid | Conflict | None = None):
    return render(
        "registers/answer.html",
        status=error.status if error else 200,
        form=show_problems(form, error) if isinstance(error, Invalid) else form,
        row=row,
        problem=_(error.message) if isinstance(error, Conflict) else "",
    )
