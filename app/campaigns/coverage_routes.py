"""How far a campaign has come: by district, by unit, by day; each number opens the firms behind it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, request, url_for
from flask_login import current_user

from app.campaigns import coverage_store, pages, store
from app.campaigns.coverage import Share, coverage
from app.campaigns.coverage_store import FirmFilters
from app.campaigns.models import STATUS_NAMES, YES_NO, Campaign, Status
from app.clock import midnight, now, to_text, today
from app.db import get_db
from app.errors import NotFound
from app.filters import day, named
from app.forms import read_id
from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.permissions import Permission
from app.places import store as places
from app.translation import gettext as _
from app.visits import store as visits

bp = Blueprint("coverage", __name__)

PER_PAGE = 50
LAST_PAGE = 3000
STATES = {
    "": N_("全部企业"),
    "visited": N_("已走访"),
    "unvisited": N_("还没走访"),
    "out": N_("不计入"),
}
LONGEST_UNIT = 60
NO_SUCH_FILTER = N_("没有这样的筛选条件。请从页面上选择。")


@bp.get("/office/campaigns/<int:campaign_id>")
@requires(Permission.CAMPAIGNS_READ)
def show(campaign_id: int):
    """One campaign: what it is, and how far it has come in the reader's district or the whole city."""
    db, moment = get_db(), now()
    campaign = pages.campaign_or_404(campaign_id, reader=current_user)
    own = current_user.district_id
    found = None
    if campaign.status in (Status.RUNNING, Status.ENDED):
        found = coverage(coverage_store.count_groups(db, campaign, district_id=own))
    may_edit = current_user.can(Permission.CAMPAIGNS_EDIT)
    choice = store.get_choice(db, campaign.id)
    return render(
        "campaigns/show.html",
        campaign=campaign,
        status_name=_(STATUS_NAMES[campaign.status]),
        moment=moment,
        found=found,
        target=campaign.target_count(found.total.firms) if found and own is None else None,
        districts=_districts(found.districts) if found and own is None else [],
        units=_units(found.units) if found else [],
        days=found.days(campaign.from_on, min(campaign.to_on, max(today(), campaign.from_on))) if found else [],
        questions=store.list_questions(db, campaign.id),
        answered=_answered(visits.count_answers(db, campaign.id, district_id=own)),
        chosen=pages.words_of(choice),
        burden=pages.burden_of_stored(campaign, choice) if may_edit and campaign.status is Status.DRAFT else None,
        missing=coverage_store.count_missing(db, campaign.id, choice)
        if may_edit and campaign.status is Status.RUNNING
        else 0,
        reminders=store.list_reminders(db, campaign.id) if may_edit else [],
        may_edit=may_edit,
    )


def _answered(rows: Sequence[Mapping]) -> list[dict]:
    """What was answered, question by question: each answer with its number and the visits behind it."""
    found: dict[int, dict] = {}
    for row in rows:
        each = found.setdefault(row["id"], {"text": row["text"], "is_asked": row["is_asked"], "bars": []})
        label = row["answer"] if row["answer"] is not None else _("有回答")
        url = url_for("visits.index", question=row["id"], answer=row["answer"])
        each["bars"].append({"label": _(label) if label in YES_NO else label, "n": row["n"], "url": url})
    return list(found.values())


def _districts(shares: dict[int, Share]) -> list[dict]:
    """Every district that has firms in it, by its number, never by how far it has come."""
    rows = [row for row in places.list_districts(get_db()) if row["id"] in shares]
    return [{"name": named(row), "share": shares[row["id"]], "query": {"district": row["id"]}} for row in rows]


def _units(shares: dict[str, Share]) -> list[dict]:
    """The units of the officers in charge by name, firms whose officer names none last."""
    return [
        {"name": unit or _("没有登记单位"), "share": shares[unit], "query": {"unit": unit}}
        for unit in sorted(shares, key=lambda unit: (not unit, unit))
    ]


@bp.get("/office/campaigns/<int:campaign_id>/firms")
@requires(Permission.CAMPAIGNS_READ)
def list_firms(campaign_id: int):
    """The firms behind a number, by district and name."""
    db, page = get_db(), read_id(request.args.get("page", "1"))
    campaign = pages.campaign_or_404(campaign_id, reader=current_user)
    if page is None or page > LAST_PAGE:
        raise NotFound(N_("没有这一页。请从第一页看起。"))
    filters = _read_filters(campaign)
    rows = coverage_store.list_firms(db, campaign, filters, page=page, limit=PER_PAGE)
    query: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page"}
    return render(
        "campaigns/firms.html",
        campaign=campaign,
        rows=rows[:PER_PAGE],
        total=coverage_store.count_firms(db, campaign, filters),
        narrowed=_words(filters),
        states=[
            (_(label), url_for(".list_firms", campaign_id=campaign.id, **{**query, "state": key or None}), key)
            for key, label in STATES.items()
        ],
        state=filters.state,
        nth=page,
        previous_url=_page_url(campaign, query, page - 1) if page > 1 else None,
        next_url=_page_url(campaign, query, page + 1) if len(rows) > PER_PAGE else None,
    )


def _page_url(campaign: Campaign, query: dict, page: int) -> str:
    return url_for(".list_firms", campaign_id=campaign.id, **{**query, "page": page})


def _read_filters(campaign: Campaign) -> FirmFilters:
    """What the address asks for, never beyond the reader's district. NotFound for what no link of ours has."""
    args = request.args
    district_id, state, unit = read_id(args.get("district", "")), args.get("state", ""), args.get("unit")
    if (args.get("district") and district_id is None) or state not in STATES or len(unit or "") > LONGEST_UNIT:
        raise NotFound(NO_SUCH_FILTER)
    own = current_user.district_id
    if own is not None and district_id not in (None, own):
        raise NotFound(NO_SUCH_FILTER)
    return FirmFilters(district_id=own or district_id, unit=unit, state=state, met=_read_day(campaign, args.get("day")))


def _read_day(campaign: Campaign, raw: str | None) -> tuple[str, str] | None:
    if not raw:
        return None
    try:
        on = date.fromisoformat(raw)
    except ValueError as error:
        raise NotFound(NO_SUCH_FILTER) from error
    if not campaign.from_on <= on <= campaign.to_on:
        raise NotFound(NO_SUCH_FILTER)
    return to_text(midnight(on)), to_text(midnight(on + timedelta(days=1)))


def _words(filters: FirmFilters) -> str:
    """What the list is narrowed to, for its head."""
    parts = []
    if filters.district_id is not None:
        parts.append(named(places.get_district(get_db(), filters.district_id)))
    if filters.unit is not None:
        parts.append(filters.unit or _("没有登记单位"))
    if filters.met is not None:
        parts.append(_("%(day)s首次走访", day=day(filters.met[0])))
    return _("，").join(part for part in parts if part)
