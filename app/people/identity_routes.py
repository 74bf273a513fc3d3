"""Pages of the city's identity provider: there and back, linking one's own account and unlinking it.

The way there is a link, no form: the content security policy lets no form end up on another site.
"""

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask_login import current_user, login_user

from app.clock import now
from app.db import get_db
from app.errors import AppError, Invalid, NotFound, TooMany
from app.forms import ConfirmForm, show_problems
from app.guard import public, requires
from app.htmx import go_to, local_path, render
from app.i18n import N_
from app.people import actions, identity_actions, identity_store, provider
from app.people.devices import device_of
from app.people.guesses import TOO_MANY, guesses
from app.permissions import Permission, Role
from app.translation import gettext as _

bp = Blueprint("identity", __name__)

_NEXT, _LINKING = "oidc_next", "oidc_linking"


def _refuse_when_off() -> None:
    if not provider.is_on():
        raise NotFound(N_("本市没有启用统一身份认证。"))


@bp.get("/login/identity")
@public
def start():
    """To the provider, to sign in there."""
    _refuse_when_off()
    session[_NEXT] = local_path(request.args.get("next"), "")
    session.pop(_LINKING, None)
    return _go_there()


def _go_there():
    return provider.go_there(_full_address(".come_back"))


def _full_address(endpoint: str) -> str:
    """As it is registered at the provider."""
    site = current_app.config["SETTINGS"].site_url.rstrip("/")
    return f"{site}{url_for(endpoint)}" if site else url_for(endpoint, _external=True)


@bp.get("/login/identity/answer")
@public
def come_back():
    """Back from the provider: sign in, or link the account of whoever began."""
    _refuse_when_off()
    linking, next_url = session.pop(_LINKING, None), local_path(session.pop(_NEXT, None), "")
    if guesses().is_full(request.remote_addr or ""):
        raise TooMany(TOO_MANY)
    identity = provider.come_back()
    if linking is not None:
        return _link(identity, linking)
    device = device_of(request.user_agent.string)
    try:
        user = identity_actions.sign_in(get_db(), identity, device=device, now=now())
    except Invalid:
        guesses().take(request.remote_addr or "")
        raise
    if current_user.is_authenticated:
        actions.sign_out(get_db(), by=current_user, now=now())
    login_user(user)
    provider.note_sign_in()
    session.permanent = user.role is Role.OFFICER
    return redirect(next_url or url_for("home.index"), code=303)


@bp.get("/login/identity/ending")
@public
def leave():
    """To the provider, to sign out there too: the next person at this desk would come in as the one before.

    Whoever is still signed in here is not led out there: another site could send her.
    """
    _refuse_when_off()
    if current_user.is_authenticated or not provider.may_be_signed_in():
        return redirect(url_for("people.login"), code=303)
    address = provider.way_out(_full_address("people.login"))
    if not address:
        return go_to(url_for("people.login"), _("统一身份认证没有提供退出地址。请关闭浏览器，或到它自己的页面退出。"))
    return redirect(address, code=303)


def _link(identity: str, linking: int):
    if not current_user.is_authenticated or current_user.due or current_user.id != linking:
        return redirect(url_for("people.login", next=url_for(".show")), code=303)
    try:
        identity_actions.link(get_db(), identity, by=current_user, now=now())
    except AppError as error:
        return _page(error=_(error.message), status=error.status)
    return go_to(url_for(".show"), _("已绑定。以后可以用统一身份认证登录。"))


@bp.get("/me/identity")
@requires(Permission.OWN_ACCOUNT)
def show():
    """Whether one's own account is linked, and what can be done."""
    _refuse_when_off()
    return _page()


def _page(*, confirm: ConfirmForm | None = None, error: str = "", status: int = 200):
    return render(
        "people/identity.html",
        status=status,
        is_linked=identity_store.has_identity(get_db(), current_user.id),
        may_go=session.get(_LINKING) == current_user.id,
        confirm=confirm or ConfirmForm(),
        error=error,
        asks_password=not actions.is_fresh(current_user, now()),
    )


@bp.post("/me/identity")
@requires(Permission.OWN_ACCOUNT)
def begin_linking():
    """The person means it: her page shows the way to the provider. Another site cannot send this."""
    return _after_password(_begin)


def _begin():
    session[_LINKING] = current_user.id
    return go_to(url_for(".show"))


@bp.get("/me/identity/linking")
@requires(Permission.OWN_ACCOUNT)
def go_and_link():
    """To the provider, to come back linked."""
    _refuse_when_off()
    if session.get(_LINKING) != current_user.id:
        return redirect(url_for(".show"), code=303)
    return _go_there()


@bp.post("/me/identity/ending")
@requires(Permission.OWN_ACCOUNT)
def unlink():
    """Sign in by password alone again."""
    return _after_password(_unlink)


def _unlink():
    identity_actions.unlink(get_db(), current_user.id, by=current_user, now=now())
    return go_to(url_for(".show"), _("已解除绑定。以后请用密码登录。"))


def _after_password(act):
    """Do what asks for one's own password again; or the page with what went wrong."""
    _refuse_when_off()
    form = ConfirmForm(request.form)
    try:
        form.read()
        actions.confirm(get_db(), form.confirmation.data or "", by=current_user, now=now())
    except Invalid as error:
        return _page(confirm=show_problems(form, error), status=422)
    except TooMany as error:
        return _page(error=_(error.message), status=error.status)
    return act()
