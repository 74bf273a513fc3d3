"""The period a reader asks for."""

from datetime import date

from app.errors import Invalid
from app.forms import BaseForm, DayField
from app.review import periods
from app.review.periods import Period
from app.translation import gettext as _
from app.translation import lazy_gettext as _l


class PeriodForm(BaseForm):
    """Days of one's own choice; in the address they are `from` and `to`."""

    from_on = DayField(_l("从"), name="from", ahead_days=0)
    to_on = DayField(_l("到"), name="to", ahead_days=0)


def read_period(form: PeriodForm, kind: str, *, today: date) -> tuple[str, Period, Period]:
    """The kind of period asked for, the period and the one before it. Raises Invalid, the form holding the words."""
    if kind == "custom" or any(field.raw_data and field.raw_data[0] for field in (form.from_on, form.to_on)):
        typed = form.read()
        first, last = typed["from_on"], typed["to_on"]
        if first > last:
            form.to_on.errors = [_("不能早于开始那天。")]
        elif (last - first).days >= periods.LONGEST_DAYS:
            form.to_on.errors = [_("最多看一年，请缩短。")]
        if form.errors:
            raise Invalid
        return "custom", *periods.chosen(first, last)
    if kind not in periods.KINDS:
        raise Invalid(_("没有这个时段，请从页面上选择。"))
    return kind, *periods.named(kind, today)
