"""The firm's own page, by its one-time link: no account, no script needed, two questions."""

from flask import Blueprint, current_app, request, url_for

from app.clock import now
from app.db import get_db
from app.errors import Conflict, Invalid, NotFound, TooMany
from app.guard import public
from app.htmx import go_to, render
from app.i18n import N_
from app.issues import actions, links
from app.issues.forms import FirmForm
from app.issues.lifecycle import ENDED, OUTCOME_NAMES, Status
from app.rate_limit import SlidingWindow
from app.translation import gettext as _

bp = Blueprint("firm", __name__)

WRONG_EACH, WRONG_ALL, WINDOW_S = 20, 200, 60
"""Wrong links in a minute: of one client, and altogether. A right link is never counted and never refused."""


@bp.get("/c/<token>")
@public
def show(token: str):
    """The answer to the firm's problem and the two questions."""
    link_id = _link_id(token)
    issue, is_open = actions.open_link(get_db(), link_id, now=now())
    if _is_looked_at():
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
        actions.mark_opened(get_db(), link_id, now=now())  # whoever answers has seen it, whatever her browser says
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
        wrong = current_app.extensions.setdefault(
            "wrong_links", SlidingWindow(each=WRONG_EACH, all_=WRONG_ALL, seconds=WINDOW_S)
        )
        if not wrong.take(request.remote_addr or ""):
            raise TooMany(N_("无效的链接试得太多了。请过一分钟，从首席服务官发来的原链接重新打开。"))
        raise NotFound(actions.NO_SUCH_LINK)
    return link_id


def _is_looked_at() -> bool:
    """Whether a person's browser shows the page: a messenger's preview does not navigate, a prefetch says so itself."""
    is_ahead = any("prefetch" in request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate" and not is_ahead


def _page(token: str, issue, is_open: bool, form: FirmForm, *, status: int = 200, problem: str = ""):
    # While it is handled anew, neither the old answer nor one that nobody has verified is the firm's to read.
    is_answered = issue.status is Status.CALLBACK or issue.status in ENDED
    response = render(
        "issues/firm.html",
        status=status,
        token=token,
        issue=issue,
        is_open=is_open,
        form=form,
        problem=problem,
        public_answer=issue.public_answer if is_answered else "",
        outcome_name=_(OUTCOME_NAMES[issue.outcome]) if issue.outcome and is_answered else "",
        nav=[],
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
