"""Fields that pick one row by the phone's own picker: a department, or any other row with an id and a name."""

from collections.abc import Sequence

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, StopValidation, ValidationError

from app.filters import named
from app.forms import read_id
from app.translation import lazy_gettext as _l


class DepartmentField(SelectField):
    """A department from the phone's own picker; the value is its id."""

    def __init__(self, label=None, *, of: Sequence, required: bool = True, **more):
        choices = [SelectChoice("", _l("请选择"))] + [SelectChoice(str(row["id"]), named(row)) for row in of]
        super().__init__(
            label,
            choices=choices,
            coerce=lambda raw: read_id(str(raw)) if raw not in (None, "") else None,
            validators=[InputRequired(_l("请选择责任单位。"))] if required else [],
            validate_choice=False,
            **more,
        )
        self._ids = {row["id"] for row in of}
        self._required = required

    def pre_validate(self, form):
        if self.data is None and not self._required and not (self.raw_data and self.raw_data[0]):
            return
        if self.data not in self._ids:
            raise StopValidation(_l("请从列表中选择责任单位。"))


class RowField(SelectField):
    """A row from the phone's own picker; the value is its id, or None where `empty` was left standing."""

    def __init__(self, label=None, *, of: Sequence, empty, required: bool = False, **more):
        super().__init__(
            label,
            choices=[SelectChoice("", empty), *(SelectChoice(str(row["id"]), named(row)) for row in of)],
            coerce=lambda raw: read_id(str(raw)) if raw not in (None, "") else None,
            validators=[InputRequired(_l("请选择一项。"))] if required else [],
            validate_choice=False,
            **more,
        )
        self._ids = {row["id"] for row in of}
        self._required = required

    def pre_validate(self, form):
        is_left_out = self.data is None and not (self.raw_data and self.raw_data[0])
        if self.data not in self._ids and (self._required or not is_left_out):
            raise ValidationError(_l("请从列表中选择。"))
