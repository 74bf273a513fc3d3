"""Serving photos to those who may see what they belong to, one by one or stamped in a ZIP."""

from collections.abc import Iterable

from flask import Blueprint, Response, current_app, send_file
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.downloads import attachment
from app.errors import NotFound
from app.filters import full_moment
from app.guard import requires
from app.i18n import N_
from app.issues import store as issues
from app.permissions import Permission
from app.photos import actions, files, store
from app.photos.export import Stamped, pack
from app.translation import gettext as _
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


@bp.get("/visits/<int:visit_id>/photos.zip")
@requires(Permission.VISITS_READ)
def export_visit(visit_id: int):
    """A visit's photos with firm and time under each, to be filed elsewhere."""
    db = get_db()
    visit = visits.get_visit(db, visit_id, visible_to=current_user)
    if visit is None:
        raise NotFound(N_("没有这条走访，或不在您的工作范围内。"))
    lines = (visit["firm"], _("走访 %(moment)s", moment=full_moment(visit["visited_at"])))
    rows = store.list_photos_of_visit(db, visit_id)
    return _zip(
        f"visit-{visit_id}",
        (Stamped(row["sha256"], f"visit-{visit_id}-{nth:02}.jpg", lines) for nth, row in enumerate(rows, start=1)),
        object_=f"visit:{visit_id}",
    )


@bp.get("/issues/<int:issue_id>/photos.zip")
@requires(Permission.ISSUES_READ)
def export_issue(issue_id: int):
    """An issue's photos, those of its report and of what was done since, with firm, number and time under each."""
    db = get_db()
    issue = issues.get_issue(db, issue_id, visible_to=current_user, now=now())
    if issue is None:
        raise NotFound(N_("没有这件问题，或不在您的工作范围内。"))
    rows = store.list_photos_of_issue(db, issue_id)
    return _zip(
        issue.number,
        (
            Stamped(
                row["sha256"],
                f"{issue.number}-{nth:02}.jpg",
                (
                    issue.firm,
                    _("%(number)s · 入库 %(moment)s", number=issue.number, moment=full_moment(row["added_at"])),
                ),
            )
            for nth, row in enumerate(rows, start=1)
        ),
        object_=f"issue:{issue_id}",
    )


def _zip(name: str, photos: Iterable[Stamped], *, object_: str) -> Response:
    file, count = pack(current_app.config["SETTINGS"].photos, photos)
    if not count:
        file.close()
        raise NotFound(N_("没有可以下载的照片。"))
    actions.record_export(get_db(), object_, count, by=current_user, now=now())
    return attachment(file, "application/zip", f"{name}.zip")
