"""What the pages of an account show, whichever view answers."""

from flask import current_app, url_for
from flask_login import current_user

from app.accounts import actions
from app.accounts.forms import AccountForm, with_choices
from app.clock import from_text, now
from app.db import get_db
from app.departments import store as departments
from app.errors import AppError, NotFound
from app.filters import named
from app.forms import ConfirmForm
from app.htmx import render
from app.people import account_store as accounts
from app.people import actions as people
from app.people import code_store, guess_actions, identity_store
from app.people import session_store as sessions
from app.permissions import Role
from app.places import store as places
from app.translation import gettext as _

HAND_OVER = "assignments.hand_over"
"""Where an officer's firms go to another: a page of another room, linked to where there is one."""


def _is_locked(username: str) -> bool:
    lock = guess_actions.LOCKED_FOR
    count = sessions.count_attempts(get_db(), username, since=now() - lock, until=now() + lock)
    return count >= guess_actions.WRONG_PASSWORDS


def state_of(row) -> tuple[str, str]:
    """How an account stands, in words, and its tone."""
    if not row["is_active"]:
        return _("已停用"), "grey"
    if row["has_no_password"]:
        return _("未发密码"), "amber"
    if row["is_password_temporary"] and from_text(row["password_expires_at"] or row["created_at"]) < now():
        return _("一次性密码已过期"), "red"
    if row["is_password_temporary"]:
        return _("等待首次登录") if not row["last_sign_in_at"] else _("等待改密码"), "blue"
    return (_("从未登录"), "amber") if not row["last_sign_in_at"] else ("", "")


def row_or_404(user_id: int):
    """The account. Raises NotFound."""
    row = accounts.get_account(get_db(), user_id)
    if row is None:
        raise NotFound(actions.NO_SUCH_ACCOUNT)
    return row


def choosing(form):
    """The form with districts and departments to choose from."""
    db = get_db()
    return with_choices(
        form, districts=places.list_districts(db), departments=departments.list_departments(db), named=named
    )


def account_page(
    user_id: int,
    *,
    form: AccountForm | None = None,
    error: AppError | None = None,
    status: int = 200,
    confirm=None,
    code_confirm=None,
):
    """An account's page, with what was typed or what went wrong."""
    db, row = get_db(), row_or_404(user_id)
    form = form or choosing(AccountForm(data={**dict(row), "role": Role(row["role"])}))
    confirm = confirm or ConfirmForm()
    confirm.confirmation.id = "reset-confirmation"  # the form of the account asks for it too
    code_confirm = code_confirm or ConfirmForm()
    code_confirm.confirmation.id = "code-confirmation"
    authenticator = code_store.get_authenticator(db, user_id)
    idle = current_app.config["IDLE"][Role(row["role"])]
    led = accounts.count_led_firms(db, user_id) if row["role"] == Role.OFFICER else 0
    return render(
        "accounts/show.html",
        status=error.status if error else status,
        row=row,
        form=form,
        confirm=confirm,
        code_confirm=code_confirm,
        is_linked=identity_store.has_identity(db, user_id),
        code_since=authenticator["confirmed_at"] if authenticator else None,
        state=state_of(row),
        is_locked=_is_locked(row["username"]),
        sessions=sessions.list_sessions(db, user_id, seen_since=now() - idle),
        led_count=led,
        hand_over_url=(
            url_for(HAND_OVER, user_id=user_id) if led and HAND_OVER in current_app.view_functions else None
        ),
        is_oneself=user_id == current_user.id,
        asks_password=not people.is_fresh(current_user, now()),
        problem=_(error.message, **error.params) if error else "",
    )
