"""What lets a phone work without a network: which pages it keeps, what stands in for the others, its service worker."""

import json
from pathlib import Path

from flask import Blueprint, Response, current_app, make_response, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.firms import store as firms
from app.guard import public, requires
from app.htmx import render
from app.issues import open_store
from app.issues.lifecycle import Status
from app.outbox.models import ACCOUNT_HEADER, account_of
from app.permissions import Permission, Role
from app.search import initials
from app.templating import render_template
from app.translation import gettext as _

bp = Blueprint("kept", __name__)

MOST_KEPT_FIRMS = 60
"""Firms whose pages a phone keeps: an officer has a handful."""

MOST_KEPT_ISSUES = 15
"""Issues that wait for her whose pages a phone keeps."""

FORMS_KEPT = {Status.NEEDS_INFO: ("supplement",), Status.PROPOSED: ("rejection",)}
"""The forms of moves kept with an issue's page, by its status, beside that of a note; passing a check is one tap."""


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
