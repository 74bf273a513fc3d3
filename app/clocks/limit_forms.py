"""What the office types to set a limit, and to confirm what was tried."""

from collections.abc import Sequence
from datetime import datetime, time

from wtforms import BooleanField, HiddenField
from wtforms.validators import ValidationError

from app.clock import LOCAL, day_of, today
from app.errors import Invalid
from app.forms import BaseForm, DayField, PickField, TextField
from app.pickers import RowField
from app.rules.models import CLOCK_NAMES, KIND_NAMES, UNIT_NAMES, URGENCY_NAMES, Clock, Kind, Limit, Unit, Urgency
from app.translation import lazy_gettext as _l

SET_BY_OFFICE = tuple(clock for clock in Clock if clock is not Clock.REPLY)
"""A supervision says by itself when it wants its reply."""
MOST = {Unit.HOURS: 1000, Unit.WORKING_DAYS: 250}


def _whole(form, field) -> None:
    text = field.data or ""
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text)):
        raise ValidationError(_l("请填写整数，至少为 1。"))


class LimitBase(BaseForm):
    """How long a step may take, for which cases, from when on."""

    clock = PickField(_l("环节"), of=[(clock, _l(CLOCK_NAMES[clock])) for clock in SET_BY_OFFICE])
    kind = PickField(_l("性质"), of=[(kind, _l(KIND_NAMES[kind])) for kind in Kind], required=False)
    urgency = PickField(_l("紧急程度"), of=[(each, _l(URGENCY_NAMES[each])) for each in Urgency], required=False)
    amount = TextField(_l("时长"), most=4, required=True, validators=[_whole], render_kw={"inputmode": "numeric"})
    unit = PickField(_l("单位"), of=[(unit, _l(UNIT_NAMES[unit])) for unit in Unit], default=Unit.WORKING_DAYS)
    valid_from = DayField(_l("从哪天起"), past=False, ahead_days=400)
    is_retroactive = BooleanField(_l("正在办理的问题也按新时限重新计算"))
    state = HiddenField()

    def read_limit(self, now: datetime) -> Limit:
        """The limit as typed; from today on means from this moment on. Raises Invalid naming the field."""
        typed = self.read()
        amount, unit, day = int(typed["amount"]), typed["unit"], typed["valid_from"]
        if amount > MOST[unit]:
            raise Invalid(fields={"amount": _l("太长了：最多 %(most)d。", most=MOST[unit])})
        if typed["is_retroactive"] and day != day_of(now):
            raise Invalid(fields={"is_retroactive": _l("要让在办问题一起改，只能从今天起。以后起的只管新问题。")})
        return Limit(
            clock=typed["clock"],
            amount=amount,
            unit=unit,
            kind=typed["kind"],
            urgency=typed["urgency"],
            category_id=typed["category_id"],
            valid_from=now if day == day_of(now) else datetime.combine(day, time(), LOCAL),
            is_retroactive=typed["is_retroactive"],
        )


def limit_form(formdata=None, *, categories: Sequence, given: dict | None = None) -> LimitBase:
    """The form with the categories to choose from."""
    fields = {"category_id": RowField(_l("问题类别"), of=categories, empty=_l("全部类别"))}
    return type("LimitForm", (LimitBase,), fields)(formdata, data={"valid_from": today(), **(given or {})})
