"""Where the office takes in what was rescued from a phone that can no longer send."""

from io import BytesIO

from flask import Blueprint, current_app, request
from flask_login import current_user

from app.db import get_db
from app.errors import Invalid
from app.guard import requires
from app.htmx import render
from app.outbox import rescue
from app.outbox.forms import ImportForm
from app.permissions import Permission
from app.translation import gettext as _

bp = Blueprint("rescue", __name__)


def _page(form: ImportForm, outcomes: list | None = None, *, status: int = 200):
    return render("outbox/import.html", status=status, form=form, outcomes=outcomes)


@bp.get("/office/outbox")
@requires(Permission.ACCOUNTS_EDIT)
def show():
    """Where the office takes in what was rescued from a phone."""
    return _page(ImportForm())


@bp.post("/office/outbox")
@requires(Permission.ACCOUNTS_EDIT)
def take_in():
    """Take in a phone's ZIP; what became of each record, in words. The same file twice changes nothing."""
    db, form, file = get_db(), ImportForm(request.form), request.files.get("file")
    try:
        officer = rescue.find_officer(db, form.read()["username"])
        outcomes = rescue.take_in(
            db,
            file.stream if file else BytesIO(),
            officer=officer,
            by=current_user,
            settings=current_app.config["SETTINGS"],
        )
    except Invalid as error:
        for name, message in error.fields.items():
            if not form[name].errors:
                form[name].errors = [_(message)]
        return _page(form, status=422)
    shown = [
        {
            "key": each.key,
            "title": each.title,
            "words": _(rescue.STATE_WORDS[each.state]),
            "reasons": [_(str(reason), **each.params) for reason in each.reasons],
        }
        for each in outcomes
    ]
    return _page(ImportForm(), shown)
