"""Of whom the office takes out what is held."""

from app.forms import ConfirmForm, PickField, TextField
from app.translation import lazy_gettext as _l

KIND_NAMES = {"account": _l("账号本人"), "contact": _l("企业联系人")}


class ExportForm(ConfirmForm):
    """A person, and one's own password again."""

    is_trimmed = True

    kind = PickField(_l("谁的信息"), of=list(KIND_NAMES.items()))
    name = TextField(_l("用户名、企业全称、信用代码或电话"), most=100, required=True, render_kw={"autocomplete": "off"})
