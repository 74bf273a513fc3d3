"""Where phones send what they kept."""

import json

from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.departments import store as departments
from app.errors import AppError, SignedOut
from app.guard import requires
from app.i18n import N_
from app.outbox import actions, reading
from app.outbox.models import ACCOUNT_HEADER, Receipt, account_of
from app.permissions import Permission
from app.photos import actions as photos
from app.visits import store as visit_store

bp = Blueprint("outbox", __name__)

MOVE_BYTES = 64 * 1024


class WrongType(AppError):
    """Neither JSON nor a photo."""

    status = 415
    title = N_("格式不支持")


@bp.before_request
def check_account() -> None:
    """A record is never sent as somebody else: the phone says whose it is."""
    claimed = request.headers.get(ACCOUNT_HEADER)
    if claimed and current_user.is_authenticated and claimed != account_of(current_user.id):
        raise SignedOut(N_("请用记录时的账号登录。"))


@bp.after_request
def name_stored(response: Response) -> Response:
    """A conflict says where to see what is stored under the key."""
    key = (request.view_args or {}).get("client_key") or _record_named()
    if response.status_code == 409 and response.is_json:
        visit = visit_store.get_receipt(get_db(), key.lower())
        if visit is not None and visit["officer_id"] == current_user.id:
            response.set_data(json.dumps({**response.get_json(), "url": url_for("visits.show", visit_id=visit["id"])}))
    return response


def _record_named() -> str:
    return request.args.get("record") or request.args.get("visit", "")


def _body(*, most: int) -> bytes:
    request.max_content_length = most
    return request.get_data(cache=False)


def _json(*, most: int) -> dict:
    if request.mimetype != "application/json":
        raise WrongType(N_("请发送 JSON。"))
    return reading.read_json(_body(most=most))


def _receipt(receipt: Receipt, **more):
    return {
        "client_key": receipt.client_key,
        "status": "stored",
        "photos": {"have": list(receipt.have), "missing": list(receipt.missing)},
        "url": url_for("visits.show", visit_id=receipt.visit_id, receipt=1)
        if receipt.visit_id
        else url_for("issues.show", issue_id=receipt.issue_id, receipt=1),
        **more,
    }


@bp.put("/outbox/visits/<client_key>")
@requires(Permission.VISITS_RECORD)
def store_visit(client_key: str):
    """A visit as a phone kept it, with the names of the photos that will follow; the receipt says what is there."""
    db = get_db()
    key = reading.read_key(client_key)
    body = _json(most=current_app.config["MAX_FORM_MEMORY_SIZE"])
    visit, announced = reading.read_visit(body, key, category_ids=departments.list_category_ids(db))
    return _receipt(actions.store_visit(db, visit, announced, by=current_user, now=now()))


@bp.put("/outbox/photos/<photo_key>")
@requires(Permission.VISITS_RECORD)
def store_photo(photo_key: str):
    """One photo, as it is, of the record that `record` names. Decoded and on disk before it is named in the database.

    Older pages say `visit`.
    """
    db, settings = get_db(), current_app.config["SETTINGS"]
    key, record_key = reading.read_key(photo_key), reading.read_key(_record_named())
    if not request.mimetype.startswith("image/") and request.mimetype != "application/octet-stream":
        raise WrongType(N_("请发送照片。"))
    row = actions.find_photo(db, key, record_key, by=current_user)  # out of reach is told before anything is read
    raw = _body(most=settings.photo_mb * 1024 * 1024)
    if actions.check_photo(row, reading.sha256_of(raw)):
        [picture] = photos.receive([reading.stream_of(raw)], folder=settings.photos, max_bytes=len(raw) + 1)
        receipt = actions.attach_photo(db, key, record_key, picture, by=current_user, now=now())
    else:
        receipt = actions.receipt_of(db, row)
    return _receipt(receipt, photo_key=key)


@bp.put("/outbox/moves/<client_key>")
@requires(Permission.ISSUES_ACT)
def store_move(client_key: str):
    """A move on an issue as a phone kept it; made once, against the version that she saw."""
    db = get_db()
    key = reading.read_key(client_key)
    body = _json(most=MOVE_BYTES)
    move = reading.read_move(body, departments=departments.list_departments(db))
    return _receipt(actions.make_move(db, key, move, by=current_user, now=now()))
