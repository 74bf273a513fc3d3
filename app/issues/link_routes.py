"""The firm's link in an officer's hands: made, shown with its QR code, copied."""

from flask import Blueprint, current_app, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.guard import requires
from app.htmx import go_to, render
from app.issues import actions, link_store, links, pages
from app.permissions import Permission
from app.qr import qr_svg

bp = Blueprint("links", __name__)


@bp.get("/issues/<int:issue_id>/firm-link")
@requires(Permission.ISSUES_ACT)
def show(issue_id: int):
    """The firm's link to show or copy, with its QR code."""
    issue = pages.issue_or_404(issue_id)
    link = link_store.get_live_link(get_db(), issue_id, now=now())
    if link is None or not actions.may_make_link(issue, current_user):
        return go_to(url_for("issues.show", issue_id=issue_id))
    url = url_for("firm.show", token=links.token_for(link["id"], current_app.config["SECRET_KEY"]), _external=True)
    return render("issues/link.html", issue=issue, link=link, url=url, qr=qr_svg(url))


@bp.post("/issues/<int:issue_id>/firm-link")
@requires(Permission.ISSUES_ACT)
def create(issue_id: int):
    """Make the firm's link, or find the one that still works."""
    days = current_app.config["SETTINGS"].link_days
    actions.make_link(get_db(), issue_id, by=current_user, now=now(), days=days)
    return go_to(url_for(".show", issue_id=issue_id))
