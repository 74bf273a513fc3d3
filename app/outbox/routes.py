"""Where phones send what they kept, and what lets them work without a network."""

import json
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Response, current_app, make_response, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.departments import store as departments
from app.errors import AppError, Invalid, SignedOut
from app.firms import store as firms
from app.guard import public, requires
from app.htmx import render
from app.i18n import N_
from app.issues import open_store
from app.issues.lifecycle import Status
from app.outbox import actions, reading, rescue
from app.outbox.forms import ImportForm
from app.outbox.models import ACCOUNT_HEADER, Receipt, account_of
from app.permissions import Permission, Role
from app.photos import actions as photos
from app.search import initials
from app.templating import render_template
from app.translation import gettext as _
from app.visits import store as visit_store

bp = Blueprint("outbox", __name__)

MOST_KEPT_FIRMS = 60
"""Firms whose pages a phone keeps: an officer has a handful."""

MOST_KEPT_ISSUES = 15
"""Issues that wait for her whose pages a phone keeps."""

FORMS_KEPT = {Status.NEEDS_INFO: ("supplement",), Status.PROPOSED: ("rejection",)}
"""The forms of moves kept with an issue's page, by its status, beside that of a note; passing a check is one tap."""

MOVE_BYTES = 64 * 1024


class WrongType(AppError):
    """Neither JSON nor a photo."""

    status = 415
    title = N_("格式不支持")


def _kept_for() -> str | None:
    """Whose phone may keep this page: an officer's own."""
    return account_of(current_user.id) if current_user.is_authenticated and current_user.role is Role.OFFICER else None


@bp.app_context_processor
def every_page() -> dict:
    """The account that pages are kept for, and the moment a kept page will tell."""
    return {"kept_for": _kept_for(), "now": now()}


@bp.after_app_request
def name_account(response: Response) -> Response:
    """Mark whole pages of officers, so that the service worker keeps those and no others."""
    if request.method == "GET" and response.status_code == 200 and response.mimetype == "text/html":
        account = _kept_for()
        is_hers = getattr(current_app.view_functions.get(request.endpoint or ""), "permission", None) is not None
        if account and is_hers and not request.headers.get("HX-Request"):
            response.headers[ACCOUNT_HEADER] = account
    return response


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


def _import_page(form: ImportForm, outcomes: list | None = None, *, status: int = 200):
    return render("outbox/import.html", status=status, form=form, outcomes=outcomes)


@bp.get("/office/outbox")
@requires(Permission.ACCOUNTS_EDIT)
def show_import():
    """Where the office takes in what was rescued from a phone."""
    return _import_page(ImportForm())


@bp.post("/office/outbox")
@requires(Permission.ACCOUNTS_EDIT)
def import_rescued():
    """Take in a phone's ZIP; what became of each record, in words. The same file twice changes nothing."""
    db, form, file = get_db(), ImportForm(request.form), request.files.get("file")
    try:
        officer = rescue.find_officer(db, form.read()["username"])
        outcomes = rescue.take_in(
            db,
            file.stream if file else BytesIO(),
            officer=officer,
            by=current_user,
            settings=current_app.config["SETTINGS"],
        )
    except Invalid as error:
        for name, message in error.fields.items():
            if not form[name].errors:
                form[name].errors = [_(message)]
        return _import_page(form, status=422)
    shown = [
        {
            "key": each.key,
            "title": each.title,
            "words": _(rescue.STATE_WORDS[each.state]),
            "reasons": [_(str(reason), **each.params) for reason in each.reasons],
        }
        for each in outcomes
    ]
    return _import_page(ImportForm(), shown)


@bp.get("/outbox/pages")
@requires(Permission.VISITS_RECORD)
def list_pages():
    """The addresses of her own pages, in the order in which they are worth keeping."""
    found = _kept_firms()
    new, firm = url_for("visits.new"), url_for("firms.index")
    pages = [
        url_for("home.index"),
        url_for(".offline"),
        url_for(".offline_firms"),
        firm,
        new,
        url_for("people.me"),
        url_for("visits.index"),
    ]
    pages += _waiting_pages()
    pages += [f"{new}?firm_id={row['id']}" for row in found]
    pages += [f"{firm}{row['id']}" for row in found]
    return {"account": account_of(current_user.id), "pages": pages}


def _kept_firms() -> list:
    return firms.list_firms(get_db(), visible_to=current_user, now=now(), limit=MOST_KEPT_FIRMS)[:MOST_KEPT_FIRMS]


def _waiting_pages() -> list[str]:
    """What waits for her, with the forms that answer it."""
    waiting = open_store.list_waiting(get_db(), visible_to=current_user, now=now(), limit=MOST_KEPT_ISSUES)
    issue = url_for("issues.index")
    return [
        page
        for row in waiting[:MOST_KEPT_ISSUES]
        for page in (
            f"{issue}{row['id']}",
            *(f"{issue}{row['id']}/{noun}" for noun in (*FORMS_KEPT.get(row["status"], ()), "notes")),
        )
    ]


@bp.get("/offline")
@requires(Permission.VISITS_RECORD)
def offline():
    """What stands in for a page that is not kept."""
    return render("outbox/offline.html")


@bp.get("/offline/firms")
@requires(Permission.VISITS_RECORD)
def offline_firms():
    """The firms that the phone keeps: stands in for a search without a network."""
    rows = [
        {
            "row": row,
            "find": f"{row['name']} {initials(row['name']).replace(' ', '')} {row['credit_code'] or ''}".lower(),
        }
        for row in _kept_firms()
    ]
    return render(
        "outbox/offline_firms.html", rows=rows, firm_path=url_for("firms.index"), new_path=url_for("visits.new")
    )


@bp.get("/manifest.webmanifest")
@public
def manifest():
    """What makes it installable; in the language that the page asks for."""
    name = _("企访通")
    icons = [("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any")]
    icons.append(("icon-maskable-512.png", "512x512", "maskable"))
    body = {
        "name": name,
        "short_name": name,
        "description": _("走访企业，记下问题，办到企业说解决为止"),
        "lang": "en" if request.cookies.get("language") == "en" else "zh-Hans",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f2f4f7",
        "theme_color": "#ffffff",
        "icons": [
            {
                "src": url_for("static", filename=f"icons/{file}"),
                "sizes": sizes,
                "type": "image/png",
                "purpose": purpose,
            }
            for file, sizes, purpose in icons
        ],
    }
    response = make_response(json.dumps(body, ensure_ascii=False))
    response.headers["Content-Type"] = "application/manifest+json; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/sw.js")
@public
def service_worker():
    """The service worker, with the release and every file of the shell written in."""
    response = make_response(
        render_template("outbox/sw.js", release=current_app.config["RELEASE"], files=_shell(), header=ACCOUNT_HEADER)
    )
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _shell() -> list[str]:
    """Every static file that an officer's kept pages load: all but the map, which needs a network anyway."""
    folder = Path(current_app.static_folder or "")
    wanted = (
        "css/*.css",
        "js/*.js",
        "vendor/htmx*.js",
        "vendor/lucide*.svg",
        "icons/favicon.svg",
        "icons/icon-192.png",
    )
    return [
        url_for("static", filename=path.relative_to(folder).as_posix())
        for pattern in wanted
        for path in sorted(folder.glob(pattern))
    ]
