"""`/`: each role's first page."""

from flask import Blueprint, redirect, url_for
from flask_login import current_user

from app.guard import requires
from app.permissions import Permission, Role
from app.visits import today

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(Permission.OWN_ACCOUNT)
def index():
    """An officer's today; a handler's inbox; everyone else's board."""
    if current_user.role is Role.OFFICER:
        return today.page()
    if current_user.role is Role.HANDLER:
        return redirect(url_for("issues.index"))
    return redirect(url_for("review.index"))
