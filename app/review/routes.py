"""Routes of review."""

from flask import Blueprint

from app.guard import requires
from app.permissions import Permission

bp = Blueprint("review", __name__)


@bp.get("/review/")
@requires(Permission.REVIEW_READ)
def index():
    return ""
