"""What the office types of one firm: the same checks as a row of its file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wtforms import BooleanField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from app.filters import named
from app.firms.models import FIRM_STATUS_NAMES, FirmStatus
from app.firms.names import clean_name
from app.forms import BaseForm, IdField, PickField, TextField
from app.pickers import RowField
from app.rosters.cells import Wrong, read_code, read_phone, read_text
from app.translation import gettext as _
from app.translation import lazy_gettext as _l


class _Cell:
    """Read what was typed as a cell of the file is read; the field then holds what will be stored."""

    def __init__(self, read: Callable[[Any], str | None]):
        self._read = read

    def __call__(self, form, field):
        try:
            field.data = self._read(field.data) or ""
        except Wrong as wrong:
            raise ValidationError(_(wrong.message, **wrong.params)) from wrong


def _text(most: int) -> dict[str, Any]:
    return {"most": most, "validators": [_Cell(lambda raw: read_text(raw, most=most))]}


class FirmBase(BaseForm):
    """A firm's record. The number is asked for only when it changes, since the stored one stays masked."""

    name = TextField(_l("企业名称"), most=80, required=True, validators=[_Cell(clean_name)])
    credit_code = TextField(
        _l("统一社会信用代码"),
        most=40,
        validators=[_Cell(read_code)],
        render_kw={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"},
    )
    address = TextField(_l("地址"), **_text(120))
    industry = TextField(_l("行业"), render_kw={"list": "industries"}, **_text(40))
    size = TextField(_l("规模"), render_kw={"list": "sizes"}, **_text(40))
    contact_name = TextField(_l("联系人"), **_text(40), render_kw={"autocomplete": "off"})
    contact_phone = TextField(_l("联系电话"), most=40, render_kw={"inputmode": "tel", "autocomplete": "off"})
    status = PickField(_l("企业现状"), of=[(key, _l(name)) for key, name in FIRM_STATUS_NAMES.items()])
    is_other = BooleanField(_l("确是另一家企业"))
    version = IdField()

    def validate_contact_phone(self, field) -> None:
        """A number, '' to leave it as it is, '无' where there is none any more."""
        _Cell(read_phone)(self, field)

    def read_record(self) -> dict[str, Any]:
        """The columns as typed; without the number if none was typed. Raises Invalid."""
        said_of_phone = bool((self.contact_phone.data or "").strip())
        typed = self.read()
        record = {key: value for key, value in typed.items() if key not in ("is_other", "version")}
        record["credit_code"] = record["credit_code"] or None
        if not said_of_phone:
            del record["contact_phone"]
        return record


def firm_form(
    formdata=None, *, districts: Sequence, townships: Sequence, given: Mapping[str, Any] | None = None
) -> FirmBase:
    """The form with the city's places; `given` is the firm as it is stored."""
    homes = {row["id"]: row for row in districts}

    class FirmForm(FirmBase):
        """With this city's districts and townships."""

        district_id = RowField(_l("区县"), of=districts, empty=_l("请选择"), required=True)
        township_id = RowField(_l("乡镇街道"), of=townships, empty=_l("不填"))

        def validate_township_id(self, field) -> None:
            """It lies in the district."""
            home = next((row["district_id"] for row in townships if row["id"] == field.data), None)
            if home is not None and self.district_id.data in homes and home != self.district_id.data:
                words = {"township": "", "district": named(homes[self.district_id.data])}
                words["township"] = named(next(row for row in townships if row["id"] == field.data))
                raise ValidationError(_("“%(township)s”不在%(district)s。请核对区县和乡镇街道。", **words))

    data = {"status": FirmStatus.OPERATING, **(given or {}), "contact_phone": ""}
    form = FirmForm(formdata, data=data)
    form.township_id.choices = [
        form.township_id.choices[0],
        *(SelectChoice(str(row["id"]), named(row), optgroup=named(homes[row["district_id"]])) for row in townships),
    ]
    return form
