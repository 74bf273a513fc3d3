"""What the audit log is searched by."""

from wtforms import SelectField

from app.audit.models import ACTION_NAMES
from app.errors import Invalid
from app.forms import BaseForm, DayField, IdField, TextField
from app.translation import gettext as _
from app.translation import lazy_gettext as _l


class AuditForm(BaseForm):
    """An action, a person, a thing, a span of days, and where the page before ended."""

    action = SelectField(_l("操作"))
    person = TextField(_l("人员"), most=64)
    about = TextField(_l("对象"), most=100)
    from_on = DayField(_l("从"), name="from", required=False, ahead_days=0)
    to_on = DayField(_l("到"), name="to", required=False, ahead_days=0)
    before = IdField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.action.choices = [("", _("全部操作")), *((key, _(name)) for key, name in ACTION_NAMES.items())]
        self.action.validate_choice = True
        if self.action.data is None:
            self.action.data = ""

    def read(self) -> dict:
        typed = super().read()
        if typed["from_on"] and typed["to_on"] and typed["from_on"] > typed["to_on"]:
            self.to_on.errors = [_("不能早于开始那天。")]
            raise Invalid(fields={"to": _("不能早于开始那天。")})
        return typed
