"""The same-origin check of every write, and the headers of every answer."""

from urllib.parse import urlsplit

from flask import Response, current_app, request

from app.errors import Forbidden
from app.i18n import N_

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def check_origin() -> None:
    """Refuse a write that another site started.

    A form may wait a day in a phone's outbox, so there is no token that could go stale: the browser itself says where
    a request comes from (Sec-Fetch-Site, else Origin, else Referer). A request with none of the three is no browser's
    form; it carries no ambient cookie of ours, which are SameSite.
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        is_ours = site in {"same-origin", "none"}
    else:
        source = request.headers.get("Origin") or request.headers.get("Referer")
        is_ours = source is None or _host_of(source) == request.host
    if not is_ours:
        raise Forbidden(N_("这个请求不是从本系统的页面发出的，没有执行。请从本系统的页面操作。"))


def _host_of(source: str) -> str:
    try:
        return urlsplit(source).netloc
    except ValueError:
        return ""


def content_security_policy(tile_url: str = "") -> str:
    """No inline script or style, nothing from elsewhere but the configured map tiles."""
    tiles = ""
    if tile_url:
        parts = urlsplit(tile_url)
        tiles = f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}"
    return (
        "default-src 'self'; "
        f"img-src 'self' data: blob:{tiles}; "
        "style-src 'self'; script-src 'self'; worker-src 'self'; connect-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def headers(*, csp: str, https: bool) -> dict[str, str]:
    """The headers that every answer carries, static files too."""
    values = {
        "Content-Security-Policy": csp,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if https:
        values["Strict-Transport-Security"] = "max-age=31536000"
    return values


def set_headers(response: Response) -> Response:
    """After each request. Pages are never kept by a cache: they hold people's work."""
    for name, value in current_app.extensions["security_headers"].items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    response.vary.update({"HX-Request", "Cookie"})
    return response
