"""What the office lays down, put on the real forms; how many fields must be filled in, counted from them."""

from collections.abc import Mapping
from typing import Any

from wtforms import HiddenField

from app.forms import BaseForm, PickField, TextField, needed
from app.translation import lazy_gettext as _l
from app.visits.burden import FEWEST, GOVERNED, MOST, USE_NAMES, Asked, Burden, Part, Use
from app.visits.forms import IssueForm, VisitForm


def ask(form: VisitForm, burden: Burden) -> VisitForm:
    """The form with the fields required that the office requires. A form that a phone froze is read without it."""
    for name in burden.needed_names(Part.VISIT):
        needed(form[name])
    for each in (*form.issues, form.blank):
        for name in burden.needed_names(Part.PROBLEM):
            needed(each[name])
    return form


def count_required(burden: Burden) -> Mapping[Part, list[Any]]:
    """The fields that an officer must fill in herself, as they stand empty on her page, by the form they are of.

    What the page brings along (which firm, the draft's key) or begins with a value is no work.
    """
    form = ask(VisitForm(data={"firm_id": 1}), burden)
    problem: IssueForm = form.issues[0]
    return {
        part: [field for field in of if field.flags.required and not field.data]
        for part, of in ((Part.VISIT, form), (Part.PROBLEM, problem))
    }


class BurdenBase(BaseForm):
    """How each governed field is asked, and the limit; `was` marks what the page showed."""

    limit = PickField(_l("必填上限"), of=[(n, str(n)) for n in range(FEWEST, MOST + 1)])
    was = HiddenField()

    def read_burden(self) -> Burden:
        """As typed. Raises Invalid."""
        typed = self.read()
        fields = {
            each.key: Asked(typed[f"use_{each.key}"], _own_words(typed[f"purpose_{each.key}"], each.purpose))
            for each in GOVERNED
        }
        return Burden(fields, typed["limit"])


def _own_words(typed: str, usual: str) -> str:
    """What the office says a field is for; '' where it left the usual words standing, so that they are translated."""
    return "" if typed in ("", usual, str(_l(usual))) else typed


def burden_form(formdata=None, *, burden: Burden) -> BurdenBase:
    """The form, filled with what is laid down."""
    fields: dict[str, Any] = {}
    given: dict[str, Any] = {"limit": burden.limit}
    for each in GOVERNED:
        uses = [use for use in Use if each.may_be_required or use is not Use.REQUIRED]
        fields[f"use_{each.key}"] = PickField(_l(each.label), of=[(use, _l(USE_NAMES[use])) for use in uses])
        fields[f"purpose_{each.key}"] = TextField(_l("用途"), most=60)
        asked = burden.of(each.key)
        given |= {f"use_{each.key}": asked.use, f"purpose_{each.key}": asked.purpose or str(_l(each.purpose))}
    return type("BurdenForm", (BurdenBase,), fields)(formdata, data=given)
