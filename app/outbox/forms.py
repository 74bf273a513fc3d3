"""What the office types to take in what was rescued from a phone."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField

from app.forms import BaseForm, TextField


class ImportForm(BaseForm):
    """The file is read from the request itself."""

    file = FileField(_l("手机导出的文件"), render_kw={"accept": ".zip", "required": True})
    username = TextField(_l("记录人的账号"), most=64, required=True)
