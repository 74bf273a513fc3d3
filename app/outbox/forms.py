"""What the office types to take in what was rescued from a phone."""

from app.forms import BaseForm, TextField, UploadField
from app.translation import lazy_gettext as _l


class ImportForm(BaseForm):
    """The file is read from the request itself."""

    file = UploadField(_l("手机导出的文件"), accept=".zip")
    username = TextField(_l("记录人的账号"), most=64, required=True)
