"""Routes of issues."""

from flask import Blueprint

from app.guard import requires
from app.permissions import Permission

bp = Blueprint("issues", __name__)


@bp.get("/issues/")
@requires(Permission.ISSUES_READ)
def index():
    return ""


@bp.get("/issues/<int:issue_id>")
@requires(Permission.ISSUES_READ)
def show(issue_id):
    return ""
