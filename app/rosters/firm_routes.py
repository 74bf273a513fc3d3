"""A firm's record by hand: adding one, changing one."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.errors import AppError, Conflict, Invalid, NotFound
from app.filters import masked_phone
from app.firms import roster_store
from app.firms import store as firms
from app.firms.actions import NO_SUCH_FIRM
from app.firms.models import FirmStatus
from app.guard import requires
from app.htmx import go_to, render
from app.permissions import Permission
from app.places import store as places
from app.rosters import firm_actions, lookup_store, preview
from app.rosters.firm_forms import FirmBase, firm_form
from app.rosters.firm_rows import INDUSTRIES, SIZES
from app.rosters.models import Change
from app.translation import gettext as _

bp = Blueprint("firm_records", __name__)


@bp.get("/firms/new")
@requires(Permission.ROSTERS_EDIT)
def new():
    """The form for a firm that there is not yet."""
    return _page(_form())


@bp.post("/firms/")
@requires(Permission.ROSTERS_EDIT)
def create():
    """Add a firm."""
    form = _form(request.form)
    try:
        record = form.read_record()
        firm_id = firm_actions.add_firm(get_db(), record, is_other=bool(form.is_other.data), by=current_user, now=now())
    except Invalid as error:
        return _page(form, error=error)
    return go_to(url_for("firms.show", firm_id=firm_id), _("企业已新增。"))


@bp.get("/firms/<int:firm_id>/edit")
@requires(Permission.ROSTERS_EDIT)
def edit(firm_id: int):
    """The form with what is stored of a firm."""
    row = _row_or_404(firm_id)
    return _page(_form(given=_given(row)), row=row)


@bp.post("/firms/<int:firm_id>/edit")
@requires(Permission.ROSTERS_EDIT)
def update(firm_id: int):
    """Change a firm's record."""
    row = _row_or_404(firm_id)
    form = _form(request.form, given=_given(row))
    try:
        record = form.read_record()
        changed = firm_actions.change_firm(
            get_db(),
            firm_id,
            record,
            version=form.version.data or 0,
            is_other=bool(form.is_other.data),
            by=current_user,
            now=now(),
        )
    except Invalid as error:
        return _page(form, row=row, error=error)
    except Conflict as error:
        row = _row_or_404(firm_id)
        form.version.data, form.version.raw_data = row["version"], None
        return _page(form, row=row, error=error, now_stored=_differing(row, record))
    return go_to(url_for("firms.show", firm_id=firm_id), _("已保存。") if changed else _("内容没有变化。"))


def _row_or_404(firm_id: int) -> Any:
    row = lookup_store.list_firms_by_id(get_db(), [firm_id]).get(firm_id)
    if row is None or firms.get_firm(get_db(), firm_id, visible_to=current_user) is None:
        raise NotFound(NO_SUCH_FIRM)
    return row


def _form(formdata=None, *, given: dict | None = None) -> FirmBase:
    db = get_db()
    return firm_form(
        formdata, districts=places.list_districts(db), townships=lookup_store.list_all_townships(db), given=given
    )


def _given(row: Any) -> dict:
    return {**{key: row[key] for key in (*roster_store.RECORD, "version")}, "status": FirmStatus(row["status"])}


def _differing(row: Any, typed: dict) -> list[tuple[str, str]]:
    """What is stored now and is not what was typed: (field, its value in words)."""
    db = get_db()
    names: dict[str, dict[int, str]] = {
        "district_id": {each["id"]: each["name"] for each in places.list_districts(db)},
        "township_id": {each["id"]: each["name"] for each in lookup_store.list_all_townships(db)},
    }
    found = []
    for key, value in typed.items():
        if row[key] != value:
            text = names[key].get(row[key], "") if key in names else str(row[key] or "")
            name, stored, _typed = preview.change_words(Change(key, row[key], row[key], text, text))
            found.append((name, stored))
    return found


def _page(form: FirmBase, *, row: Any = None, error: AppError | None = None, now_stored=()):
    if isinstance(error, Invalid):
        for name, message in error.fields.items():
            if name in form and not form[name].errors:
                form[name].errors = [_(message, **error.params)]
    return render(
        "rosters/firm.html",
        status=error.status if error else 200,
        form=form,
        row=row,
        masked=masked_phone(row["contact_phone"]) if row else "",
        problem=_(error.message, **error.params) if isinstance(error, Conflict) else "",
        now_stored=now_stored,
        may_be_other=(isinstance(error, Invalid) and firm_actions.NEAR in error.fields.values()) or form.is_other.data,
        industries=INDUSTRIES,
        sizes=SIZES,
    )
