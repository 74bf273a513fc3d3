"""What was typed into the search, as the store understands it: people and things found by what they are called."""

import re
from datetime import datetime, time, timedelta

from sqlite_utils import Database
from werkzeug.datastructures import MultiDict

from app.audit import store
from app.audit.forms import AuditForm
from app.audit.models import Search
from app.clock import LOCAL
from app.errors import Invalid
from app.translation import gettext as _

MOST = 100
"""So many people or things of one name are looked for at a time."""
_OBJECT = re.compile(r"[a-z_]{1,30}(:[0-9a-z_]{1,30})?", re.ASCII)


def form_of(args: MultiDict) -> AuditForm:
    """The search as it was typed."""
    return AuditForm(args)


def read(db: Database, form: AuditForm) -> tuple[Search, dict]:
    """The search and the form's values. Raises Invalid with the words beside the field."""
    typed = form.read()
    people = objects = None
    if typed["person"]:
        people = tuple(store.find_people(db, typed["person"], limit=MOST + 1))
        _refuse_crowd(form, "person", len(people))
    if typed["about"]:
        found = store.find_objects(db, typed["about"], limit=MOST + 1)
        if _OBJECT.fullmatch(typed["about"]):
            found.append(typed["about"])
        objects = tuple(found)
        _refuse_crowd(form, "about", len(objects))
    since, until = typed["from_on"], typed["to_on"]
    search = Search(
        action=typed["action"],
        people=people,
        objects=objects,
        since=datetime.combine(since, time(), LOCAL) if since else None,
        until=datetime.combine(until, time(), LOCAL) + timedelta(days=1) if until else None,
    )
    return search, typed


def _refuse_crowd(form: AuditForm, name: str, count: int) -> None:
    if count > MOST:
        form[name].errors = [_("符合的太多，请写得更全。")]
        raise Invalid(fields={name: form[name].errors[0]})
