"""Answers to a campaign's questions: fields for those that the page asks, and every answer that came, as text.

A page checks what it asks. What a phone froze may answer questions that were changed, withdrawn or never known here:
that is kept as it was written.
"""

import re
from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

from app.campaigns.models import LONGEST_ANSWER, Question
from app.forms import BaseForm, PickField, TextField, clean_line, is_printable
from app.translation import lazy_gettext as _l

_NAME = re.compile(r"answers-([0-9]{1,9})")
PREFIX = "answers"


def answer_form(formdata: MultiDict | None, questions: Sequence[Question]) -> BaseForm:
    """A field for each question; their names are answers-<id>."""
    return type("AnswerForm", (BaseForm,), {str(each.id): _field(each) for each in questions})(formdata, prefix=PREFIX)


def _field(question: Question):
    if question.options:
        return PickField(
            question.text,
            of=[(option, _l(option)) for option in question.options],  # yes and no have their English, others stand
            required=question.is_required,
        )
    return TextField(question.text, most=LONGEST_ANSWER, required=question.is_required)


def read_answers(formdata: MultiDict | None) -> tuple[tuple[int, str], ...]:
    """Every answer that came, by the number that its page gave the question."""
    found = {}
    for name, values in (formdata or MultiDict()).lists():
        number = _NAME.fullmatch(name)
        text = clean_line("".join(filter(is_printable, next((each for each in values if each.strip()), ""))))
        if number and text:
            found[int(number[1])] = text
    return tuple(sorted(found.items()))
