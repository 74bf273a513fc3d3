"""Pages of the second step: asked at sign-in, set up and switched off on one's own page.

The key and the recovery codes are shown to their person alone; no address, cookie or log holds them.
"""

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask_login import current_user, login_user

from app.clock import now
from app.db import get_db
from app.errors import Conflict, Invalid, TooMany
from app.forms import ConfirmForm, show_problems
from app.guard import requires, settles
from app.htmx import go_to, local_path, render
from app.people import actions, code_actions, code_store, codes
from app.people.forms import CodeForm
from app.people.guesses import TOO_MANY, guesses
from app.permissions import Permission, Role
from app.qr import qr_svg
from app.translation import gettext as _

bp = Blueprint("codes", __name__)


@bp.get("/login/code")
@requires(Permission.OWN_ACCOUNT)
@settles("code")
def ask():
    """The second step of signing in."""
    if current_user.due != "code":
        return redirect(url_for("home.index"), code=303)
    return _ask_page(CodeForm())


def _ask_page(form: CodeForm, *, status: int = 200, error: str = ""):
    next_url = local_path(request.values.get("next"), "")
    return render("people/code.html", status=status, form=form, error=error, next_url=next_url)


@bp.post("/login/code")
@requires(Permission.OWN_ACCOUNT)
@settles("code")
def give():
    """Take the code and go on to where one was going."""
    form = CodeForm(request.form)
    if current_user.due != "code":
        return redirect(url_for("home.index"), code=303)
    caller = request.remote_addr or ""
    try:
        typed = form.read()
        if guesses().is_full(caller):
            raise TooMany(TOO_MANY)
        user = code_actions.give(get_db(), typed["code"], by=current_user, secret_key=_secret(), now=now())
    except Invalid as error:
        if form.code.data and not form.errors:
            guesses().take(caller)
        return _ask_page(show_problems(form, error), status=422)
    except TooMany as error:
        return _ask_page(form, status=error.status, error=_(error.message))
    login_user(user)
    session.permanent = user.role is Role.OFFICER
    return go_to(local_path(request.form.get("next"), url_for("home.index")))


def _secret() -> str:
    return current_app.config["SECRET_KEY"]


@bp.get("/me/code")
@requires(Permission.SECOND_STEP)
@settles("second_step")
def show():
    """How it stands with one's own second step, and what can be done."""
    return _page()


def _page(*, form: CodeForm | None = None, confirm: ConfirmForm | None = None, error: str = "", status: int = 200):
    row = code_store.get_authenticator(get_db(), current_user.id)
    is_on = bool(row and row["confirmed_at"])
    key = codes.key_of(_secret(), current_user.id, row["salt"]) if row and not is_on else ""
    address = codes.address_of(key, current_user.username, issuer=_("企访通")) if key else ""
    return render(
        "people/second_step.html",
        status=status,
        since=row["confirmed_at"] if row else None,
        left=code_store.count_recovery_codes(get_db(), current_user.id) if is_on else 0,
        key=" ".join(key[nth : nth + 4] for nth in range(0, len(key), 4)),
        address=address,
        qr=qr_svg(address) if address else "",
        form=form or CodeForm(),
        confirm=confirm or ConfirmForm(),
        error=error,
        is_required=current_app.config["PASSWORD_RULES"].is_code_required,
        asks_password=not actions.is_fresh(current_user, now()),
    )


@bp.post("/me/code")
@requires(Permission.SECOND_STEP)
@settles("second_step")
def begin():
    """Make a key to put into the app."""
    return _after_password(lambda: code_actions.begin(get_db(), by=current_user), lambda _done: go_to(url_for(".show")))


@bp.post("/me/code/confirmation")
@requires(Permission.SECOND_STEP)
@settles("second_step")
def finish():
    """The first code from the app; the answer shows the recovery codes, this once."""
    form = CodeForm(request.form)
    try:
        typed = form.read()
        recovery = code_actions.finish(get_db(), typed["code"], by=current_user, secret_key=_secret(), now=now())
    except Invalid as error:
        return _page(form=show_problems(form, error), status=422)
    except Conflict as error:
        return _page(error=_(error.message), status=error.status)
    return _recovery_page(recovery)


def _recovery_page(recovery: list[str]):
    return render("people/recovery_codes.html", recovery=recovery)


@bp.post("/me/code/recovery-codes")
@requires(Permission.SECOND_STEP)
def renew_recovery_codes():
    """New recovery codes in place of the old, shown this once."""
    return _after_password(
        lambda: code_actions.renew_recovery_codes(get_db(), by=current_user, now=now()), _recovery_page
    )


@bp.post("/me/code/ending")
@requires(Permission.SECOND_STEP)
@settles("second_step")
def switch_off():
    """Ask for no code any more, or drop a set-up that was begun."""
    is_required = current_app.config["PASSWORD_RULES"].is_code_required
    return _after_password(
        lambda: code_actions.switch_off(get_db(), by=current_user, is_required=is_required, now=now()),
        lambda was_on: go_to(
            url_for(".show"), _("已停用。以后登录只需密码。") if was_on else _("没有启用，已放弃这次设置。")
        ),
    )


def _after_password(act, answer):
    """Do what asks for one's own password again, and answer; or the page with what went wrong."""
    form = ConfirmForm(request.form)
    try:
        form.read()
        actions.confirm(get_db(), form.confirmation.data or "", by=current_user, now=now())
        return answer(act())
    except Invalid as error:
        return _page(confirm=show_problems(form, error), status=422)
    except (Conflict, TooMany) as error:
        return _page(error=_(error.message), status=error.status)
