"""What the office types to set up a campaign: its days, its firms, its few questions."""

import re
from collections.abc import Sequence

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField
from wtforms.validators import ValidationError

from app.campaigns.models import (
    LONGEST_DAYS,
    MOST_QUESTIONS,
    QUESTION_KIND_NAMES,
    TARGET_KIND_NAMES,
    Choice,
    NewCampaign,
    NewQuestion,
    QuestionKind,
    TargetKind,
)
from app.errors import Invalid
from app.filters import named
from app.firms.credit_code import is_valid
from app.forms import BaseForm, BooleanField, DayField, LongTextField, PickField, PickManyField, TextField
from app.translation import lazy_gettext as _l

MOST_CODES = 5000
MOST_OPTIONS, LONGEST_OPTION = 6, 20
_BETWEEN = re.compile(r"[\s,;\uff0c\u3001\uff1b]+")
_OPTIONS = re.compile(r"[\n,;\uff0c\u3001\uff1b]+")
"""Between codes and between options: blanks or lines, and the comma, semicolon and pause mark of either script."""


def _read_target(form, field) -> None:
    raw = field.data
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw[:9]) <= 1_000_000 or len(raw) > 7:
        raise ValidationError(_l("请填 1 以上的整数。"))
    if form.target_kind.data is None:
        raise ValidationError(_l("填了数字，请选按百分比还是按家数。"))
    if form.target_kind.data is TargetKind.SHARE and int(raw) > 100:
        raise ValidationError(_l("百分比最多 100。"))


def _read_codes(form, field) -> None:
    codes = list(dict.fromkeys(code.upper() for code in _BETWEEN.split(field.data or "") if code))
    if len(codes) > MOST_CODES:
        raise ValidationError(_l("一次最多 %(most)d 家，请按区县或行业选择。", most=MOST_CODES))
    wrong = [code for code in codes if not is_valid(code)]
    if wrong:
        shown = ", ".join(code[:20] for code in wrong[:5])
        raise ValidationError(_l("有 %(n)d 个不是统一社会信用代码：%(codes)s", n=len(wrong), codes=shown))
    form.listed = tuple(codes)


def _read_options(form, field) -> None:
    options = tuple(dict.fromkeys(each.strip() for each in _OPTIONS.split(field.data or "") if each.strip()))
    if form.kind.data is QuestionKind.CHOICE and form.text.data:
        if not 2 <= len(options) <= MOST_OPTIONS:
            raise ValidationError(_l("请写 2 到 %(most)d 个选项，用顿号隔开。", most=MOST_OPTIONS))
        if any(len(each) > LONGEST_OPTION for each in options):
            raise ValidationError(_l("每个选项最多 %(most)d 字。", most=LONGEST_OPTION))
        form.options = options


class QuestionForm(BaseForm):
    """One question; left out where it has no words. Its names begin with questions-0- to questions-2-."""

    text = TextField(_l("问什么"), most=60)
    kind = PickField(
        _l("怎么答"),
        of=[(key, _l(name)) for key, name in QUESTION_KIND_NAMES.items()],
        required=False,
        default=QuestionKind.TEXT,
    )
    choices = TextField(_l("选项"), most=150, validators=[_read_options])
    purpose = TextField(_l("用来做什么"), most=80)
    is_required = BooleanField(_l("必须回答"))
    options: tuple[str, ...] = ()

    def validate_is_required(self, field):
        """Nothing may be demanded of an officer without saying what for."""
        if field.data and not self.purpose.data:
            raise ValidationError(_l("要求必须回答的，请写明用来做什么。"))

    def read_question(self) -> NewQuestion | None:
        """The question as typed, or None. Raises Invalid."""
        typed = self.read()
        if not typed["text"]:
            return None
        return NewQuestion(
            text=typed["text"],
            kind=typed["kind"] or QuestionKind.TEXT,
            choices=self.options,
            purpose=typed["purpose"],
            is_required=typed["is_required"],
        )


class CampaignBase(BaseForm):
    """What every campaign has; the pickers of firms come with `campaign_form`, for drafts only."""

    version = HiddenField()
    name = TextField(_l("名称"), most=40, required=True)
    to_on = DayField(_l("到哪天（含）"))
    target_kind = PickField(_l("目标"), of=[(key, _l(name)) for key, name in TARGET_KIND_NAMES.items()], required=False)
    target = TextField(_l("目标数"), most=7, validators=[_read_target], render_kw={"inputmode": "numeric"})
    remind_days = PickField(_l("结束前提醒"), of=[(n, _l("%(n)d 个工作日", n=n)) for n in (1, 2, 3, 5)], required=False)
    listed: tuple[str, ...] = ()
    questions: Sequence[QuestionForm] = ()

    def read_campaign(self, begun=None) -> NewCampaign:
        """The campaign as typed; `begun`: the stored one, whose first day and firms stay. Raises Invalid."""
        fields: dict[str, str] = {}
        typed: dict = {}
        try:
            typed = self.read()
        except Invalid as error:
            fields |= error.fields
        asked = []
        for form in self.questions:
            try:
                asked.append(form.read_question())
            except Invalid as error:
                fields |= error.fields
        if not fields:
            from_on = begun.from_on if begun else typed["from_on"]
            if typed["to_on"] < from_on:
                fields["to_on"] = str(_l("结束日期不能早于开始日期。"))
            elif (typed["to_on"] - from_on).days >= LONGEST_DAYS:
                fields["to_on"] = str(_l("一次活动最长一年。"))
            if typed["target_kind"] is not None and not typed["target"]:
                fields["target"] = str(_l("选了目标，请填数字。"))
            for name, message in fields.items():
                self[name].errors = [message]
        if fields:
            raise Invalid(fields=fields)
        return NewCampaign(
            name=typed["name"],
            from_on=from_on,
            to_on=typed["to_on"],
            target=int(typed["target"]) if typed["target"] else None,
            target_kind=typed["target_kind"],
            remind_days=typed["remind_days"],
            choice=self.read_choice(typed) if begun is None else Choice(),
            questions=tuple(each for each in asked if each),
        )

    def read_choice(self, typed: dict) -> Choice:
        """The firms as picked."""
        if self.listed:
            return Choice(codes=self.listed)
        return Choice(typed["district_ids"], typed["township_ids"], typed["industries"], typed["sizes"])


def campaign_form(
    formdata: MultiDict | None = None,
    *,
    districts: Sequence,
    townships: Sequence,
    trades: Sequence,
    given: dict | None = None,
    questions: Sequence[dict] = (),
) -> CampaignBase:
    """The form of a draft. `trades`: rows with industry and size; `questions`: what its questions begin with."""
    industries, sizes = (sorted({row[name] for row in trades} - {""}) for name in ("industry", "size"))
    fields = {
        "from_on": DayField(_l("从哪天")),
        "district_ids": PickManyField(_l("区县"), of=[(row["id"], named(row)) for row in districts], most=50),
        "township_ids": PickManyField(_l("乡镇街道"), of=[(row["id"], named(row)) for row in townships], most=500),
        "industries": PickManyField(_l("行业"), of=[(each, each) for each in industries], most=200),
        "sizes": PickManyField(_l("规模"), of=[(each, each) for each in sizes], most=50),
        "codes": LongTextField(_l("指定名单"), most=20 * MOST_CODES, validators=[_read_codes]),
    }
    form = type("CampaignForm", (CampaignBase,), fields)(formdata, data=given)
    return _with_questions(form, formdata, questions)


def running_form(
    formdata: MultiDict | None = None, *, given: dict | None = None, questions: Sequence[dict] = ()
) -> CampaignBase:
    """The form of a campaign that runs: its first day and its firms stay."""
    return _with_questions(CampaignBase(formdata, data=given), formdata, questions)


def _with_questions(form: CampaignBase, formdata, given: Sequence[dict]) -> CampaignBase:
    filled = [*given, *({} for _ in range(MOST_QUESTIONS - len(given)))]
    form.questions = [
        QuestionForm(formdata, prefix=f"questions-{position}", data=each) for position, each in enumerate(filled)
    ]
    return form
