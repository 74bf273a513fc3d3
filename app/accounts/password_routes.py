"""Passwords for one use: given to one person, or to everyone of a district or department who never signed in.

A password is shown in the answer to the POST that made it and nowhere else: no address, cookie, log or second answer.
"""

from io import BytesIO
from urllib.parse import urlencode

from flask import Blueprint, current_app, request, url_for
from flask_login import current_user

from app.accounts import actions
from app.accounts.forms import HandOutForm
from app.accounts.pages import account_page, choosing, row_or_404
from app.clock import now, today
from app.db import get_db
from app.downloads import attachment
from app.errors import Conflict, Invalid
from app.filters import day
from app.forms import ConfirmForm, show_problems
from app.guard import requires
from app.htmx import go_to, render
from app.people import account_store as accounts
from app.people import actions as people
from app.people import identity_actions
from app.permissions import Permission
from app.reports.sheets import Column, write_csv
from app.translation import gettext as _

bp = Blueprint("passwords", __name__)

MOST = 100
"""Accounts given a password at a time: a few seconds of scrypt, and a pile of slips that one person can hand out."""
_FILTERS = ("role", "district", "department")


@bp.post("/office/accounts/<int:user_id>/password")
@requires(Permission.ACCOUNTS_EDIT)
def reset(user_id: int):
    """A new password for one use in place of a forgotten one."""
    form = ConfirmForm(request.form)
    try:
        form.read()
        people.confirm(get_db(), form.confirmation.data or "", by=current_user, now=now())
        slip = actions.reset_password(
            get_db(), user_id, by=current_user, rules=current_app.config["PASSWORD_RULES"], now=now()
        )
    except Invalid as error:
        return account_page(user_id, confirm=show_problems(form, error), status=422)
    except Conflict as error:
        return account_page(user_id, error=error)
    return render("accounts/slips.html", slips=[slip], back_url=url_for("accounts.show", user_id=user_id), left=0)


@bp.post("/office/accounts/<int:user_id>/code-reset")
@requires(Permission.ACCOUNTS_EDIT)
def reset_code(user_id: int):
    """Ask the person for no code any more: her phone is gone."""
    form = ConfirmForm(request.form)
    try:
        form.read()
        people.confirm(get_db(), form.confirmation.data or "", by=current_user, now=now())
        actions.reset_code(get_db(), user_id, by=current_user, now=now())
    except Invalid as error:
        return account_page(user_id, code_confirm=show_problems(form, error), status=422)
    except Conflict as error:
        return account_page(user_id, error=error)
    return go_to(url_for("accounts.show", user_id=user_id), _("动态验证码已重置，此人登录只需密码，可重新设置。"))


@bp.post("/office/accounts/<int:user_id>/identity-ending")
@requires(Permission.ACCOUNTS_EDIT)
def unlink_identity(user_id: int):
    """The identity provider signs nobody in to this account any more, until its person links it again."""
    row_or_404(user_id)
    identity_actions.unlink(get_db(), user_id, by=current_user, now=now())
    return go_to(url_for("accounts.show", user_id=user_id), _("已解除统一身份绑定。"))


@bp.get("/office/accounts/passwords")
@requires(Permission.ACCOUNTS_EDIT)
def show_hand_out():
    """How many people wait for a first password, by district and department."""
    form = choosing(HandOutForm(request.args))
    try:
        return _page(form, _waiting(form))
    except Invalid:
        return _page(form, [], status=422)


@bp.post("/office/accounts/passwords")
@requires(Permission.ACCOUNTS_EDIT)
def hand_out():
    """Give the next hundred of them a password for one use: a page of slips to print, or a sheet."""
    form = choosing(HandOutForm(request.form))
    try:
        waiting = _waiting(form)
        people.confirm(get_db(), form.confirmation.data or "", by=current_user, now=now())
    except Invalid as error:
        show_problems(form, error)
        return _page(form, [] if set(_FILTERS) & set(form.errors) else _waiting(form), status=422)
    if not waiting:
        return _page(form, waiting, status=409)
    slips = actions.hand_out(
        get_db(),
        [row["id"] for row in waiting[:MOST]],
        by=current_user,
        rules=current_app.config["PASSWORD_RULES"],
        now=now(),
    )
    if request.form.get("kind") == "csv":
        return _sheet(slips)
    asked = {name: value for name in _FILTERS if (value := request.form.get(name))}
    back_url = f"{url_for('.show_hand_out')}?{urlencode(asked)}"
    return render("accounts/slips.html", slips=slips, back_url=back_url, left=max(len(waiting) - MOST, 0))


def _waiting(form: HandOutForm) -> list:
    asked = form.read()
    return accounts.list_waiting(
        get_db(),
        role=asked["role"],
        district_id=asked["district"],
        department_id=asked["department"],
        with_valid=asked["with_valid"],
        now=now(),
    )


def _page(form: HandOutForm, waiting: list, *, status: int = 200):
    return render(
        "accounts/hand_out.html",
        status=status,
        form=form,
        waiting=waiting[:MOST],
        count=len(waiting),
        most=MOST,
        days=current_app.config["PASSWORD_RULES"].one_time_days,
        asks_password=not people.is_fresh(current_user, now()),
    )


def _sheet(slips):
    """The slips as a table, made in memory (an .xlsx is not): no plain password is written to this machine's disk."""
    columns = [
        Column(_("姓名"), 16),
        Column(_("单位或区县"), 24),
        Column(_("用户名"), 24),
        Column(_("一次性密码"), 18),
        Column(_("有效期至"), 16),
    ]
    rows = [(slip.name, slip.place, slip.username, slip.password, day(slip.expires_at)) for slip in slips]
    file = BytesIO()
    write_csv(file, columns, rows)
    return attachment(file, "text/csv", f"{_('一次性密码')}-{today().isoformat()}.csv")
