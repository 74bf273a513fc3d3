"""Routes of firms."""

from flask import Blueprint

from app.guard import requires
from app.permissions import Permission

bp = Blueprint("firms", __name__)


@bp.get("/firms/")
@requires(Permission.FIRMS_READ)
def index():
    return ""


@bp.get("/firms/<int:firm_id>")
@requires(Permission.FIRMS_READ)
def show(firm_id):
    return ""
