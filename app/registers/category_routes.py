"""`/office/categories`: what officers may report, in which order they see it."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.departments import register_store as registers
from app.departments import store as departments
from app.errors import Conflict, Invalid, NotFound
from app.forms import show_problems
from app.guard import requires
from app.htmx import go_to, render
from app.permissions import Permission
from app.registers import actions
from app.registers.forms import CategoryBase, category_form
from app.translation import gettext as _

bp = Blueprint("categories", __name__)


@bp.get("/office/categories")
@requires(Permission.RULES_READ)
def index():
    """The categories in use in their order, then those out of use."""
    return _page()


def _page(*, problem: str = "", status: int = 200):
    db = get_db()
    rows = registers.list_all_categories(db)
    short = {row["id"]: row for row in registers.list_all_departments(db)}
    answering: dict[int, list] = {}
    for row in departments.list_answering(db):
        answering.setdefault(row["category_id"], []).append(short[row["department_id"]])
    return render(
        "registers/categories.html",
        status=status,
        shown=[row for row in rows if row["is_active"]],
        retired=[row for row in rows if not row["is_active"]],
        answering=answering,
        problem=problem,
        may_edit=current_user.can(Permission.RULES_EDIT),
    )


@bp.get("/office/categories/new")
@requires(Permission.RULES_EDIT)
def new():
    """The form for a new category."""
    return _form_page(_form())


@bp.post("/office/categories")
@requires(Permission.RULES_EDIT)
def create():
    """Add a category at the end of the list."""
    return _save(None)


@bp.get("/office/categories/<int:category_id>")
@requires(Permission.RULES_EDIT)
def edit(category_id: int):
    """The form of one category."""
    row = _row_or_404(category_id)
    given = {name: row[name] for name in ("name", "name_en", "hint", "hint_en")}
    given["answering_ids"] = registers.list_answering_ids(get_db(), category_id)
    return _form_page(_form(given={**given, "was": actions.state_of(row)}), row=row)


@bp.post("/office/categories/<int:category_id>")
@requires(Permission.RULES_EDIT)
def change(category_id: int):
    """Store how a category is called and explained."""
    return _save(category_id)


@bp.post("/office/categories/<int:category_id>/use")
@requires(Permission.RULES_EDIT)
def use(category_id: int):
    """Take a category out of use, or back into it."""
    is_active = request.form.get("is_active") == "yes"
    try:
        actions.use_category(get_db(), category_id, is_active=is_active, by=current_user, now=now())
    except Conflict as error:
        return _page(problem=_(error.message), status=409)
    message = _("已恢复使用，排在原来的位置。") if is_active else _("已停用。已报的问题不变，手机里待上传的照收。")
    return go_to(url_for(".index"), message)


@bp.post("/office/categories/<int:category_id>/place")
@requires(Permission.RULES_EDIT)
def place(category_id: int):
    """Move a category one place up or down."""
    up = request.form.get("to") == "up"
    actions.move_category(get_db(), category_id, up=up, by=current_user, now=now())
    return go_to(url_for(".index", _anchor=f"category-{category_id}"))


def _save(category_id: int | None):
    row = None if category_id is None else _row_or_404(category_id)
    form = _form(request.form)
    try:
        typed = form.read_category()
        actions.save_category(get_db(), category_id, typed, was=form.was.data or "", by=current_user, now=now())
    except (Invalid, Conflict) as error:
        return _form_page(form, row=row, error=error)
    return go_to(url_for(".index"), _("已保存。"))


def _row_or_404(category_id: int):
    row = registers.get_any_category(get_db(), category_id)
    if row is None:
        raise NotFound(actions.NO_SUCH_CATEGORY)
    return row


def _form(formdata=None, *, given: dict | None = None) -> CategoryBase:
    return category_form(formdata, departments=departments.list_departments(get_db()), given=given)


def _form_page(form: CategoryBase, *, row=None, error: Invalid | Conflict | None = None):
    if isinstance(error, Invalid):
        show_problems(form, error)
    return render(
        "registers/category.html",
        status=error.status if error else 200,
        form=form,
        row=row,
        problem=_(error.message) if isinstance(error, Conflict) else "",
    )
