"""One page, with htmx or without: what a view returns. On top of htmx-flask."""

import json
from urllib.parse import quote, urlsplit

from flask import Response, flash, make_response, redirect
from htmx_flask import request

from app.templating import render_template


def wants_partial() -> bool:
    """Whether htmx asks for a piece of the page. A history restore wants it whole."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def render(page: str, partial: str | None = None, *, status: int = 200, **context) -> Response:
    """The page, or just the named partial when htmx asks for it."""
    template = partial if partial and wants_partial() else page
    return make_response(render_template(template, **context), status)


def go_to(url: str, message: str | None = None) -> Response:
    """Done; show another page: 303, or HX-Redirect (percent-encoded: headers are latin-1) for htmx."""
    if message:
        flash(message)
    if wants_partial():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = quote(url, safe="/:?=&%#+,;@")
        return response
    return make_response(redirect(url, code=303))


def done(partial: str, *, back_to: str, message: str | None = None, **context) -> Response:
    """Done; the changed piece for htmx, or 303 back to its page."""
    if not wants_partial():
        return go_to(back_to, message)
    return make_response(render_template(partial, message=message, **context))


def trigger(response: Response, event: str, detail: object = None) -> Response:
    """Fire an event in the browser; JSON-escaped, since headers are latin-1."""
    response.headers["HX-Trigger"] = json.dumps({event: detail})
    return response


def local_path(url: str | None, default: str) -> str:
    """`url` if it is a path of this site, else the default: never a door to another host."""
    if not url or not url.startswith("/") or url.startswith(("//", "/\\")) or "\\" in url:
        return default
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or any(ord(letter) < 32 for letter in url):
        return default
    return url
