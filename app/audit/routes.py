"""The audit log, for reading; and what is refused to a signed-in person, written into it."""

from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask_login import current_user

from app.audit import actions, search, store
from app.audit.words import shown
from app.clock import now
from app.db import get_db
from app.errors import Invalid
from app.guard import requires
from app.htmx import render
from app.permissions import Permission
from app.rate_limit import SlidingWindow

bp = Blueprint("audit", __name__)

PER_PAGE = 50
REFUSED_EACH, REFUSED_ALL, WINDOW_S = 20, 2000, 600
"""Refusals written in ten minutes: of one person, and altogether. Who knocks on a thousand doors fills no disk."""


@bp.get("/office/audit/")
@requires(Permission.AUDIT_READ)
def index():
    """The entries, newest first, searched by action, person, thing and days."""
    db, form = get_db(), search.form_of(request.args)
    try:
        asked, typed = search.read(db, form)
    except Invalid:
        return render("audit/index.html", status=422, form=form, entries=[], older=None, newest=None)
    rows = store.list_entries(db, asked, before_id=typed["before"], limit=PER_PAGE)
    names = store.list_names(db, [row["object"] for row in rows])
    kept: dict[str, Any] = {
        name: request.args.get(name) or None for name in ("action", "person", "about", "from", "to")
    }
    return render(
        "audit/index.html",
        form=form,
        entries=[{**shown(row, names), "row": row} for row in rows[:PER_PAGE]],
        older=url_for(".index", before=rows[PER_PAGE - 1]["id"], **kept) if len(rows) > PER_PAGE else None,
        newest=url_for(".index", **kept) if typed["before"] else None,
    )


@bp.after_app_request
def record_refusal(response):
    """Write down that a signed-in person asked for what is not hers: a page (403), or a thing she may not see (404).

    An id that never was looks the same as one that is hidden, here as in the answer.
    """
    thing = next((name for name in request.view_args or {} if name.endswith("_id")), None)
    is_refused = response.status_code == 403 or (response.status_code == 404 and thing is not None)
    if not is_refused or request.endpoint is None or not current_user.is_authenticated or current_user.due:
        return response
    window = current_app.extensions.setdefault(
        "refusals", SlidingWindow(each=REFUSED_EACH, all_=REFUSED_ALL, seconds=WINDOW_S)
    )
    if window.take(str(current_user.id)):
        object_ = f"{thing[:-3]}:{(request.view_args or {})[thing]}" if thing else "page"
        detail = f"{response.status_code} {request.method} {request.endpoint}"
        actions.record_refusal(get_db(), object_, detail=detail, by_id=current_user.id, now=now())
    return response
