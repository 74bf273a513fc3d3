"""The deck of decisions: one case at a time. The answers themselves are moves at POST /issues/<id>/<noun>."""

from flask import Blueprint, request, session
from flask.blueprints import BlueprintSetupState
from flask_login import current_user

from app.clock import day_of, now
from app.db import get_db
from app.forms import read_id
from app.guard import requires
from app.htmx import go_to, render
from app.permissions import Permission
from app.review import deck, store
from app.rules import store as rules

bp = Blueprint("deck", __name__)

_KEY = "set_aside"
_MOST = 300
"""So many cases can be set aside in one day: the list travels in the session's cookie."""


@bp.record_once
def count_in_navigation(state: BlueprintSetupState) -> None:
    """The entry in the navigation shows how many wait."""
    state.app.extensions.setdefault("nav_counters", {})["deck.index"] = _count


def _count() -> int:
    return deck.count(get_db(), reader=current_user, now=now())


@bp.get("/review/deck")
@requires(Permission.ISSUES_DIRECT)
def index():
    """The sharpest case that is neither decided nor set aside today."""
    db, moment = get_db(), now()
    moments = deck.moments(moment, rules.get_calendar(db))
    cases = store.list_deck(db, district_id=current_user.district_id, moments=moments)
    aside = set(_set_aside())
    ahead = [row for row in cases if row["id"] not in aside]
    card = deck.card(db, ahead[0]["id"], ahead[0]["sharpness"], reader=current_user, now=moment) if ahead else None
    return render("review/deck.html", card=card, nth=len(cases) - len(ahead) + 1, total=len(cases))


@bp.post("/review/deck/set-aside")
@requires(Permission.ISSUES_DIRECT)
def set_aside():
    """Leave a case for later today, or without one look at all of them again. Tomorrow all are back by themselves."""
    issue_id = read_id(request.form.get("issue_id", ""))
    ids = [*_set_aside(), issue_id][-_MOST:] if issue_id else []
    session[_KEY] = {"by": current_user.id, "on": day_of(now()).isoformat(), "ids": ids}
    return go_to("/review/deck")


def _set_aside() -> list[int]:
    held = session.get(_KEY) or {}
    is_todays = held.get("by") == current_user.id and held.get("on") == day_of(now()).isoformat()
    return held.get("ids", []) if is_todays else []
