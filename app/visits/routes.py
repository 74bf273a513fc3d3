"""Visits: the form for one visit with up to five problems, its receipt, and the list."""

from flask import Blueprint, current_app, flash, request, url_for
from flask_login import current_user

from app.campaigns import store as campaigns
from app.campaigns.models import YES_NO
from app.clock import now, today
from app.db import get_db
from app.departments import store as departments
from app.errors import Invalid, NotFound
from app.filters import pair
from app.firms import lists as firm_lists
from app.firms import store as firms
from app.forms import read_id
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.issues import clock_words, list_store
from app.issues.lifecycle import STATUS_NAMES, Status
from app.permissions import Permission
from app.photos import actions as photos
from app.photos import store as photo_store
from app.rules import store as rules
from app.translation import gettext as _
from app.translation import ngettext
from app.visits import actions, burden_forms, burden_store, lists, pages, store
from app.visits.forms import VisitForm, new_key
from app.visits.models import MODE_NAMES, MOST_ISSUES, TOPIC_NAMES, Mode, Topic

bp = Blueprint("visits", __name__)


@bp.get("/visits/")
@requires(Permission.VISITS_READ)
def index():
    """Visits, newest first: what was searched, of one firm, or with an answer to a campaign's question."""
    return lists.page()


@bp.get("/visits/new")
@requires(Permission.VISITS_RECORD)
def new():
    """The form for a visit to `firm_id`; without one, the firms to pick from."""
    firm_id = request.args.get("firm_id")
    if firm_id:
        firm = pages.firm_or_404(firm_id)
        given = {"client_key": new_key(), "firm_id": firm.id, "visited_at": now()}
        return pages.form_page(firm, VisitForm(data=given, questions=pages.asked_of(firm.id)))
    db, path = get_db(), url_for(".new")
    campaign = campaigns.get_running(db, on=today())
    listed = firm_lists.read(
        db,
        request.args,
        by=current_user,
        now=now(),
        round_=campaign.round if campaign else None,
        path=path,
        row_path=f"{path}?firm_id=",
    )
    return render("visits/pick.html", "firms/_list.html", firms=listed, picking=True)


@bp.post("/visits/")
@requires(Permission.VISITS_RECORD)
def create():
    """Record a visit with its photos and problems, once per client_key. Photos come before the transaction: slow."""
    db = get_db()
    uploads = [_uploads("photos"), *(_uploads(f"issues-{nth}-photos") for nth in range(MOST_ISSUES))]
    form = VisitForm(
        request.form,
        with_photos=[nth for nth in range(MOST_ISSUES) if uploads[nth + 1]],
        category_ids={row["id"] for row in departments.list_categories(db)},
        questions=pages.asked_of(read_id(request.form.get("firm_id", "").strip())),
    )
    burden_forms.ask(form, burden_store.get_burden(db))
    settings = current_app.config["SETTINGS"]
    try:
        visit = form.read_visit()
        # Out of scope is told before anything is decoded.
        firm = pages.firm_or_404(visit.firm_id)
        received = [
            photos.receive(files, folder=settings.photos, max_bytes=settings.photo_mb * 1024 * 1024, field=name)
            for files, name in zip(
                uploads, ("photos", *(f"issues-{nth}-photos" for nth in range(MOST_ISSUES))), strict=True
            )
        ]
        visit_id = actions.record_visit(
            db,
            visit,
            pictures=received[0],
            issue_pictures=[received[nth + 1] for nth in form.reported()],
            by=current_user,
            now=now(),
        )
    except Invalid as error:
        if form.firm_id.data is None:
            raise
        firm = pages.firm_or_404(form.firm_id.data)
        return pages.form_page(firm, form, error=error, lost_photos=sum(map(len, uploads)))
    flash(_receipt(visit_id, photo_count=sum(map(len, received))), "success")
    return go_to(url_for(".show", visit_id=visit_id))


def _uploads(name: str) -> list:
    """The files chosen under that name; a browser also sends an empty one for none."""
    return [each.stream for each in request.files.getlist(name) if each.filename]


def _receipt(visit_id: int, *, photo_count: int) -> str:
    """已入库：走访 1 条，照片 2 张，问题 1 件（交国网平顶山供电公司）."""
    rows = _issues_of(visit_id)
    parts = [_("走访 1 条")]
    if photo_count:
        parts.append(ngettext("照片 %(num)d 张", "照片 %(num)d 张", photo_count))
    if rows:
        names = dict.fromkeys(pair(row, "department") or _("区县营商办") for row in rows)
        count = ngettext("问题 %(num)d 件", "问题 %(num)d 件", len(rows))
        parts.append(_("%(count)s（交%(departments)s）", count=count, departments=_("、").join(names)))
    return _("已入库：%(what)s", what=_("，").join(parts))


@bp.get("/visits/<int:visit_id>")
@requires(Permission.VISITS_READ)
def show(visit_id: int):
    """One visit as it is stored: the receipt."""
    db, moment = get_db(), now()
    visit = store.get_visit(db, visit_id, visible_to=current_user)
    if visit is None:
        raise NotFound(N_("没有这条走访，或不在您的工作范围内。"))
    calendar = rules.get_calendar(db)
    found = [
        {
            "row": row,
            "status_name": _(STATUS_NAMES[Status(row["status"])]),
            "clock": clock_words.of_row(row, now=moment, calendar=calendar),
            "photo_count": len(photo_store.list_photos_of_issue(db, row["id"])),
        }
        for row in _issues_of(visit_id)
    ]
    pictures = photo_store.list_photos_of_visit(db, visit_id)
    photo_count = len(pictures) + sum(each["photo_count"] for each in found)
    if "receipt" in request.args:  # where the phone's outbox leads when all has arrived
        flash(_receipt(visit_id, photo_count=photo_count), "success")
    return render(
        "visits/show.html",
        visit=visit,
        mode_name=_(MODE_NAMES[Mode(visit["mode"])]),
        topics=[_(TOPIC_NAMES[Topic(each)]) for each in visit["topics"].split()],
        photos=pictures,
        photo_count=photo_count,
        awaited=sum(photo_store.count_awaited(db, visit_id=visit_id).values()),
        issues=found,
        answers=[_answer(row) for row in store.list_answers(db, visit_id)],
        may_open_firm=firms.get_firm(db, visit["firm_id"], visible_to=current_user) is not None,
    )


def _answer(row) -> tuple[str, str]:
    """A question and its answer in words. A question that was never known here keeps the number that the phone gave."""
    answer = row["answer"]
    return row["question"] or _("第 %(n)d 号问题（已查不到）", n=row["number"]), _(
        answer
    ) if answer in YES_NO else answer


def _issues_of(visit_id: int) -> list:
    filters = list_store.Filters(visit_id=visit_id)
    return list_store.list_issues(get_db(), filters, visible_to=current_user, now=now(), limit=MOST_ISSUES)[::-1]
