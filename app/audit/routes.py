"""The audit log, for reading."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from app.audit import store
from app.audit.forms import AuditForm
from app.audit.models import ACTION_NAMES, OBJECT_NAMES
from app.clock import LOCAL
from app.db import get_db
from app.errors import Invalid
from app.forms import read_id
from app.guard import requires
from app.htmx import render
from app.permissions import Permission

bp = Blueprint("audit", __name__)

PER_PAGE = 50


@bp.get("/office/audit/")
@requires(Permission.AUDIT_READ)
def index():
    """The entries, newest first, searched by action and by day."""
    form = AuditForm(request.args)
    try:
        asked = form.read()
    except Invalid:
        return render("audit/index.html", status=422, form=form, entries=[], older=None, newest=None)
    since = datetime.combine(asked["day"], time(), LOCAL) if asked["day"] else None
    rows = store.list_entries(
        get_db(),
        before_id=asked["before"],
        action=asked["action"],
        since=since,
        until=since + timedelta(days=1) if since else None,
        limit=PER_PAGE,
    )
    names = store.list_names(get_db(), [row["object"] for row in rows])
    kept = {"action": asked["action"] or None, "day": asked["day"]}
    return render(
        "audit/index.html",
        form=form,
        entries=[_shown(row, names) for row in rows[:PER_PAGE]],
        older=url_for(".index", before=rows[PER_PAGE - 1]["id"], **kept) if len(rows) > PER_PAGE else None,
        newest=url_for(".index", **kept) if asked["before"] else None,
    )


def _shown(row: Mapping, names: Mapping[str, str]) -> dict:
    kind, _colon, number = row["object"].partition(":")
    number_id = read_id(number)
    return {
        "row": row,
        "action": _(ACTION_NAMES.get(name := row["action"], name)),
        "object": f"{_(OBJECT_NAMES[kind]) if kind in OBJECT_NAMES else kind} {number}".strip(),
        "name": names.get(row["object"], ""),
        "url": _address(kind, number_id) if number_id else None,
    }


def _address(kind: str, number: int) -> str | None:
    """The page of what the entry is about, where it has one."""
    if kind == "firm":
        return url_for("firms.show", firm_id=number)
    if kind == "issue":
        return url_for("issues.show", issue_id=number)
    return None
