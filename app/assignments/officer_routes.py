"""One officer's firms, and handing them over to others with what is still owed to them."""

from flask import Blueprint, current_app, request, url_for
from flask_login import current_user

from app.assignments import actions, list_store, shares, store
from app.assignments.asked import firm_status, problem_of
from app.assignments.forms import MOST_RECEIVERS, read_ids, read_receivers
from app.clock import now
from app.db import get_db
from app.errors import AppError, Conflict, Invalid, NotFound
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.issues.lifecycle import STATUS_NAMES, Status
from app.permissions import Permission
from app.translation import gettext as _
from app.translation import ngettext

bp = Blueprint("officers", __name__)


@bp.get("/office/assignments/officers/<int:user_id>")
@requires(Permission.ASSIGNMENTS_READ)
def show(user_id: int):
    """The firms of one officer, since when, and what is open there."""
    officer, rows = _officer_or_404(user_id), _firms_of(user_id)
    return render(
        "assignments/officer.html",
        officer=officer,
        rows=rows,
        elsewhere=list_store.count_elsewhere(get_db(), user_id, visible_to=current_user),
        promises=_promises([row["id"] for row, _status in rows]),
        may_edit=current_user.can(Permission.ASSIGNMENTS_EDIT),
        account_url=_account_url(user_id),
    )


@bp.get("/office/assignments/officers/<int:user_id>/hand-over")
@requires(Permission.ASSIGNMENTS_EDIT)
def hand_over(user_id: int):
    """First which firms and to whom; with both in the address, the proposal to look through."""
    officer = _officer_or_404(user_id)
    try:
        firm_ids, to_ids = read_ids(request.args, "firm"), read_ids(request.args, "to", most=MOST_RECEIVERS)
        if "to" not in request.args and "firm" not in request.args:
            return _choosing_page(officer)
        if not firm_ids:
            raise Invalid(N_("请至少选一家企业。"))
        if not to_ids:
            raise Invalid(N_("请至少选一位接手人。"))
    except Invalid as error:
        return _choosing_page(officer, error=error)
    townships = {row["id"]: row["township_id"] for row, _status in _firms_of(user_id) if row["id"] in firm_ids}
    if not townships:
        return _choosing_page(officer, error=Conflict(actions.NOT_HERS))
    return _proposal_page(officer, shares.propose(townships, to_ids), to_ids)


@bp.post("/office/assignments/officers/<int:user_id>/hand-over")
@requires(Permission.ASSIGNMENTS_EDIT)
def finish_hand_over(user_id: int):
    """Hand over as it was proposed or changed, all or nothing."""
    officer = _officer_or_404(user_id)
    receivers: dict[int, int] = {}
    try:
        receivers = read_receivers(request.form)
        count = actions.hand_over(get_db(), user_id, receivers=receivers, by=current_user, now=now())
    except Conflict as error:
        return _choosing_page(officer, error=error)
    except Invalid as error:
        if not receivers:
            return _choosing_page(officer, error=error)
        return _proposal_page(officer, receivers, list(dict.fromkeys(receivers.values())), error=error)
    message = ngettext(
        "已交接 %(num)d 家企业，未办结的问题随企业一并转到接手人。",
        "已交接 %(num)d 家企业，未办结的问题随企业一并转到接手人。",
        count,
    )
    return go_to(url_for(".show", user_id=user_id), message)


def _officer_or_404(user_id: int):
    officer = store.get_officer(get_db(), user_id, visible_to=current_user)
    if officer is None:
        raise NotFound(actions.NO_SUCH_OFFICER)
    return officer


def _firms_of(user_id: int) -> list:
    return [
        (row, firm_status(row["status"]))
        for row in list_store.list_firms_of(get_db(), user_id, visible_to=current_user)
    ]


def _promises(firm_ids: list[int]) -> list[dict]:
    """What is open at these firms and whose turn it is, the officer's own turns first."""
    return [
        {"row": row, "status_name": _(STATUS_NAMES[Status(row["status"])]), "owed": _owed(row)}
        for row in list_store.list_promises(get_db(), firm_ids)
    ]


def _owed(row) -> str:
    """What the officer of the firm has to do with this issue; '' while it is others' turn."""
    if row["status"] == Status.NEEDS_INFO:
        return _("补充情况")
    if row["status"] == Status.PROPOSED:
        return _("核实答复")
    if row["status"] == Status.CALLBACK:
        return _("等企业确认，链接已给") if row["has_link"] else _("把确认链接交给企业")
    return ""


def _account_url(user_id: int) -> str | None:
    """The page on which the account may be disabled, for who may do that."""
    view = current_app.view_functions.get("accounts.show")
    permission = getattr(view, "permission", None)
    return url_for("accounts.show", user_id=user_id) if permission and current_user.can(permission) else None


def _choosing_page(officer, *, error: AppError | None = None):
    rows = _firms_of(officer["id"])
    ticked = set(request.values.getlist("firm")) or {str(row["id"]) for row, _status in rows}
    return render(
        "assignments/hand_over.html",
        status=error.status if error else 200,
        officer=officer,
        rows=rows,
        ticked=ticked,
        chosen=set(request.values.getlist("to")),
        choices=list_store.list_to_choose(
            get_db(), visible_to=current_user, district_id=officer["district_id"], but_id=officer["id"]
        ),
        problem=problem_of(error),
    )


def _proposal_page(officer, receivers: dict[int, int], to_ids: list[int], *, error: AppError | None = None):
    people = {each: store.get_officer(get_db(), each, visible_to=current_user) for each in to_ids}
    if not all(people.values()):
        return _choosing_page(officer, error=NotFound(actions.NO_SUCH_OFFICER))
    rows = [(row, status) for row, status in _firms_of(officer["id"]) if row["id"] in receivers]
    return render(
        "assignments/proposal.html",
        status=error.status if error else 200,
        officer=officer,
        rows=rows,
        receivers=receivers,
        people=[(person, sum(each == person["id"] for each in receivers.values())) for person in people.values()],
        promises=_promises([row["id"] for row, _status in rows]),
        problem=problem_of(error),
    )
