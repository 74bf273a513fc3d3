"""What the office types to lay down a routing rule, to end one, and to try where a text would go."""

import re
from collections.abc import Sequence

from wtforms import HiddenField
from wtforms.validators import ValidationError

from app.clock import today
from app.errors import Invalid
from app.filters import named
from app.forms import BaseForm, DayField, LongTextField, PickManyField, TextField, read_id
from app.pickers import DepartmentField, RowField
from app.rules.routing import NewRule
from app.translation import lazy_gettext as _l

NOTE_LENGTH, KEYWORDS_LENGTH, MOST_KEYWORDS, MOST_ASSISTING = 200, 200, 30, 10
SHORTEST, LONGEST = 2, 20
AHEAD_DAYS = 400
_BETWEEN = re.compile(r"\W+")


def _read_keywords(form, field) -> None:
    words = tuple(dict.fromkeys(word for word in _BETWEEN.split(field.data or "") if word))
    if len(words) > MOST_KEYWORDS:
        raise ValidationError(_l("最多 %(most)d 个关键词，请分成几条规则。", most=MOST_KEYWORDS))
    for word in words:
        if not SHORTEST <= len(word) <= LONGEST:
            raise ValidationError(_l("“%(word)s”不行：每个关键词 2 到 20 个字，用空格隔开。", word=word[:LONGEST]))
    form.words = words


class RuleBase(BaseForm):
    """What every new rule has; the pickers come with `rule_form`."""

    replaces = HiddenField()
    words: tuple[str, ...] = ()

    def read_rule(self) -> tuple[NewRule, int | None]:
        """The rule as typed, and the id of the one it takes the place of. Raises Invalid."""
        typed = self.read()
        replaces = None
        if typed["replaces"]:
            replaces = read_id(typed["replaces"])
            if replaces is None:
                raise Invalid(fields={"replaces": str(_l("页面已失效，请从规则列表重新进入。"))})
        new = NewRule(
            category_id=typed["category_id"],
            district_id=typed["district_id"],
            keywords=self.words,
            department_id=typed["department_id"],
            assisting_ids=typed["assisting_ids"],
            valid_from=typed["valid_from"],
            note=typed["note"],
        )
        return new, replaces


def rule_form(
    formdata=None, *, categories: Sequence, districts: Sequence, departments: Sequence, given: dict | None = None
) -> RuleBase:
    """The form of a new rule, filled with `given` to begin with."""
    fields = {
        "category_id": RowField(_l("问题类别"), of=categories, empty=_l("请选择"), required=True),
        "district_id": RowField(_l("区县"), of=districts, empty=_l("全市")),
        "keywords": TextField(_l("关键词（写到任一个就算）"), most=KEYWORDS_LENGTH, validators=[_read_keywords]),
        "department_id": DepartmentField(_l("主办单位"), of=departments),
        "assisting_ids": PickManyField(
            _l("协办单位"), of=[(row["id"], named(row, "short_name")) for row in departments], most=MOST_ASSISTING
        ),
        "valid_from": DayField(_l("从哪天起"), past=False, ahead_days=AHEAD_DAYS, default=today),
        "note": TextField(_l("备注"), most=NOTE_LENGTH),
    }
    return type("RuleForm", (RuleBase,), fields)(formdata, data=given)


class EndingForm(BaseForm):
    """From which day on a rule counts no more."""

    on = DayField(_l("从哪天起停用"), past=False, ahead_days=AHEAD_DAYS, default=today)


class TrialBase(BaseForm):
    """A text to try the rules on."""

    text = LongTextField(_l("问题怎么说的"), most=2000, required=True)


def trial_form(formdata=None, *, categories: Sequence, districts: Sequence, given: dict | None = None) -> TrialBase:
    """The test box."""
    fields = {
        "category_id": RowField(_l("问题类别"), of=categories, empty=_l("不选，由系统建议")),
        "district_id": RowField(_l("区县"), of=districts, empty=_l("全市")),
    }
    return type("TrialForm", (TrialBase,), fields)(formdata, data=given)


class SuggestionForm(BaseForm):
    """What is being typed of a problem."""

    title = TextField(most=200)
    description = LongTextField(most=4000)
