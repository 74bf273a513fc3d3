"""The period a reader asks for."""

from datetime import date

from app.errors import Invalid
from app.review import periods
from app.review.periods import Period
from app.spans import SpanForm
from app.translation import gettext as _


class PeriodForm(SpanForm):
    """Days of one's own choice."""

    longest_days = periods.LONGEST_DAYS


def read_period(form: PeriodForm, kind: str, *, today: date) -> tuple[str, Period, Period]:
    """The kind of period asked for, the period and the one before it. Raises Invalid, the form holding the words."""
    if kind == "custom" or any(field.raw_data and field.raw_data[0] for field in (form.from_on, form.to_on)):
        typed = form.read()
        return "custom", *periods.chosen(typed["from_on"], typed["to_on"])
    if kind not in periods.KINDS:
        raise Invalid(_("没有这个时段，请从页面上选择。"))
    return kind, *periods.named(kind, today)
