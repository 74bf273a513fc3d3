"""Which officer looks after which firm: by district, by officer, by firm, and the firms that nobody looks after."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.assignments import actions, list_store, store
from app.assignments.asked import asked_district, firm_status, page_asked, pages, problem_of
from app.assignments.forms import AssignForm, read_ids
from app.clock import now
from app.db import get_db
from app.errors import AppError, Conflict, Invalid, NotFound
from app.firms import store as firms
from app.firms.actions import NO_SUCH_FIRM
from app.firms.models import Firm, FirmStatus
from app.forms import read_id
from app.guard import requires
from app.htmx import go_to, render, wants_partial
from app.i18n import N_
from app.permissions import Permission
from app.places import store as places
from app.translation import gettext as _
from app.translation import ngettext

bp = Blueprint("assignments", __name__)

PER_PAGE, UNASSIGNED_PER_PAGE = 50, 100
LONGEST_QUERY = 40


@bp.get("/office/assignments/")
@requires(Permission.ASSIGNMENTS_READ)
def index():
    """The officers of a district with what they look after; for the city, the districts first."""
    db, district = get_db(), asked_district()
    district_id = district["id"] if district else None
    query, page = request.args.get("q", "").strip()[:LONGEST_QUERY], page_asked()
    rows = list_store.list_officers(
        db, visible_to=current_user, district_id=district_id, query=query, page=page, limit=PER_PAGE
    )
    by_district = [] if district else list_store.list_by_district(db)
    return render(
        "assignments/index.html",
        "assignments/_officers.html",
        district=district,
        query=query,
        is_own=current_user.district_id is not None,
        by_district=by_district,
        unassigned=sum(row["unassigned"] for row in by_district)
        if by_district
        else list_store.count_unassigned(db, visible_to=current_user, district_id=district_id),
        officers=rows[:PER_PAGE],
        nth=page,
        pages=pages(page, has_more=len(rows) > PER_PAGE, district=district_id, q=query or None),
    )


@bp.get("/office/assignments/unassigned")
@requires(Permission.ASSIGNMENTS_READ)
def unassigned():
    """The firms that nobody leads, to be given to an officer."""
    return _unassigned_page()


@bp.post("/office/assignments/unassigned")
@requires(Permission.ASSIGNMENTS_EDIT)
def assign_unassigned():
    """Give the ticked firms one lead."""
    try:
        firm_ids = read_ids(request.form, "firm")
        user_id = read_id(request.form.get("user_id", ""))
        if user_id is None:
            raise Invalid(N_("请选择首席服务官。"))
        count = actions.assign_leads(get_db(), firm_ids, user_id=user_id, by=current_user, now=now())
    except (Invalid, Conflict) as error:
        return _unassigned_page(error)
    officer = store.get_officer(get_db(), user_id, visible_to=current_user)
    message = ngettext(
        "已将 %(num)d 家企业交 %(name)s 包联。", "已将 %(num)d 家企业交 %(name)s 包联。", count, name=officer["name"]
    )
    return go_to(url_for(".unassigned", district=request.args.get("district")), message)


@bp.get("/office/assignments/choices")
@requires(Permission.ASSIGNMENTS_EDIT)
def choices():
    """The officers that a search finds, as the options of a picker; there is no such page by itself."""
    if not wants_partial():
        return go_to(url_for(".index"))
    query = request.args.get("find", "").strip()[:LONGEST_QUERY]
    district_id = read_id(request.args.get("near", ""))
    found = list_store.list_to_choose(get_db(), visible_to=current_user, district_id=district_id, query=query)
    return render("assignments/_options.html", choices=found, chosen=None, query=query)


@bp.get("/office/assignments/firms/<int:firm_id>")
@requires(Permission.ASSIGNMENTS_READ)
def firm(firm_id: int):
    """Who looks after one firm, now and before."""
    return _firm_page(_firm_or_404(firm_id))


@bp.post("/office/assignments/firms/<int:firm_id>")
@requires(Permission.ASSIGNMENTS_EDIT)
def assign(firm_id: int):
    """Give the firm a lead or a deputy."""
    found, form = _firm_or_404(firm_id), AssignForm(request.form)
    try:
        typed = form.read()
        is_changed = actions.assign(
            get_db(),
            firm_id,
            user_id=typed["user_id"],
            is_lead=typed["part"] == "lead",
            from_on=typed["from_on"],
            until_on=typed["until_on"],
            seen=read_ids(request.form, "seen"),
            by=current_user,
            now=now(),
        )
    except (Invalid, Conflict) as error:
        return _firm_page(found, form=form, error=error)
    return go_to(url_for(".firm", firm_id=firm_id), _("首席服务官已调整。") if is_changed else _("没有要改的地方。"))


@bp.post("/office/assignments/firms/<int:firm_id>/ending")
@requires(Permission.ASSIGNMENTS_EDIT)
def end(firm_id: int):
    """Take an officer off the firm."""
    found, user_id = _firm_or_404(firm_id), read_id(request.form.get("user_id", ""))
    try:
        if user_id is None:
            raise Invalid(N_("请从页面上的名单选择。"))
        actions.end(get_db(), firm_id, user_id=user_id, by=current_user, now=now())
    except (Invalid, Conflict) as error:
        return _firm_page(found, error=error)
    return go_to(url_for(".firm", firm_id=firm_id), _("已结束。以前的记录仍保留在下面。"))


def _unassigned_page(error: AppError | None = None):
    db, district, page = get_db(), asked_district(), page_asked()
    district_id = district["id"] if district else None
    rows = list_store.list_unassigned(
        db, visible_to=current_user, district_id=district_id, page=page, limit=UNASSIGNED_PER_PAGE
    )
    may_edit = current_user.can(Permission.ASSIGNMENTS_EDIT)
    return render(
        "assignments/unassigned.html",
        status=error.status if error else 200,
        district=district,
        districts=places.list_districts(db) if current_user.district_id is None else [],
        total=list_store.count_unassigned(db, visible_to=current_user, district_id=district_id),
        rows=[(row, firm_status(row["status"])) for row in rows[:UNASSIGNED_PER_PAGE]],
        nth=page,
        pages=pages(page, has_more=len(rows) > UNASSIGNED_PER_PAGE, district=district_id),
        may_edit=may_edit,
        choices=_choices(district_id) if may_edit else [],
        chosen=read_id(request.form.get("user_id", "")),
        ticked=set(request.form.getlist("firm")),
        problem=problem_of(error),
    )


def _choices(district_id: int | None) -> list:
    return list_store.list_to_choose(get_db(), visible_to=current_user, district_id=district_id)


def _firm_or_404(firm_id: int) -> Firm:
    found = firms.get_firm(get_db(), firm_id, visible_to=current_user)
    if found is None:
        raise NotFound(NO_SUCH_FIRM)
    return found


def _firm_page(found: Firm, *, form: AssignForm | None = None, error: AppError | None = None):
    db = get_db()
    may_edit = current_user.can(Permission.ASSIGNMENTS_EDIT) and found.status is not FirmStatus.CLOSED
    form = form or AssignForm()
    if isinstance(error, Invalid):
        for name, message in error.fields.items():
            if name in form and not form[name].errors:
                form[name].errors = [_(message, **error.params)]
    return render(
        "assignments/firm.html",
        status=error.status if error else 200,
        firm=found,
        current=store.list_current(db, found.id),
        past=store.list_past(db, found.id),
        form=form,
        may_edit=may_edit,
        choices=_choices(found.district_id) if may_edit else [],
        problem="" if isinstance(error, Invalid) and error.fields else problem_of(error),
    )
