"""Signing in and out, the page about oneself, language and looks."""

from datetime import timedelta

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user

from app.clock import now
from app.db import get_db
from app.departments import store as departments
from app.errors import AppError, Invalid, TooMany
from app.forms import show_problems
from app.guard import STEPS, public, requires, settles
from app.htmx import go_to, local_path, render
from app.i18n import LANGUAGES, N_
from app.people import actions, code_store, identity_store, provider, session_store, store
from app.people.devices import device_of
from app.people.forms import FirstPasswordForm, PasswordForm, SignInForm
from app.people.guesses import TOO_MANY, guesses
from app.people.models import ROLE_NAMES
from app.people.passwords import PasswordRules
from app.permissions import Permission, Role
from app.places import store as places
from app.translation import gettext as _

bp = Blueprint("people", __name__)

THEMES = {"auto": N_("跟随系统"), "light": N_("浅色"), "dark": N_("深色")}
TEXT_SIZES = {"normal": N_("标准"), "large": N_("大"), "larger": N_("特大")}
DEMO_ACCOUNTS = {
    "officer": N_("走访企业，上报问题，核实答复"),
    "handler": N_("签收、办理、答复本单位的问题"),
    "dispatcher": N_("受理本区县的问题并派单"),
    "head": N_("看本区县未办结问题，催办督办"),
    "office": N_("看全市情况，管名册和规则"),
    "auditor": N_("只读查看全市问题和审计记录"),
}
YEAR = timedelta(days=365)


def _sign_in_page(form: SignInForm, *, status: int = 200, error: str | None = None):
    accounts = []
    if current_app.config["IS_DEMO"]:
        accounts = [
            {
                "username": row["username"],
                "name": row["name"],
                "role_label": _(ROLE_NAMES[Role(row["role"])]),
                "description": _(DEMO_ACCOUNTS.get(name := row["username"], name)),
            }
            for row in store.list_users_by_username(get_db(), list(DEMO_ACCOUNTS))
        ]
    next_url = local_path(request.values.get("next"), "")
    return render(
        "people/login.html",
        status=status,
        form=form,
        error=error,
        demo_accounts=accounts,
        next_url=next_url,
        has_provider=provider.is_on(),
        may_be_there=provider.may_be_signed_in(),
    )


@bp.get("/login")
@public
def login():
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(url_for("home.index"), code=303)
    return _sign_in_page(SignInForm())


@bp.post("/login")
@public
def create_session():
    """Sign in."""
    form = SignInForm(request.form)
    try:
        typed = form.read()
        caller = request.remote_addr or ""
        if guesses().is_full(caller):
            raise TooMany(TOO_MANY)
        device = device_of(request.user_agent.string)
        user = actions.sign_in(
            get_db(), username=typed["username"], password=typed["password"], device=device, now=now()
        )
    except AppError as error:
        if not (isinstance(error, Invalid) and error.fields):
            guesses().take(caller)
        words = None if isinstance(error, Invalid) and error.fields else _(error.message)
        return _sign_in_page(form, status=error.status, error=words)
    if current_user.is_authenticated:
        actions.sign_out(get_db(), by=current_user, now=now())
    login_user(user)
    # A phone that was switched off is still signed in when it comes back; how long is the server's to say.
    session.permanent = user.role is Role.OFFICER
    next_url = local_path(request.form.get("next"), "")
    if user.due == "code":
        return go_to(url_for("codes.ask", next=next_url or None))
    return go_to(next_url or url_for("home.index"))


@bp.post("/logout")
@requires(Permission.OWN_ACCOUNT)
@settles(*STEPS)
def logout():
    """Sign out, here and on the server."""
    actions.sign_out(get_db(), by=current_user, now=now())
    logout_user()
    response = go_to(url_for(".login"), _("您已退出登录。"))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.get("/me")
@requires(Permission.OWN_ACCOUNT)
def me():
    """The page about oneself: language, looks, password, signing out."""
    return _me_page(PasswordForm())


def _me_page(form: PasswordForm, *, status: int = 200):
    db, place = get_db(), None
    if current_user.department_id:
        place = departments.get_department(db, current_user.department_id)
    elif current_user.district_id:
        place = places.get_district(db, current_user.district_id)
    authenticator = code_store.get_authenticator(db, current_user.id)
    sessions = session_store.list_sessions(
        db, current_user.id, seen_since=now() - current_app.config["IDLE"][current_user.role]
    )
    here = actions.hash_of(current_user.session_token)
    return render(
        "people/me.html",
        status=status,
        form=form,
        password_rule=password_rule(_rules(), current_user.role),
        themes=THEMES,
        text_sizes=TEXT_SIZES,
        place=place,
        has_provider=provider.is_on(),
        is_linked=identity_store.has_identity(db, current_user.id),
        code_since=authenticator["confirmed_at"] if authenticator else None,
        sessions=[(row, row["token_hash"] == here) for row in sessions],
    )


def _rules() -> PasswordRules:
    return current_app.config["PASSWORD_RULES"]


def password_rule(rules: PasswordRules, role: Role) -> str:
    """What a password must be like, said before it is typed."""
    least = _("至少 %(least)d 位，不能是用户名、姓名、电话或常见密码。", least=rules.length(role))
    if not rules.kinds:
        return least
    mixed = _("要包含大写字母、小写字母、数字、符号中的 %(kinds)d 种。", kinds=rules.kinds)
    return least + mixed


@bp.post("/me/password")
@requires(Permission.OWN_ACCOUNT)
def update_password():
    """Change one's own password."""
    form = PasswordForm(request.form)
    try:
        typed = form.read()
        actions.change_password(
            get_db(), by=current_user, current=typed["current"], new=typed["new"], rules=_rules(), now=now()
        )
    except Invalid as error:
        show_problems(form, error)
        return _me_page(form, status=422)
    return go_to(url_for(".me"), _("密码已修改，其他设备上的登录已退出。"))


@bp.get("/me/password")
@requires(Permission.OWN_ACCOUNT)
@settles("password")
def new_password():
    """Where a password for one use, or one whose term is over, gives way to the person's own."""
    if current_user.due != "password":
        return redirect(url_for(".me"), code=303)
    return _new_password_page(FirstPasswordForm())


def _new_password_page(form: FirstPasswordForm, *, status: int = 200):
    return render(
        "people/new_password.html",
        status=status,
        form=form,
        asks_current=not actions.is_fresh(current_user, now()),
        password_rule=password_rule(_rules(), current_user.role),
    )


@bp.post("/me/first-password")
@requires(Permission.OWN_ACCOUNT)
@settles("password")
def set_first_password():
    """Set it, and go on to work."""
    form = FirstPasswordForm(request.form)
    if current_user.due != "password":
        return redirect(url_for(".me"), code=303)
    try:
        typed = form.read()
        current = None if actions.is_fresh(current_user, now()) else typed["current"] or ""
        actions.change_password(get_db(), by=current_user, current=current, new=typed["new"], rules=_rules(), now=now())
    except Invalid as error:
        show_problems(form, error)
        return _new_password_page(form, status=422)
    return go_to(url_for("home.index"), _("新密码已生效。以后请用它登录。"))


@bp.post("/me/sessions/<int:session_id>/ending")
@requires(Permission.OWN_ACCOUNT)
def end_session(session_id: int):
    """Sign out on another of one's own devices."""
    actions.end_session(get_db(), session_id, by=current_user, now=now())
    return go_to(url_for(".me"), _("那台设备上的登录已退出。"))


@bp.post("/me/sessions/ending")
@requires(Permission.OWN_ACCOUNT)
def end_other_sessions():
    """Sign out everywhere but here."""
    actions.end_other_sessions(get_db(), by=current_user, now=now())
    return go_to(url_for(".me"), _("其他设备上的登录都已退出。"))


@bp.post("/settings")
@public
def set_language():
    """Remember language, theme or text size in a cookie, so that it works before signing in too."""
    choices = {"language": LANGUAGES, "theme": tuple(THEMES), "text_size": tuple(TEXT_SIZES)}
    name, value = request.form.get("name", ""), request.form.get("value", "")
    if value not in choices.get(name, ()):
        raise Invalid(N_("没有这个选项，请从页面上选择。"))
    response = go_to(local_path(request.form.get("next"), url_for(".me")))
    response.set_cookie(
        name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response
