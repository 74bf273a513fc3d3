"""What is typed for a bulletin: its period, its texts. Never a figure."""

from app.forms import BaseForm, IdField, LongTextField, TextField
from app.review.periods import LONGEST_DAYS
from app.spans import SpanForm
from app.translation import lazy_gettext as _l


class NewBulletinForm(SpanForm):
    """The period that a bulletin tells of."""

    longest_days = LONGEST_DAYS


class TextsForm(BaseForm):
    """The texts of a draft."""

    version = IdField(required=True, message=_l("页面已过时，请刷新后再操作。"))
    number = TextField(_l("发文字号"), most=60)
    title = TextField(_l("标题"), most=120, required=True)
    issuer = TextField(_l("发文机关"), most=40, required=True)
    addressed_to = TextField(_l("主送机关"), most=300, required=True)
    opening = LongTextField(_l("开头"), most=2000, required=True)
    problems = LongTextField(_l("存在问题"), most=6000)
    next_steps = LongTextField(_l("下步工作"), most=6000)
    recipients = TextField(_l("报送"), most=300)
    copies = TextField(_l("抄送"), most=300)


class CaseForm(BaseForm):
    """A case: which issue, and how it is told (the usual way when empty)."""

    issue_id = IdField(required=True, message=_l("请选择一项。"))
    words = LongTextField(_l("怎样写"), most=1000)
