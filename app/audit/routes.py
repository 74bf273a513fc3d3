"""Routes of audit."""

from flask import Blueprint

from app.guard import requires
from app.permissions import Permission

bp = Blueprint("audit", __name__)


@bp.get("/office/audit/")
@requires(Permission.AUDIT_READ)
def index():
    return ""
