"""Serving photos to those who may see what they belong to."""

from flask import Blueprint, current_app, send_file
from flask_login import current_user

from app.db import get_db
from app.errors import NotFound
from app.guard import requires
from app.i18n import N_
from app.issues import store as issues
from app.permissions import Permission
from app.photos import files, store
from app.visits import store as visits

bp = Blueprint("photos", __name__)


@bp.get("/photos/<int:photo_id>/<any(main, thumb):size>")
@requires(Permission.PHOTOS_READ)
def show(photo_id: int, size: str):
    """A photo. Its content never changes, so the person's own browser may keep it."""
    db = get_db()
    photo = store.get_photo(db, photo_id)
    if photo is None or not _may_see(db, photo):
        raise NotFound(N_("没有这张照片，或不在您的工作范围内。"))
    path = files.path_of(current_app.config["SETTINGS"].photos, photo["sha256"], size)
    if not path.exists():
        raise NotFound(N_("照片文件暂时读不到，请告诉市营商办。"))
    response = send_file(path, mimetype="image/jpeg", etag=f"{photo['sha256']}-{size}", max_age=31536000)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _may_see(db, photo) -> bool:
    if photo["visit_id"]:
        return visits.is_visible(db, photo["visit_id"], visible_to=current_user)
    return issues.is_visible(db, photo["issue_id"], visible_to=current_user)
