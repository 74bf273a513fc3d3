"""The inbox, and for the office the messages that could not be delivered."""

import logging
from collections.abc import Mapping

from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.errors import Invalid, NotFound
from app.forms import read_id
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.issues import store as issues
from app.notices import actions, delivery_actions, delivery_store, store, ticker
from app.notices.models import CHANNEL_NAMES, KIND_NAMES, TONES, Channel, Kind
from app.permissions import Permission
from app.translation import gettext as _
from app.translation import ngettext

bp = Blueprint("notices", __name__)
log = logging.getLogger("qifang")

PER_PAGE = 30
LAST_PAGE = 200


@bp.after_app_request
def tell(response: Response) -> Response:
    """After whatever may have moved an issue: tell its people now, rather than with the next tick.

    Outside the move's own transaction: a notice that cannot be written must not undo a move, and the next tick finds
    what is left behind the cursor. In haste: nobody's answer waits for what a thousand others did.
    """
    if request.method not in ("GET", "HEAD", "OPTIONS") and response.status_code < 400:
        try:
            outgoing = ticker.outgoing_of(current_app.config["SETTINGS"])
            actions.catch_up(get_db(), now=now(), outgoing=outgoing, is_in_haste=True)
            actions.tell_campaigns(get_db(), now=now())
        except Exception:  # what was asked for is done and must be said so
            log.exception("notices wait for the next tick")
    return response


@bp.app_context_processor
def unread() -> dict:
    """The count beside the bell, asked for by whole pages only."""
    return {"count_unread": _count_unread}


def _count_unread() -> int:
    try:
        return store.count_unread(get_db(), current_user.id)
    except Exception:  # a page that tells of a failing database has a bell too
        log.exception("the unread notices could not be counted")
        return 0


def _page_asked() -> int:
    page = read_id(request.args.get("page", "1"))
    if page is None or page > LAST_PAGE:
        raise NotFound(N_("没有这一页。请从第一页看起。"))
    return page


def _pages(page: int, *, has_more: bool) -> tuple[str | None, str | None]:
    endpoint = request.endpoint or ""
    return (
        url_for(endpoint, page=page - 1) if page > 1 else None,
        url_for(endpoint, page=page + 1) if has_more and page < LAST_PAGE else None,
    )


@bp.get("/notices/")
@requires(Permission.OWN_ACCOUNT)
def index():
    """A person's own notices, newest first."""
    db, page = get_db(), _page_asked()
    rows = store.list_notices(db, current_user.id, page=page, limit=PER_PAGE)
    visible = issues.list_visible(db, {row["issue_id"] for row in rows if row["issue_id"]}, visible_to=current_user)
    may_see_failures = current_user.can(Permission.RULES_EDIT)
    return render(
        "notices/index.html",
        "notices/_list.html",
        notices=[_shown(row, visible) for row in rows[:PER_PAGE]],
        unread=store.count_unread(db, current_user.id),
        failed=delivery_store.count_failed(db) if may_see_failures else 0,
        may_see_deliveries=may_see_failures,
        nth=page,
        pages=_pages(page, has_more=len(rows) > PER_PAGE),
    )


def _shown(row: Mapping, visible: set[int]) -> dict:
    """A line of the inbox. What a person may no longer see (it went to another department) keeps its words only."""
    kind = Kind(row["kind"])
    return {
        "row": row,
        "text": _(KIND_NAMES[kind]),
        "tone": TONES.get(kind, ""),
        "is_visible": row["issue_id"] is None or row["issue_id"] in visible,
    }


@bp.post("/notices/<int:notice_id>/reading")
@requires(Permission.OWN_ACCOUNT)
def read(notice_id: int):
    """Mark as read, and on to the issue or to the firms that are left."""
    db = get_db()
    issue_id = actions.read_notice(db, notice_id, by=current_user, now=now())
    if issue_id is None:
        return go_to(url_for("firms.index", show="unvisited"))
    if not issues.is_visible(db, issue_id, visible_to=current_user):
        return go_to(url_for(".index"), _("这个问题已不在您的工作范围内。"))
    return go_to(url_for("issues.show", issue_id=issue_id))


@bp.post("/notices/reading")
@requires(Permission.OWN_ACCOUNT)
def read_all():
    """Mark all as read, up to the newest that stood on the page."""
    upto_id = read_id(request.form.get("upto_id", ""))
    if upto_id is None:
        raise Invalid(N_("请从消息列表操作。"))
    count = actions.read_all(get_db(), upto_id=upto_id, by=current_user, now=now())
    return go_to(url_for(".index"), ngettext("已标为已读 %(num)d 条。", "已标为已读 %(num)d 条。", count))


@bp.get("/notices/deliveries")
@requires(Permission.RULES_EDIT)
def deliveries():
    """What leaves the house: what could not be delivered first."""
    db, page = get_db(), _page_asked()
    rows = delivery_store.list_deliveries(db, page=page, limit=PER_PAGE)
    return render(
        "notices/deliveries.html",
        deliveries=[{"row": row, "channel": _(CHANNEL_NAMES[Channel(row["channel"])])} for row in rows[:PER_PAGE]],
        channels=[_(CHANNEL_NAMES[each]) for each in ticker.adapters_of(current_app.config["SETTINGS"])],
        failed=delivery_store.count_failed(db),
        nth=page,
        pages=_pages(page, has_more=len(rows) > PER_PAGE),
    )


@bp.post("/notices/deliveries/<int:delivery_id>/retry")
@requires(Permission.RULES_EDIT)
def retry(delivery_id: int):
    """Try one that was given up again; it leaves with the next tick."""
    delivery_actions.retry(get_db(), delivery_id, now=now())
    return go_to(url_for(".deliveries"), _("已排队，一分钟内重新发送。"))
