"""Issues: the list, the page, and every move of the lifecycle at POST /issues/<id>/<noun>."""

from flask import Blueprint, current_app, flash, request, url_for
from flask_login import current_user

from app.clock import now
from app.db import get_db
from app.departments import store as departments
from app.errors import Conflict, Invalid, NotFound
from app.firms import store as firms
from app.forms import LongTextField, read_id
from app.guard import AGAIN, AGAIN_WITH_PHOTOS, requires, shows_again
from app.htmx import go_to, render, wants_partial
from app.i18n import N_
from app.issues import actions, canned, deadlines, history_store, list_store, lists, open_store, pages, store
from app.issues.forms import WITH_PHOTOS, ForecastForm, move_form
from app.issues.lifecycle import NOUNS, TRANSITIONS, Transition, allowed
from app.issues.models import Issue
from app.permissions import Permission
from app.photos import actions as photos
from app.rules import forecast as forecasting
from app.rules import store as rules
from app.rules.models import CLOCK_NAMES, Kind, Urgency
from app.translation import gettext as _
from app.translation import ngettext

bp = Blueprint("issues", __name__)


@bp.get("/issues/")
@requires(Permission.ISSUES_READ)
def index():
    """The list: an officer's issues, a handler's inbox, a district's, the city's."""
    db, moment = get_db(), now()
    calendar = rules.get_calendar(db)
    asked = lists.read(request.args, calendar, moment)
    rows = list_store.list_issues(
        db, asked.filters, visible_to=current_user, now=moment, order=asked.order, page=asked.page, limit=lists.PER_PAGE
    )
    return render(
        "issues/index.html",
        "issues/_list.html",
        issues=[lists.shown(row, moment, calendar) for row in rows[: lists.PER_PAGE]],
        has_more=len(rows) > lists.PER_PAGE,
        asked=asked,
        tabs=lists.tabs(
            current_user.role, open_store.count_open_by_status(db, visible_to=current_user, now=moment), asked
        ),
        chosen=lists.chosen(db, asked),
        pages=lists.pages(request.args, asked.page, has_more=len(rows) > lists.PER_PAGE),
    )


@bp.post("/issues/forecast")
@requires(Permission.VISITS_RECORD)
def show_forecast():
    """Where a problem would go and by when, before it is sent. A POST so that its words stand in no address or log."""
    db = get_db()
    form = ForecastForm(request.form)
    typed = form.read()
    firm = firms.get_firm(db, typed["firm_id"], visible_to=current_user)
    if firm is None or departments.get_category(db, typed["category_id"]) is None:
        raise NotFound(actions.NO_SUCH_ISSUE)
    found = forecasting.forecast(
        db,
        category_id=typed["category_id"],
        kind=typed["kind"] or Kind.HELP,
        urgency=typed["urgency"] or Urgency.NORMAL,
        district_id=firm.district_id,
        text=f"{typed['title']}\n{typed['description']}",
        now=now(),
    )
    return render("rules/_forecast.html", forecast=forecasting.words(found), reasons=forecasting.reasons(found))


@bp.post("/issues/acceptances")
@requires(Permission.ISSUES_ACT)
def accept_many():
    """Accept the ticked issues."""
    ids = [read_id(raw) for raw in request.form.getlist("issue_id")[: lists.PER_PAGE]]
    if not ids or None in ids:
        raise Invalid(N_("请先勾选要签收的问题。"))
    accepted, missed = actions.accept_many(get_db(), [each for each in ids if each], by=current_user, now=now())
    message = ngettext("已签收 %(num)d 件。", "已签收 %(num)d 件。", accepted)
    if missed:
        message += ngettext("另有 %(num)d 件状态已变，没有签收。", "另有 %(num)d 件状态已变，没有签收。", missed)
    return go_to(url_for(".index", status="dispatched"), message)


@bp.get("/issues/<int:issue_id>")
@requires(Permission.ISSUES_READ)
def show(issue_id: int):
    """One issue: where it stands, what was said, what happened, and just the moves allowed now."""
    issue = pages.issue_or_404(issue_id)
    if "receipt" in request.args:  # where the phone's outbox leads when a move and its photos have arrived
        last = history_store.list_events(get_db(), issue_id)[-1]
        done = _(TRANSITIONS[last["action"]].done)
        flash(_("%(number)s：%(done)s。", number=issue.number, done=done), "success")
    return pages.page(issue)


@bp.get("/issues/<int:issue_id>/clock")
@requires(Permission.ISSUES_READ)
def clock(issue_id: int):
    """Why this date: every clock of the issue, day by day."""
    db, moment = get_db(), now()
    issue = pages.issue_or_404(issue_id)
    calendar = rules.get_calendar(db)
    states = actions.clocks_of(db, issue_id)
    return render(
        "issues/clock.html",
        issue=issue,
        clock_names=CLOCK_NAMES,
        reason_names=deadlines.REASON_NAMES,
        clocks=[
            {"state": state, "why": deadlines.why(state, calendar), "tone": deadlines.colour(state, moment)}
            for state in reversed(states)
        ],
    )


@bp.post("/issues/<int:issue_id>/contact")
@requires(Permission.CONTACTS_REVEAL)
def reveal_contact(issue_id: int):
    """The firm's contact number, while the case is open; the look is written to the audit log."""
    issue = actions.reveal_contact(get_db(), issue_id, by=current_user, now=now())
    if wants_partial():
        return render("issues/_contact.html", issue=issue, is_revealed=True)
    return pages.page(issue, is_revealed=True)


@bp.get("/issues/<int:issue_id>/<noun>")
@requires(Permission.ISSUES_READ)
def edit(issue_id: int, noun: str):
    """The form of one move."""
    row = _row_or_404(noun)
    issue = pages.issue_or_404(issue_id)
    if row not in allowed(issue, current_user):
        return pages.page(issue, status=409, problem=_(actions.NOT_NOW))
    given = {"version": issue.version, "urgency": issue.urgency}
    if row.action in ("grant_extension", "suspend"):
        given |= {"extend_to_on": issue.extension_asked_on, "review_on": issue.suspension_asked_on}
    if row.action in ("assist", "redispatch", "designate"):
        given["assisting_ids"] = issue.assisting_ids
    form = move_form(row, departments=departments.list_departments(get_db()), given=given)
    return pages.form_page(issue, row, form)


@bp.post("/issues/<int:issue_id>/<noun>")
@requires(Permission.ISSUES_ACT)
@shows_again
def move(issue_id: int, noun: str):
    """Make one move."""
    row = _row_or_404(noun)
    db = get_db()
    issue = pages.issue_or_404(issue_id)
    form = move_form(row, request.form, departments=departments.list_departments(db))
    if row not in allowed(issue, current_user):
        is_stale = form.version.data not in (None, issue.version)
        return _refused(issue, actions.STALE if is_stale else actions.NOT_NOW, form)
    if "canned" in request.form or AGAIN in request.form:
        if "canned" in request.form:
            canned.put_in(db, form, issue, row, chosen=request.form["canned"], to=current_user)
        chosen = any(each.filename for each in request.files.getlist("photos"))
        lost = chosen or request.form.get(AGAIN) == AGAIN_WITH_PHOTOS
        return pages.form_page(issue, row, form, problem=_("浏览器不能保留选好的照片，请重新选一次。") if lost else "")
    try:
        uploads = [each.stream for each in request.files.getlist("photos") if each.filename]
        brought = form.read_move(row.action, photo_count=len(uploads))
        settings = current_app.config["SETTINGS"]
        pictures = (
            photos.receive(uploads, folder=settings.photos, max_bytes=settings.photo_mb * 1024 * 1024)
            if row.action in WITH_PHOTOS
            else []
        )
        fresh = actions.advance(
            db,
            issue_id,
            row.action,
            by=current_user,
            now=now(),
            version=form.version.data,
            brought=brought,
            pictures=pictures,
        )
    except Invalid as error:
        return pages.form_page(issue, row, form, status=422, error=error)
    except Conflict as error:
        return _refused(pages.issue_or_404(issue_id), error.message, form)
    return _moved(fresh, row)


def _refused(issue: Issue, message: str, form):
    """The issue as it stands now, with the words that were typed, so that they are not lost."""
    typed = "\n\n".join(each.data for each in form if isinstance(each, LongTextField) and each.data)
    return pages.page(issue, status=409, problem=_(message), typed=typed)


def _moved(issue: Issue, row: Transition):
    message = _("%(number)s：%(done)s。", number=issue.number, done=_(row.done))
    if pages.then() == pages.DECK:
        return go_to(url_for("deck.index"), message)
    if not store.is_visible(get_db(), issue.id, visible_to=current_user):
        return go_to(url_for(".index"), message)
    if wants_partial():
        return pages.page(issue, message=message)
    return go_to(url_for(".show", issue_id=issue.id), message)


def _row_or_404(noun: str) -> Transition:
    row = NOUNS.get(noun)
    if row is None:
        raise NotFound(actions.NO_SUCH_ISSUE)
    return row
