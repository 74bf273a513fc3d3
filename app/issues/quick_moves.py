"""The forms of moves as another page shows them beside each other: filled with what is usual, one tap to send."""

from collections.abc import Mapping, Sequence

from app.forms import BaseForm
from app.issues.forms import move_form
from app.issues.lifecycle import Transition
from app.issues.models import Issue

_LEFT_TO_THE_PAGE = ("assisting_ids", "note")
"""What may be added only on the move's own page, unless it is given here."""


def quick_form(issue: Issue, row: Transition, *, departments: Sequence, given: Mapping[str, object]) -> BaseForm:
    """The form of one move on an issue. Its ids begin with the action, so that several fit on a page."""
    form = move_form(row, departments=departments, given={"version": issue.version, **given})
    for name in _LEFT_TO_THE_PAGE:
        if name in form and name not in row.brings:
            del form[name]
    for field in form:
        field.id = f"{row.action}-{field.name}"
        field.label.field_id = field.id
    return form
