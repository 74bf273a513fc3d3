"""`/privacy`: what is kept of people, for anyone to read; `/office/privacy`: exports, and what was erased last."""

from io import BytesIO

from flask import Blueprint, current_app, request
from flask_login import current_user

from app.audit import store as audit
from app.audit.models import Search
from app.clock import now, today
from app.db import get_db
from app.downloads import TYPES, attachment
from app.errors import Invalid, NotFound, TooMany
from app.forms import show_problems
from app.guard import public, requires
from app.htmx import render
from app.people import actions as people
from app.permissions import Permission
from app.privacy import export_actions
from app.privacy.forms import ExportForm
from app.privacy.holdings import find_subject, sections_of
from app.privacy.sheets import write_sections
from app.translation import gettext as _

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
@public
def show():
    """What is kept and why, how long, who sees it, whom to ask."""
    return render("privacy/show.html", periods=_periods(), contact=current_app.config["SETTINGS"].privacy_contact)


def _periods():
    return current_app.config["PERIODS"]


@bp.get("/office/privacy")
@requires(Permission.PRIVACY_EXPORT)
def index():
    """The periods, the last erasing, and the form of the export."""
    return _page(ExportForm())


def _page(form: ExportForm, *, status: int = 200, error: str = ""):
    return render(
        "privacy/index.html",
        status=status,
        form=form,
        error=error,
        periods=_periods(),
        erased=audit.list_entries(get_db(), Search(action="data_erased"), limit=5)[:5],
        asks_password=not people.is_fresh(current_user, now()),
    )


@bp.post("/office/privacy/exports")
@requires(Permission.PRIVACY_EXPORT)
def export():
    """All that is held about one person, as a file; written to the audit log."""
    form, db = ExportForm(request.form), get_db()
    try:
        typed = form.read()
        people.confirm(db, form.confirmation.data or "", by=current_user, now=now())
        subject = find_subject(db, typed["kind"], typed["name"])
    except Invalid as error:
        if not error.fields:
            return _page(form, status=422, error=_(error.message))
        return _page(show_problems(form, error), status=422)
    except (NotFound, TooMany) as error:
        return _page(form, status=error.status, error=_(error.message))
    file = BytesIO()
    write_sections(file, sections_of(db, subject))
    export_actions.log_export(db, subject, by=current_user, now=now())
    name = f"{_('个人信息')}-{subject.object.replace(':', '-')}-{today().isoformat()}.xlsx"
    return attachment(file, TYPES["xlsx"], name)
