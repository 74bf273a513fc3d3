"""The only enforcer: a view without a declared permission does not open.

`@requires(Permission.X)` stands above each view; `@public` above the few that anyone may open.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import current_app, request
from flask_login import current_user

from app.errors import Forbidden, SignedOut, StepDue
from app.i18n import N_
from app.permissions import Permission, can

STEPS: Mapping[str, tuple[str, str]] = {
    "code": ("codes.ask", N_("请先输入动态验证码，再继续使用。")),
    "password": ("people.new_password", N_("请先设置自己的新密码，再继续使用。")),
    "second_step": ("codes.show", N_("请先设置动态验证码，再继续使用。")),
}
"""What a signed-in person may have to do before anything else opens: where, and why in words."""

View = TypeVar("View", bound=Callable)


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare the permission a view needs."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Declare that anyone may open this view."""
    view.permission = None  # type: ignore[attr-defined]
    return view


def settles(*steps: str) -> Callable[[View], View]:
    """Declare that this view opens while one of these steps is due; every other view waits for it."""

    def mark(view: View) -> View:
        view.settles = frozenset(steps)  # type: ignore[attr-defined]
        return view

    return mark


AGAIN = "again"
"""Sent with a form whose view then shows it filled instead of acting on it; `AGAIN_WITH_PHOTOS`: photos were chosen."""
AGAIN_WITH_PHOTOS = "photos"


def shows_again(view: View) -> View:
    """Declare that this view shows its form again where AGAIN is sent: what was typed outlives the session.

    Not for forms with a password in them: what was sent stands in the page that asks to sign in.
    """
    view.shows_again = True  # type: ignore[attr-defined]
    return view


def declared(view: Callable) -> bool:
    """Whether the view says who may open it."""
    return hasattr(view, "permission")


def check_request() -> None:
    """Before each request: deny unless permitted. Raises SignedOut, StepDue or Forbidden."""
    if request.endpoint is None:
        return  # no such address: the router answers 404 or 405
    view: Any = current_app.view_functions[request.endpoint]
    if not declared(view):
        raise Forbidden(N_("如需办理，请联系市营商办开通。"))
    if view.permission is None:
        return
    if not current_user.is_authenticated:
        raise SignedOut(N_("登录后即可继续。"))
    if current_user.due and current_user.due not in getattr(view, "settles", ()):
        endpoint, why = STEPS[current_user.due]
        raise StepDue(why, endpoint=endpoint)
    if not can(current_user.role, view.permission):
        raise Forbidden(N_("如需办理，请联系市营商办开通。"))
