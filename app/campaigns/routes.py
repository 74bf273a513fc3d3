"""The office sets campaigns up, begins and ends them, reminds. How far one has come: `coverage_routes.py`."""

from collections.abc import Sequence

from flask import Blueprint, current_app, request, url_for
from flask_login import current_user

from app.campaigns import actions, pages, store
from app.campaigns.models import STATUS_NAMES, NewQuestion, Status, Step
from app.clock import now
from app.db import get_db
from app.errors import Conflict, Invalid
from app.forms import read_id
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.permissions import Permission
from app.translation import gettext as _
from app.translation import ngettext

bp = Blueprint("campaigns", __name__)

BEYOND_LIMIT = N_("必须回答的问题最多还能有 %(room)d 个，这是“填报减负”里定的上限。请改为可不答，或先调整上限。")


@bp.get("/office/campaigns")
@requires(Permission.CAMPAIGNS_READ)
def index():
    """Every campaign, the newest first; drafts and withdrawn ones for the office and the auditor."""
    rows = [
        {"campaign": campaign, "firm_count": firm_count, "status": _(STATUS_NAMES[campaign.status])}
        for campaign, firm_count in store.list_campaigns(get_db())
        if pages.may_see(campaign, current_user)
    ]
    return render("campaigns/index.html", rows=rows, may_edit=current_user.can(Permission.CAMPAIGNS_EDIT))


@bp.get("/office/campaigns/new")
@requires(Permission.CAMPAIGNS_EDIT)
def new():
    """The form of a campaign that there is not yet."""
    return pages.edit_page(pages.new_form())


@bp.post("/office/campaigns")
@requires(Permission.CAMPAIGNS_EDIT)
def create():
    """Write down a draft."""
    form = pages.new_form(request.form)
    try:
        draft = form.read_campaign()
        _refuse_beyond_limit(draft.questions)
        campaign_id = actions.create_campaign(get_db(), draft, by=current_user, now=now())
    except Invalid as error:
        return pages.edit_page(form, error=error)
    return go_to(url_for("coverage.show", campaign_id=campaign_id), _("草稿已保存，核对后再开始。"))


@bp.post("/office/campaigns/preview")
@requires(Permission.CAMPAIGNS_EDIT)
def preview():
    """What the form as it stands would come to: firms, officers, fields to fill in. For a draft or one that runs."""
    campaign_id = read_id(request.form.get("campaign", ""))
    campaign = pages.campaign_or_404(campaign_id) if campaign_id else None
    form = pages.form_of(campaign, request.form) if campaign else pages.new_form(request.form)
    return render("campaigns/_burden.html", burden=pages.burden_of(form, campaign))


@bp.get("/office/campaigns/<int:campaign_id>/edit")
@requires(Permission.CAMPAIGNS_EDIT)
def edit(campaign_id: int):
    """The form of a draft, or of one that runs."""
    campaign = pages.campaign_or_404(campaign_id)
    if campaign.status not in (Status.DRAFT, Status.RUNNING):
        raise Conflict(actions.NOT_NOW)
    return pages.edit_page(pages.form_of(campaign), campaign=campaign)


@bp.post("/office/campaigns/<int:campaign_id>")
@requires(Permission.CAMPAIGNS_EDIT)
def update(campaign_id: int):
    """Change it."""
    campaign = pages.campaign_or_404(campaign_id)
    form = pages.form_of(campaign, request.form)
    try:
        changed = form.read_campaign(None if campaign.status is Status.DRAFT else campaign)
        _refuse_beyond_limit(changed.questions)
        actions.update_campaign(get_db(), campaign_id, changed, version=_version(), by=current_user, now=now())
    except (Invalid, Conflict) as error:
        return pages.edit_page(form, campaign=campaign, error=error)
    return go_to(url_for("coverage.show", campaign_id=campaign_id), _("已保存。"))


def _refuse_beyond_limit(questions: Sequence[NewQuestion]) -> None:
    """No campaign may have more filled in than the office allows (`/office/burden`). Raises Invalid."""
    room = current_app.extensions["room_for_questions"]()
    if sum(each.is_required for each in questions) > room:
        raise Invalid(BEYOND_LIMIT, room=room)


def _version() -> int:
    """The version that stood on the page."""
    version = read_id(request.form.get("version", ""))
    if version is None:
        raise Conflict(actions.CHANGED)
    return version


def _move(campaign_id: int, step: Step, message: str):
    actions.move_campaign(get_db(), campaign_id, step, version=_version(), by=current_user, now=now())
    return go_to(url_for("coverage.show", campaign_id=campaign_id), message)


@bp.post("/office/campaigns/<int:campaign_id>/beginning")
@requires(Permission.CAMPAIGNS_EDIT)
def begin(campaign_id: int):
    """Fix its firms and let it run."""
    _refuse_beyond_limit(store.list_questions(get_db(), campaign_id))
    return _move(campaign_id, Step.BEGIN, _("活动已开始。服务官在“今日”里会看到还没走访的企业。"))


@bp.post("/office/campaigns/<int:campaign_id>/ending")
@requires(Permission.CAMPAIGNS_EDIT)
def end(campaign_id: int):
    """End it today."""
    return _move(campaign_id, Step.END, _("活动已结束，走访表上不再有它的问题。已有的回答都保留。"))


@bp.post("/office/campaigns/<int:campaign_id>/withdrawal")
@requires(Permission.CAMPAIGNS_EDIT)
def withdraw(campaign_id: int):
    """Take it back as if it had not been; what was answered stays with its visit."""
    return _move(campaign_id, Step.WITHDRAW, _("活动已撤回，不再统计。走访记录和回答都保留。"))


@bp.post("/office/campaigns/<int:campaign_id>/firms")
@requires(Permission.CAMPAIGNS_EDIT)
def add_firms(campaign_id: int):
    """Take in the firms that fit and came later."""
    added = actions.add_firms(get_db(), campaign_id, version=_version(), by=current_user, now=now())
    message = ngettext("已补入 %(num)d 家企业。", "已补入 %(num)d 家企业。", added)
    return go_to(url_for("coverage.show", campaign_id=campaign_id), message)


@bp.post("/office/campaigns/<int:campaign_id>/reminder")
@requires(Permission.CAMPAIGNS_EDIT)
def remind(campaign_id: int):
    """Remind the officers with firms left, each by one notice."""
    actions.remind(get_db(), campaign_id, by=current_user, now=now())
    return go_to(url_for("coverage.show", campaign_id=campaign_id), _("已提醒：每位服务官一条消息。"))
