"""Routes of visits."""

from flask import Blueprint

from app.guard import requires
from app.permissions import Permission

bp = Blueprint("visits", __name__)


def today_page():
    return ""


@bp.get("/visits/")
@requires(Permission.VISITS_READ)
def index():
    return ""


@bp.get("/visits/new")
@requires(Permission.VISITS_RECORD)
def new():
    return ""


@bp.post("/visits/")
@requires(Permission.VISITS_RECORD)
def create():
    return ""


@bp.get("/visits/<int:visit_id>")
@requires(Permission.VISITS_READ)
def show(visit_id):
    return ""
