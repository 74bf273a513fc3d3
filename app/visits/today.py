"""An officer's first page."""

from flask_login import current_user

from app.campaigns import store as campaigns
from app.clock import now, today
from app.db import get_db
from app.filters import pair
from app.firms import store as firms
from app.htmx import render
from app.issues import clock_words, open_store
from app.issues.lifecycle import STATUS_NAMES, Status
from app.rules import store as rules
from app.translation import gettext as _
from app.visits import list_store
from app.visits.models import MODE_NAMES

MOST_WAITING, MOST_UNVISITED, MOST_RECENT = 8, 6, 3
MOST_SORTED = 40
"""Unvisited firms that the page carries, so that the phone itself finds the nearest among them."""


def page():
    """An officer's first page: what waits for her, whom to visit, what she did last."""
    db, moment = get_db(), now()
    waiting = open_store.list_waiting(db, visible_to=current_user, now=moment, limit=MOST_WAITING)
    campaign = campaigns.get_running(db, on=today())
    round_ = campaign.round if campaign else None
    calendar = rules.get_calendar(db)
    return render(
        "visits/today.html",
        waiting=[_waiting(row, moment, calendar) for row in waiting[:MOST_WAITING]],
        has_more_waiting=len(waiting) > MOST_WAITING,
        campaign=campaign,
        counts=firms.count_by_state(db, visible_to=current_user, round_=round_),
        unvisited=firms.list_unvisited(db, visible_to=current_user, round_=round_, limit=MOST_SORTED) if round_ else [],
        most_unvisited=MOST_UNVISITED,
        recent=list_store.list_visits(db, visible_to=current_user, limit=MOST_RECENT)[:MOST_RECENT],
        mode_names=MODE_NAMES,
    )


def _waiting(row, moment, calendar) -> dict:
    """An issue that waits, with the line that says for what."""
    clock = clock_words.of_row(row, now=moment, calendar=calendar)
    category = pair(row, "category")
    if row["status"] == Status.NEEDS_INFO:
        reason = _("请补充：%(what)s", what=row["asked"] or row["title"])
    elif row["status"] == Status.PROPOSED:
        reason = _("%(category)s：责任单位已答复，请与企业核实", category=category)
    elif row["link_opened_at"]:
        reason = _("%(category)s：企业已打开确认链接，尚未选择", category=category)
    elif row["has_link"]:
        reason = _("%(category)s：确认链接已生成，等企业打开", category=category)
    else:
        reason = _("%(category)s：请把确认链接或二维码交给企业", category=category)
    return {"row": row, "status_name": _(STATUS_NAMES[Status(row["status"])]), "reason": reason, "clock": clock}
