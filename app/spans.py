"""A span of days that somebody asks for, both of its ends included; in an address they are `from` and `to`."""

from app.errors import Invalid
from app.forms import BaseForm, DayField
from app.translation import gettext as _
from app.translation import lazy_gettext as _l


class OpenSpanForm(BaseForm):
    """Since a day, until a day, or neither; `longest_days`: a year, where no more may be asked for."""

    longest_days: int | None = None

    from_on = DayField(_l("从"), name="from", required=False, ahead_days=0)
    to_on = DayField(_l("到"), name="to", required=False, ahead_days=0)

    def read(self) -> dict:
        typed = super().read()
        first, last = typed["from_on"], typed["to_on"]
        problem = ""
        if first and last and first > last:
            problem = _("不能早于开始那天。")
        elif first and last and self.longest_days and (last - first).days >= self.longest_days:
            problem = _("最多看一年，请缩短。")
        if problem:
            self.to_on.errors = [problem]
            raise Invalid(fields={"to": problem})
        return typed


class SpanForm(OpenSpanForm):
    """From a day to a day."""

    from_on = DayField(_l("从"), name="from", ahead_days=0)
    to_on = DayField(_l("到"), name="to", ahead_days=0)
