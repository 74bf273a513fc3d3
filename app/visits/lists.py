"""The list of visits: what its address asks for, and its page."""

from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_login import current_user

from app.campaigns import store as campaigns
from app.campaigns.models import YES_NO
from app.clock import midnight, to_text
from app.db import get_db
from app.errors import Invalid, NotFound
from app.forms import read_id
from app.htmx import render
from app.i18n import N_
from app.translation import gettext as _
from app.visits import list_store, pages
from app.visits.forms import FindForm
from app.visits.models import MODE_NAMES

PER_PAGE = 25
LAST_PAGE = 200
TYPED, FOLLOWED = ("q", "from", "to"), ("firm_id", "question", "answer")
"""What narrows the list: typed above it, or brought along by the link that led here."""


def page():
    """Visits, newest first: what was searched, of one firm, or with an answer to a campaign's question."""
    nth, firm_id = read_id(request.args.get("page", "1")), request.args.get("firm_id")
    if nth is None or nth > LAST_PAGE:
        raise NotFound(N_("没有这一页。请从第一页看起。"))
    firm = pages.firm_or_404(firm_id) if firm_id else None
    question = _question_or_404(request.args.get("question"))
    answer = request.args.get("answer") if question else None
    form, rows, status = FindForm(request.args), [], 200
    try:
        filters = _filters(form, firm_id=firm and firm.id, question_id=question and question["id"], answer=answer)
        rows = list_store.list_visits(get_db(), filters, visible_to=current_user, page=nth, limit=PER_PAGE)
    except Invalid:
        status = 422
    given: dict[str, Any] = {name: request.args[name] for name in (*TYPED, *FOLLOWED) if request.args.get(name)}
    has_more = len(rows) > PER_PAGE and nth < LAST_PAGE
    return render(
        "visits/index.html",
        status=status,
        visits=rows[:PER_PAGE],
        firm=firm,
        question=question,
        answer=_(answer) if answer in YES_NO else answer,
        form=form,
        is_searched=any(name in given for name in TYPED),
        followed={name: given[name] for name in FOLLOWED if name in given},
        nth=nth,
        mode_names=MODE_NAMES,
        previous_url=url_for(".index", **given, page=nth - 1) if nth > 1 else None,
        next_url=url_for(".index", **given, page=nth + 1) if has_more else None,
    )


def _filters(form: FindForm, **followed) -> list_store.Filters:
    """What was typed, with what the link brought along. Raises Invalid, the form holding the words."""
    typed = form.read()
    first, last = typed["from_on"], typed["to_on"]
    return list_store.Filters(
        query=typed["q"],
        since=to_text(midnight(first)) if first else "",
        until=to_text(midnight(last + timedelta(days=1))) if last else "",
        **followed,
    )


def _question_or_404(raw: str | None):
    """The question that the list is narrowed to (a row), None without one."""
    if not raw:
        return None
    question_id = read_id(raw)
    question = campaigns.get_question(get_db(), question_id) if question_id else None
    if question is None:
        raise NotFound(N_("没有这样的筛选条件。请从页面上选择。"))
    return question
