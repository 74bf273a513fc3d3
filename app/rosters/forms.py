"""What the office sends with a roster."""

from wtforms import BooleanField, FileField
from wtforms.validators import InputRequired

from app.forms import BaseForm
from app.translation import lazy_gettext as _l


class UploadForm(BaseForm):
    """The file is read from the request itself. `is_full`: what is not in the file has left."""

    file = FileField(_l("Excel 或 CSV 文件"), [InputRequired()], render_kw={"accept": ".xlsx,.xls,.csv"})
    is_full = BooleanField(_l("这是完整名册：表中没有的，列为“不在表中”，确认后注销或停用"))
