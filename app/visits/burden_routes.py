"""`/office/burden`: how many fields an officer must fill in, what each is for, and the limit."""

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.campaigns import store as campaigns
from app.clock import now
from app.db import get_db
from app.errors import Conflict, Invalid
from app.forms import show_problems
from app.guard import requires
from app.htmx import go_to, render
from app.permissions import Permission
from app.translation import gettext as _
from app.visits import burden_actions as actions
from app.visits import burden_store as store
from app.visits.burden import FIXED, GOVERNED, PART_NAMES, Burden, Part
from app.visits.burden_forms import BurdenBase, burden_form, count_required

bp = Blueprint("burden", __name__)


@bp.get("/office/burden")
@requires(Permission.RULES_READ)
def index():
    """What is asked now."""
    burden = store.get_burden(get_db())
    return _page(burden, burden_form(burden=burden))


@bp.post("/office/burden")
@requires(Permission.RULES_EDIT)
def change():
    """Lay down what is asked from now on."""
    db = get_db()
    before = store.get_burden(db)
    form = burden_form(request.form, burden=before)
    try:
        typed = form.read_burden()
        actions.change_burden(
            db,
            typed.fields,
            limit=typed.limit,
            required_count=_count(typed),
            was=form.was.data or "",
            by=current_user,
            now=now(),
        )
    except (Invalid, Conflict) as error:
        return _page(before, form, error=error)
    return go_to(url_for(".index"), _("已保存，服务官打开走访表时就按新的来。"))


def room_for_questions() -> int:
    """How many questions of a campaign may have to be answered before the limit is reached; never below 0."""
    burden = store.get_burden(get_db())
    return max(burden.limit - sum(map(len, count_required(burden).values())), 0)


bp.record_once(lambda state: state.app.extensions.update(room_for_questions=room_for_questions))


def asked_by_campaign() -> int:
    """How many questions of the campaign that was begun must be answered on a visit."""
    db = get_db()
    campaign = campaigns.get_started(db)
    return sum(each.is_required for each in campaigns.list_questions(db, campaign.id)) if campaign else 0


def _count(burden: Burden) -> int:
    """All that must be filled in on a visit that reports one problem."""
    return sum(map(len, count_required(burden).values())) + asked_by_campaign()


def _page(burden: Burden, form: BurdenBase, *, error: Invalid | Conflict | None = None):
    if isinstance(error, Invalid):
        show_problems(form, error)
    counted = count_required(burden)
    purposes = {each.name: burden.of(each.key).purpose or _(each.purpose) for each in GOVERNED}
    return render(
        "visits/burden.html",
        status=error.status if error else 200,
        form=form,
        was=actions.state_of(burden) if error is None or isinstance(error, Conflict) else form.was.data,
        problem=_(error.message, **error.params) if error and not getattr(error, "fields", None) else "",
        required=[
            (
                _(PART_NAMES[part]),
                [
                    (field.label.text, purposes.get(field.short_name) or _(FIXED[field.short_name]))
                    for field in counted[part]
                ],
            )
            for part in Part
        ],
        campaign_count=asked_by_campaign(),
        total=_count(burden),
        limit=burden.limit,
        parts=[(_(PART_NAMES[part]), [each for each in GOVERNED if each.part is part]) for part in Part],
        may_edit=current_user.can(Permission.RULES_EDIT),
    )
