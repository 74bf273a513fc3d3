"""What the office gives with a file of outlines."""

from app.boundaries.outlines import System
from app.forms import BaseForm, PickField, TextField, UploadField
from app.translation import lazy_gettext as _l

CREDIT_LENGTH = 120


class BoundariesForm(BaseForm):
    """The file is read from the request itself."""

    file = UploadField(_l("边界文件"), accept=".geojson,.json")
    system = PickField(
        _l("坐标系"),
        of=[(System.WGS84, _l("WGS-84 或 CGCS2000")), (System.GCJ02, _l("GCJ-02（高德、腾讯）"))],
        default=System.WGS84,
    )
    credit = TextField(_l("来源和审图号"), most=CREDIT_LENGTH, required=True)
