"""The only enforcer: a view without a declared permission does not open.

`@requires(Permission.X)` stands above each view; `@public` above the few that anyone may open.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from flask_login import current_user

from app.errors import Forbidden, SignedOut
from app.i18n import N_
from app.permissions import Permission, can

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


def declared(view: Callable) -> bool:
    """Whether the view says who may open it."""
    return hasattr(view, "permission")


def check_request() -> None:
    """Before each request: deny unless permitted. Raises SignedOut or Forbidden."""
    if request.endpoint is None:
        return  # no such address: the router answers 404 or 405
    view: Any = current_app.view_functions[request.endpoint]
    if not declared(view):
        raise Forbidden(N_("如需办理，请联系市营商办开通。"))
    if view.permission is None:
        return
    if not current_user.is_authenticated:
        raise SignedOut(N_("登录后即可继续。"))
    if not can(current_user.role, view.permission):
        raise Forbidden(N_("如需办理，请联系市营商办开通。"))
