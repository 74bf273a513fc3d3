"""Firms: the officer's list, and one page for each firm with who to call, where it is and all that happened there."""

from operator import itemgetter

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from app.assignments import store as assignments
from app.campaigns import store as campaigns
from app.clock import now, today
from app.db import get_db
from app.errors import Invalid, NotFound
from app.firms import actions, lists, store
from app.firms.forms import PositionForm, StatusForm
from app.firms.models import FIRM_STATUS_NAMES, Firm, FirmStatus
from app.guard import requires
from app.htmx import go_to, render, wants_partial
from app.issues import list_store
from app.issues.lifecycle import STATUS_NAMES, Status
from app.permissions import Permission
from app.translation import gettext as _
from app.translation import ngettext
from app.visits import list_store as visits
from app.visits.models import MODE_NAMES, Mode

bp = Blueprint("firms", __name__)

MOST_LINES = 20
"""Of a firm's timeline; its lists have the rest."""


@bp.get("/firms/")
@requires(Permission.FIRMS_READ)
def index():
    """The firms this person may see, by name."""
    db = get_db()
    path, campaign = url_for(".index"), campaigns.get_running(db, on=today())
    firms = lists.read(
        db,
        request.args,
        by=current_user,
        now=now(),
        round_=campaign.round if campaign else None,
        path=path,
        row_path=path,
    )
    return render("firms/index.html", "firms/_list.html", firms=firms, picking=False)


@bp.get("/firms/<int:firm_id>")
@requires(Permission.FIRMS_READ)
def show(firm_id: int):
    """One firm: who it is, whom to call, where it is, what happened there."""
    return _page(_firm_or_404(firm_id))


@bp.post("/firms/<int:firm_id>/contact")
@requires(Permission.CONTACTS_REVEAL)
def reveal_contact(firm_id: int):
    """The contact's number; the look is written to the audit log."""
    firm = actions.reveal_contact(get_db(), firm_id, by=current_user, now=now())
    if wants_partial():
        return render("firms/_contact.html", firm=firm, may_reveal=True, is_revealed=True)
    return _page(firm, is_revealed=True)


@bp.post("/firms/<int:firm_id>/position")
@requires(Permission.FIRMS_EDIT)
def update_position(firm_id: int):
    """Set where the firm is to where the officer stands."""
    try:
        typed = PositionForm(request.form).read()
    except Invalid as error:
        raise Invalid(next(iter(error.fields.values()))) from error
    actions.fix_position(get_db(), firm_id, **typed, by=current_user, now=now())
    flash(_("企业位置已校正。"), "success")
    return go_to(url_for(".show", firm_id=firm_id))


@bp.post("/firms/<int:firm_id>/status")
@requires(Permission.FIRMS_EDIT)
def update_status(firm_id: int):
    """Mark the firm operating, stopped, moved or lost."""
    form = StatusForm(request.form)
    try:
        status = form.read()["status"]
    except Invalid:
        return _page(_firm_or_404(firm_id), status=422, status_form=form)
    actions.set_status(get_db(), firm_id, status=status, by=current_user, now=now())
    flash(_("企业现状已改为“%(status)s”。", status=_(FIRM_STATUS_NAMES[status])), "success")
    return go_to(url_for(".show", firm_id=firm_id))


def _firm_or_404(firm_id: int) -> Firm:
    firm = store.get_firm(get_db(), firm_id, visible_to=current_user)
    if firm is None:
        raise NotFound(actions.NO_SUCH_FIRM)
    return firm


def _page(firm: Firm, *, status: int = 200, status_form: StatusForm | None = None, is_revealed: bool = False):
    may_edit = current_user.can(Permission.FIRMS_EDIT) and firm.status is not FirmStatus.CLOSED
    return render(
        "firms/show.html",
        status=status,
        firm=firm,
        status_name=_(FIRM_STATUS_NAMES[firm.status]),
        status_form=(status_form or StatusForm(data={"status": firm.status})) if may_edit else None,
        may_edit=may_edit,
        may_reveal=current_user.can(Permission.CONTACTS_REVEAL),
        may_record=current_user.can(Permission.VISITS_RECORD),
        officers=assignments.list_current(get_db(), firm.id),
        may_assign=current_user.can(Permission.ASSIGNMENTS_EDIT),
        is_revealed=is_revealed,
        lines=_timeline(firm.id),
        visits_url=url_for("visits.index", firm_id=firm.id),
        issues_url=url_for("issues.index", firm=firm.id),
    )


def _timeline(firm_id: int) -> list[dict]:
    """Visits and issues of the firm together, newest first."""
    db = get_db()
    visit_path, issue_path = url_for("visits.index"), url_for("issues.index")
    lines = []
    for row in visits.list_visits(db, visits.Filters(firm_id=firm_id), visible_to=current_user, limit=MOST_LINES):
        counts = [
            ngettext("照片 %(num)d 张", "照片 %(num)d 张", row["photo_count"]) if row["photo_count"] else "",
            ngettext("问题 %(num)d 件", "问题 %(num)d 件", row["issue_count"]) if row["issue_count"] else "",
        ]
        lines.append(
            {
                "at": row["visited_at"],
                "url": f"{visit_path}{row['id']}",
                "title": _("%(mode)s走访", mode=_(MODE_NAMES[Mode(row["mode"])])),
                "about": [row["officer"], *(text for text in counts if text)],
                "notes": row["notes"],
                "status": None,
            }
        )
    filters = list_store.Filters(firm_id=firm_id)
    for row in list_store.list_issues(db, filters, visible_to=current_user, now=now(), limit=MOST_LINES):
        lines.append(
            {
                "at": row["reported_at"],
                "url": f"{issue_path}{row['id']}",
                "title": row["title"],
                "about": [row["number"]],
                "row": row,
                "status": row["status"],
                "status_name": _(STATUS_NAMES[Status(row["status"])]),
            }
        )
    return sorted(lines, key=itemgetter("at"), reverse=True)[:MOST_LINES]
