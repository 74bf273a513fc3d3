"""The firm's own page, by its one-time link: no account, no script needed, two questions."""

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext as _

from app.clock import now
from app.db import get_db
from app.errors import Conflict, Invalid, NotFound
from app.guard import public
from app.htmx import go_to, render
from app.issues import actions, links
from app.issues.forms import FirmForm
from app.issues.lifecycle import OUTCOME_NAMES

bp = Blueprint("firm", __name__)


@bp.get("/c/<token>")
@public
def show(token: str):
    """The answer to the firm's problem and the two questions."""
    link_id = _link_id(token)
    issue, is_open = actions.open_link(get_db(), link_id, now=now())
    # A messenger that fetches a preview does not navigate; only a person's browser does.
    if request.headers.get("Sec-Fetch-Mode") == "navigate":
        actions.mark_opened(get_db(), link_id, now=now())
    return _page(token, issue, is_open, FirmForm())


@bp.post("/c/<token>")
@public
def confirm(token: str):
    """The firm's word, once."""
    link_id = _link_id(token)
    form = FirmForm(request.form)
    try:
        typed = form.read()
        actions.confirm_by_firm(
            get_db(),
            link_id,
            is_solved=typed["is_solved"],
            is_satisfied=typed["is_satisfied"],
            comment=typed["note"],
            now=now(),
        )
    except Invalid:
        issue, is_open = actions.open_link(get_db(), link_id, now=now())
        return _page(token, issue, is_open, form, status=422)
    except Conflict as error:
        issue, is_open = actions.open_link(get_db(), link_id, now=now())
        return _page(token, issue, is_open, form, status=409, problem=_(error.message))
    return go_to(url_for(".show", token=token))


def _link_id(token: str) -> int:
    link_id = links.link_id_of(token, current_app.config["SECRET_KEY"])
    if link_id is None:
        raise NotFound(actions.NO_SUCH_LINK)
    return link_id


def _page(token: str, issue, is_open: bool, form: FirmForm, *, status: int = 200, problem: str = ""):
    response = render(
        "issues/firm.html",
        status=status,
        token=token,
        issue=issue,
        is_open=is_open,
        form=form,
        problem=problem,
        outcome_name=_(OUTCOME_NAMES[issue.outcome]) if issue.outcome else "",
        nav=[],
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
