"""What a ledger is narrowed by, as its page offers it."""

from collections.abc import Sequence

from wtforms import SelectField

from app.filters import named
from app.forms import BaseForm, BooleanField, DayField
from app.issues.lifecycle import STATUS_NAMES
from app.review.periods import LONGEST_DAYS
from app.spans import SpanForm
from app.translation import gettext as _
from app.translation import lazy_gettext as _l


class LedgerForm(BaseForm):
    """The filters of the list of issues that a ledger is usually asked by; others in the address are kept."""

    status = SelectField(_l("状态"), validate_choice=False)
    district = SelectField(_l("区县"), validate_choice=False)
    department = SelectField(_l("责任单位"), validate_choice=False)
    category = SelectField(_l("问题类别"), validate_choice=False)
    reported_from = DayField(_l("上报时间从"), required=False, ahead_days=0)
    reported_to = DayField(_l("上报时间到"), required=False, ahead_days=0)
    closed_from = DayField(_l("办结时间从"), required=False, ahead_days=0)
    closed_to = DayField(_l("办结时间到"), required=False, ahead_days=0)
    contacts = BooleanField(_l("带企业联系人和电话（会写入审计记录）"))

    def offer(self, *, districts: Sequence, departments: Sequence, categories: Sequence) -> None:
        """Fill the lists to choose from."""
        self.status.choices = [
            ("", _("全部")),
            ("open", _("未办结")),
            *((key.value, _(name)) for key, name in STATUS_NAMES.items()),
        ]
        for field, rows in ((self.district, districts), (self.department, departments), (self.category, categories)):
            field.choices = [("", _("全部")), *((str(row["id"]), named(row)) for row in rows)]


class VisitLedgerForm(SpanForm):
    """The days and the district of 走访台账."""

    longest_days = LONGEST_DAYS

    from_on = DayField(_l("走访时间从"), name="from", ahead_days=0)
    to_on = DayField(_l("走访时间到"), name="to", ahead_days=0)
    district = SelectField(_l("区县"), validate_choice=False)
    contacts = BooleanField(_l("带企业联系电话（会写入审计记录）"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self:  # the other ledger's form stands on the same page
            field.id = field.label.field_id = f"visits-{field.name}"

    def offer(self, *, districts: Sequence) -> None:
        """Fill the list to choose from."""
        self.district.choices = [("", _("全部")), *((str(row["id"]), named(row)) for row in districts)]
