"""What the page of an issue and the form of a move show, whichever address leads to them."""

from flask import request
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.departments import store as departments
from app.errors import Invalid, NotFound
from app.forms import show_problems
from app.htmx import render
from app.issues import actions, canned, clock_words, history_store, link_store, links, store, timeline
from app.issues.forms import WITH_PHOTOS
from app.issues.lifecycle import ANSWERED, OUTCOME_NAMES, STATUS_NAMES, Transition, allowed
from app.issues.models import Issue
from app.permissions import Permission
from app.photos import store as photo_store
from app.rules import learned
from app.rules import store as rules
from app.rules.models import KIND_NAMES
from app.translation import gettext as _

ONE_TAP = frozenset({"accept", "verify", "resume"})
"""Moves that need no form: the button on the page is enough."""

DECK = "deck"

FIRST = ("accept", "answer", "verify", "dispatch", "supplement", "redispatch", "designate", "reply")
"""What people come to an issue for, in this order: the large button."""


def then() -> str:
    """Where the person came from and goes back to: the deck of decisions, or nowhere in particular."""
    return DECK if request.values.get("then") == DECK else ""


def issue_or_404(issue_id: int) -> Issue:
    """The issue, if there is one and this person may see it. Raises NotFound."""
    issue = store.get_issue(get_db(), issue_id, visible_to=current_user, now=now())
    if issue is None:
        raise NotFound(actions.NO_SUCH_ISSUE)
    return issue


def page(issue: Issue, *, status: int = 200, **context):
    """Where it stands, what was said and shown, what happened, and the moves this person may make now."""
    db, moment = get_db(), now()
    calendar = rules.get_calendar(db)
    moves = allowed(issue, current_user)
    first = next((row for action in FIRST for row in moves if row.action == action), None)
    pictures = photo_store.list_photos_of_issue(db, issue.id)
    awaited = photo_store.count_awaited(db, issue_id=issue.id)
    answer = issue.public_answer if issue.status in ANSWERED else ""
    names = departments.list_departments(db)
    joined = store.list_joined(db, issue, visible_to=current_user)
    return render(
        "issues/show.html",
        "issues/_issue.html",
        status=status,
        issue=issue,
        kind_name=_(KIND_NAMES[issue.kind]),
        status_name=_(STATUS_NAMES[issue.status]),
        outcome_name=_(OUTCOME_NAMES[issue.outcome]) if issue.outcome else "",
        answer=answer,
        clock=clock_words.of_issue(issue, now=moment, calendar=calendar),
        events=timeline.lines(history_store.list_events(db, issue.id), pictures, names, awaited, shown_answer=answer),
        awaited=awaited.get(None, 0),
        pictures=[each for each in pictures if each["event_id"] is None],
        has_photos=bool(pictures),
        assisting=[row for row in names if row["id"] in issue.assisting_ids],
        master=next((row for row in joined if row["id"] == issue.merged_into_id), None),
        merged=[row for row in joined if row["id"] != issue.merged_into_id],
        precedents=history_store.list_precedents(db, category_id=issue.category_id, district_id=issue.district_id)
        if {"dispatch", "redispatch", "designate"} & {row.action for row in moves}
        else [],
        first=first,
        moves=[row for row in moves if row is not first],
        one_tap=ONE_TAP,
        may_reveal=current_user.can(Permission.CONTACTS_REVEAL) and actions.may_see_contact(issue, current_user),
        may_link=actions.may_make_link(issue, current_user),
        firm_links=links.told(link_store.list_links(db, issue.id), moment)
        if current_user.can(Permission.FIRMS_READ)
        else [],
        **context,
    )


def form_page(
    issue: Issue, row: Transition, form, *, status: int = 200, error: Invalid | None = None, problem: str = ""
):
    """The form of one move, with what helps to fill it in."""
    if error:
        show_problems(form, error)
    return render(
        "issues/move.html",
        "issues/_move.html",
        status=status,
        issue=issue,
        row=row,
        form=form,
        then=then(),
        problem=_(error.fields["photos"], **error.params) if error and "photos" in error.fields else problem,
        with_photos=row.action in WITH_PHOTOS,
        canned=canned.offered(get_db(), issue, row, to=current_user),
        precedents=history_store.list_precedents(get_db(), category_id=issue.category_id, district_id=issue.district_id)
        if "department_id" in row.brings
        else [],
        last_note=timeline.last_note(history_store.list_events(get_db(), issue.id)),
        suggested=learned.departments_for(
            get_db(), f"{issue.title}\n{issue.description}", now=now(), without=issue.department_id
        )
        if row.action in ("dispatch", "redispatch")
        else [],
    )
