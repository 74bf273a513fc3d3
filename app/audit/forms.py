"""What the audit log is searched by."""

from wtforms import SelectField

from app.audit.models import ACTION_NAMES
from app.forms import IdField, TextField
from app.spans import OpenSpanForm
from app.translation import gettext as _
from app.translation import lazy_gettext as _l


class AuditForm(OpenSpanForm):
    """An action, a person, a thing, a span of days, and where the page before ended."""

    action = SelectField(_l("操作"))
    person = TextField(_l("人员"), most=64)
    about = TextField(_l("对象"), most=100)
    before = IdField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.action.choices = [("", _("全部操作")), *((key, _(name)) for key, name in ACTION_NAMES.items())]
        self.action.validate_choice = True
        if self.action.data is None:
            self.action.data = ""
