"""What the audit log is searched by."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from app.audit.models import ACTION_NAMES
from app.forms import BaseForm, DayField, IdField


class AuditForm(BaseForm):
    """An action, a day, and where the page before ended."""

    action = SelectField(_l("操作"))
    day = DayField(_l("日期"), required=False, ahead_days=0)
    before = IdField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.action.choices = [("", _("全部操作")), *((key, _(name)) for key, name in ACTION_NAMES.items())]
        self.action.validate_choice = True
        if self.action.data is None:
            self.action.data = ""
