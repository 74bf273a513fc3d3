"""`/office/departments`: who answers for what; one at a time here, many at once by the roster."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.clock import now, today
from app.db import get_db
from app.departments import register_store as registers
from app.departments import store as departments
from app.errors import Conflict, Invalid, NotFound
from app.forms import show_problems
from app.guard import requires
from app.htmx import go_to, render
from app.permissions import Permission
from app.registers import actions
from app.registers.forms import DepartmentForm
from app.translation import gettext as _

bp = Blueprint("departments", __name__)
FIELDS = ("name", "short_name", "name_en", "aliases", "matters", "keywords")


@bp.get("/office/departments")
@requires(Permission.RULES_READ)
def index():
    """The departments in use, then those out of use."""
    rows = registers.list_all_departments(get_db())
    return render(
        "registers/departments.html",
        shown=[row for row in rows if row["is_active"]],
        retired=[row for row in rows if not row["is_active"]],
        may_edit=current_user.can(Permission.RULES_EDIT),
    )


@bp.get("/office/departments/new")
@requires(Permission.RULES_EDIT)
def new():
    """The form for a new department."""
    return _form_page(DepartmentForm())


@bp.post("/office/departments")
@requires(Permission.RULES_EDIT)
def create():
    """Add a department."""
    return _save(None)


@bp.get("/office/departments/<int:department_id>")
@requires(Permission.RULES_EDIT)
def edit(department_id: int):
    """The form of one department, and what would have to go elsewhere before it is retired."""
    row = _row_or_404(department_id)
    given = {name: row[name] for name in FIELDS}
    return _form_page(DepartmentForm(data={**given, "was": actions.state_of(row)}), row=row)


@bp.post("/office/departments/<int:department_id>")
@requires(Permission.RULES_EDIT)
def change(department_id: int):
    """Store how a department is called and what it answers for."""
    return _save(department_id)


@bp.post("/office/departments/<int:department_id>/use")
@requires(Permission.RULES_EDIT)
def use(department_id: int):
    """Take a department out of use, or back into it."""
    row, is_active = _row_or_404(department_id), request.form.get("is_active") == "yes"
    try:
        actions.use_department(get_db(), department_id, is_active=is_active, by=current_user, now=now())
    except Conflict as error:
        given = {name: row[name] for name in FIELDS}
        return _form_page(DepartmentForm(data={**given, "was": actions.state_of(row)}), row=row, error=error)
    return go_to(url_for(".index"), _("已恢复使用。") if is_active else _("已停用，新问题不再派给这个单位。"))


def _save(department_id: int | None):
    row = None if department_id is None else _row_or_404(department_id)
    form = DepartmentForm(request.form)
    try:
        typed = form.read_department()
        actions.save_department(get_db(), department_id, typed, was=form.was.data or "", by=current_user, now=now())
    except (Invalid, Conflict) as error:
        return _form_page(form, row=row, error=error)
    return go_to(url_for(".index"), _("已保存。"))


def _row_or_404(department_id: int):
    row = departments.get_department(get_db(), department_id)
    if row is None:
        raise NotFound(actions.NO_SUCH_DEPARTMENT)
    return row


def _form_page(form: DepartmentForm, *, row=None, error: Invalid | Conflict | None = None):
    if isinstance(error, Invalid):
        show_problems(form, error)
    return render(
        "registers/department.html",
        status=error.status if error else 200,
        form=form,
        row=row,
        burden=actions.burden_of(get_db(), row["id"], today=today()) if row else (0, 0),
        problem=_(error.message, **error.params) if isinstance(error, Conflict) else "",
    )
