"""The office's accounts: found, made, changed, disabled."""

from urllib.parse import urlencode

from flask import Blueprint, current_app, request, url_for
from flask_login import current_user

from app.accounts import actions
from app.accounts.forms import AccountForm, SearchForm
from app.accounts.pages import account_page, choosing, row_or_404, state_of
from app.clock import now
from app.db import get_db
from app.errors import Conflict, Invalid
from app.forms import show_problems
from app.guard import requires
from app.htmx import go_to, render
from app.people import account_store as accounts
from app.people import actions as people
from app.people import guess_actions
from app.permissions import Permission
from app.translation import gettext as _

bp = Blueprint("accounts", __name__)

PER_PAGE = 50


@bp.get("/office/accounts/")
@requires(Permission.ACCOUNTS_EDIT)
def index():
    """Accounts by user name, narrowed by what the address asks for."""
    form = choosing(SearchForm(request.args))
    rows, status = [], 200
    try:
        asked = form.read()
        rows = accounts.list_accounts(
            get_db(),
            query=asked["q"] or "",
            role=asked["role"],
            district_id=asked["district"],
            department_id=asked["department"],
            state=asked["state"],
            after=asked["after"] or "",
            limit=PER_PAGE,
            **_locks(),
        )
    except Invalid:
        status = 422
    kept = {name: value for name, value in request.args.items() if value and name != "after"}
    return render(
        "accounts/index.html",
        status=status,
        form=form,
        rows=[(row, state_of(row)) for row in rows[:PER_PAGE]],
        next_url=_url({**kept, "after": rows[PER_PAGE - 1]["username"]}) if len(rows) > PER_PAGE else None,
        first_url=_url(kept) if request.args.get("after") else None,
        is_narrowed=bool(kept),
    )


def _url(asked: dict[str, str]) -> str:
    return f"{url_for('.index')}?{urlencode(asked)}"


def _locks() -> dict:
    return {"locked_since": now() - guess_actions.LOCKED_FOR, "wrong_passwords": guess_actions.WRONG_PASSWORDS}


@bp.get("/office/accounts/new")
@requires(Permission.ACCOUNTS_EDIT)
def new():
    """The form for a new account."""
    return _form_page(choosing(AccountForm()))


@bp.post("/office/accounts/")
@requires(Permission.ACCOUNTS_EDIT)
def create():
    """Add an account; its password for one use is shown in this answer and never again."""
    form = choosing(AccountForm(request.form))
    try:
        account = form.read_account()
        people.confirm(get_db(), form.confirmation.data or "", by=current_user, now=now())
        slip = actions.create_account(
            get_db(), account, by=current_user, rules=current_app.config["PASSWORD_RULES"], now=now()
        )
    except Invalid as error:
        return _form_page(show_problems(form, error), status=422)
    return render("accounts/slips.html", slips=[slip], back_url=url_for(".show", user_id=slip.user_id), left=0)


@bp.get("/office/accounts/<int:user_id>")
@requires(Permission.ACCOUNTS_EDIT)
def show(user_id: int):
    """One account: how it stands, what can be changed."""
    return account_page(user_id)


@bp.post("/office/accounts/<int:user_id>")
@requires(Permission.ACCOUNTS_EDIT)
def update(user_id: int):
    """Change name, role, place and contact."""
    row = row_or_404(user_id)
    form = choosing(AccountForm(request.form))
    form.username.data = row["username"]
    try:
        new_account = form.read_account()
        if new_account.role != row["role"]:
            people.confirm(get_db(), form.confirmation.data or "", by=current_user, now=now())
        changed = actions.change_account(
            get_db(), user_id, new_account, version=form.version.data or 0, by=current_user, now=now()
        )
    except Invalid as error:
        return account_page(user_id, form=show_problems(form, error), status=422)
    except Conflict as error:
        return account_page(user_id, error=error)
    return go_to(url_for(".show", user_id=user_id), _("已保存。") if changed else _("内容没有变化。"))


@bp.post("/office/accounts/<int:user_id>/disabling")
@requires(Permission.ACCOUNTS_EDIT)
def disable(user_id: int):
    """Let the person in no more."""
    try:
        actions.disable_account(get_db(), user_id, by=current_user, now=now())
    except Conflict as error:
        return account_page(user_id, error=error)
    return go_to(url_for(".show", user_id=user_id), _("账号已停用，所有设备上的登录已退出。"))


@bp.post("/office/accounts/<int:user_id>/enabling")
@requires(Permission.ACCOUNTS_EDIT)
def enable(user_id: int):
    """Let the person in again."""
    actions.enable_account(get_db(), user_id, by=current_user, now=now())
    return go_to(url_for(".show", user_id=user_id), _("账号已启用，原来的密码仍然有效。"))


@bp.post("/office/accounts/<int:user_id>/unlocking")
@requires(Permission.ACCOUNTS_EDIT)
def unlock(user_id: int):
    """Lift the lock that wrong passwords brought about."""
    actions.unlock_account(get_db(), user_id, by=current_user, now=now())
    return go_to(url_for(".show", user_id=user_id), _("已解锁，现在可以登录。"))


@bp.post("/office/accounts/<int:user_id>/sign-out")
@requires(Permission.ACCOUNTS_EDIT)
def end_sessions(user_id: int):
    """Sign the person out everywhere."""
    count = actions.end_sessions(get_db(), user_id, by=current_user, now=now())
    return go_to(url_for(".show", user_id=user_id), _("已退出 %(count)d 处登录。", count=count))


def _form_page(form: AccountForm, *, status: int = 200):
    return render("accounts/new.html", status=status, form=form, asks_password=not people.is_fresh(current_user, now()))
