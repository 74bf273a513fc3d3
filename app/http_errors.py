"""What a person sees when something is refused or fails: a page, or a message for htmx; never a half-done page."""

import errno
import logging
from collections.abc import Mapping, Sequence

from flask import Flask, current_app, g, jsonify, make_response, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from app.db import DatabaseError, OperationalError, forget_connections, is_read_only
from app.errors import HTTP_WORDS, AppError, Invalid, SignedOut, StepDue, Unavailable
from app.guard import AGAIN, AGAIN_WITH_PHOTOS
from app.htmx import wants_partial
from app.i18n import N_
from app.templating import render_template
from app.translation import gettext as _

log = logging.getLogger("qifang")


def register(app: Flask) -> None:
    """Give every failure its words."""
    app.register_error_handler(AppError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(OSError, _disk_error)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: AppError):
    if isinstance(error, SignedOut):
        return _signed_out()
    if isinstance(error, StepDue):
        return _step_due(error)
    fields = error.fields if isinstance(error, Invalid) else {}
    return _answer(
        error.status,
        _(error.title),
        _(error.message, **error.params),
        fields={name: _(message, **error.params) for name, message in fields.items()},
    )


def _signed_out():
    """To the sign-in page and back; a 401 for htmx and for whoever sends, so that nothing typed is thrown away."""
    back = request.full_path.rstrip("?") if request.method == "GET" and not wants_partial() else None
    url = url_for("people.login", next=back if back != "/" else None)
    if wants_partial():
        return make_response("", 401, {"HX-Redirect": url_for("people.login")})
    if request.method == "GET":
        return redirect(url)
    title, message = HTTP_WORDS[401]
    again = _typed()
    if again:
        message = N_("登录已过期，您写的还没有提交，都留在这一页。请先在新窗口登录，再回来接着写。")
    return _answer(401, _(title), _(message), action=(url, _("去登录")), again=again)


def _typed() -> list[tuple[str, str]]:
    """What was sent, for the form to be shown again with after signing in; nothing where its view does not do that."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "shows_again", False):
        return []
    try:
        fields, has_photos = list(request.form.items(multi=True)), any(each.filename for each in request.files.values())
    except HTTPException:
        return []  # too large, or no form at all
    kept = [(name, value) for name, value in fields if name not in (AGAIN, "canned")]
    if not has_photos and not any(value.strip() for name, value in kept if name not in ("version", "then")):
        return []  # a tap, and nothing typed
    is_lost = has_photos or request.form.get(AGAIN) == AGAIN_WITH_PHOTOS
    return [*kept, (AGAIN, AGAIN_WITH_PHOTOS if is_lost else "1")]


def _step_due(error: StepDue):
    """To the page where the step is done; a 403 for htmx and for whoever sends, so that a phone keeps what it has."""
    url = url_for(error.endpoint)
    if wants_partial():
        return make_response("", 403, {"HX-Redirect": url})
    if request.method == "GET":
        return redirect(url, code=303)
    return _answer(403, _(error.title), _(error.message), action=(url, _("去完成")))


def _http_error(error: HTTPException):
    code = error.code or 500
    if code < 400:
        return error
    title, message = HTTP_WORDS.get(code, HTTP_WORDS[400 if code < 500 else 500])
    response = _answer(code, _(title), _(message))
    if code == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _database_error(error: OperationalError):
    log.exception("database error")
    text = str(error)
    if is_read_only(error):
        forget_connections()
    if "full" in text:
        return _refused(Unavailable(N_("服务器存储空间已满，内容没有入库。请联系市营商办处理后再试。")))
    if "locked" in text or "busy" in text or "readonly" in text or "disk I/O" in text or "unable to open" in text:
        return _refused(Unavailable(N_("服务器正忙，内容没有入库。请过一分钟再试。")))
    return _unexpected(error)


_DISK_TROUBLE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.EACCES,
    errno.EPERM,  # a mount point that nobody may write into, without its disk
    errno.ENOTDIR,
    errno.ESTALE,
    errno.ENOTCONN,
}


def _disk_error(error: OSError):
    if error.errno not in _DISK_TROUBLE:
        return _unexpected(error)
    log.exception("disk error")
    return _refused(Unavailable(N_("服务器存储空间暂时不可用，内容没有入库。请联系市营商办处理后再试。")))


def _unexpected(error: Exception):
    log.exception("unexpected error")
    title, message = HTTP_WORDS[500]
    return _answer(500, _(title), _(message))


def _answer(
    code: int,
    title: str,
    message: str,
    action: tuple[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    again: Sequence[tuple[str, str]] = (),
):
    """The answer in words; the words alone where even its page cannot be made, which asks the database who reads it."""
    number = g.get("request_id", "") if code >= 500 else ""
    try:
        return _in_full(code, title, message, action, fields or {}, number, again)
    except DatabaseError:
        log.exception("the error page could not be made")
        words = f"{title}\n\n{message}\n{number}\n"
        return make_response(words, max(code, 500), {"Content-Type": "text/plain; charset=utf-8"})


def _in_full(
    code: int,
    title: str,
    message: str,
    action: tuple[str, str] | None,
    fields: Mapping[str, str],
    number: str,
    again: Sequence[tuple[str, str]],
):
    if request.path.startswith("/outbox/") and not wants_partial():
        # A phone reads it: the last word of the address is the key it asked about.
        key = request.path.rsplit("/", 1)[1]
        return make_response(
            jsonify(error=code, title=title, message=message, fields=fields, key=key, request=number), code
        )
    if wants_partial():
        piece = render_template("errors/_message.html", title=title, message=message, request_id=number)
        response = make_response(piece, code)
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
        return response
    if action is None and request.blueprint == "firm" and not current_user.is_authenticated:
        action = ("", "")  # a firm has no account to sign in with
    if action is None:
        is_in = current_user.is_authenticated
        action = (url_for("home.index"), _("回首页")) if is_in else (url_for("people.login"), _("去登录"))
    return make_response(
        render_template(
            "errors/error.html",
            code=code,
            title=title,
            message=message,
            action_url=action[0],
            action_label=action[1],
            request_id=number,
            again=again,
        ),
        code,
    )
