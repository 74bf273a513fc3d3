"""What people type about a firm."""

from app.firms.models import FIRM_STATUS_NAMES, FirmStatus
from app.forms import BaseForm, NumberField, PickField
from app.translation import lazy_gettext as _l


class PositionForm(BaseForm):
    """Where the firm is, from the phone: WGS-84 degrees, accuracy in metres."""

    latitude = NumberField(_l("纬度"), least=-90, most=90)
    longitude = NumberField(_l("经度"), least=-180, most=180)
    accuracy_m = NumberField(_l("精度"), least=0, most=100_000)


class StatusForm(BaseForm):
    """Whether the firm is still there; closing it is the roster's business."""

    status = PickField(
        _l("企业现状"), of=[(key, _l(name)) for key, name in FIRM_STATUS_NAMES.items() if key is not FirmStatus.CLOSED]
    )
