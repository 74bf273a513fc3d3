"""What people type to move an issue: one form for each row of the lifecycle, made of the fields that the row brings."""

from collections.abc import Callable, Mapping, Sequence

from wtforms import Field

from app.clock import today
from app.errors import Invalid
from app.filters import named
from app.forms import BaseForm, DayField, IdField, LongTextField, PickField, PickManyField, TextField
from app.i18n import N_
from app.issues.lifecycle import LEVEL_NAMES, OUTCOME_NAMES, SUSPENSION_DAYS, Outcome, Transition
from app.pickers import DepartmentField
from app.rules.models import KIND_NAMES, URGENCY_NAMES, Urgency
from app.translation import lazy_gettext as _l
from app.visits.models import MODE_NAMES, Mode

NOTE_LENGTH = 2000


def _pairs(names: Mapping) -> list:
    return [(key, _l(name)) for key, name in names.items()]


_NOTE_LABELS = {
    "ask_info": N_("需要补充什么"),
    "supplement": N_("补充内容"),
    "return": N_("退回理由"),
    "agree_return": N_("同意理由"),
    "redispatch": N_("改派说明"),
    "request_extension": N_("延期理由"),
    "refuse_extension": N_("不予延期的理由"),
    "request_suspension": N_("挂账条件：等什么，等到什么程度恢复办理"),
    "suspend": N_("挂账条件"),
    "refuse_suspension": N_("不予挂账的理由"),
    "list_long_term": N_("为什么列入长期，分几步推进"),
    "answer": N_("办理情况（内部）"),
    "reject_answer": N_("核实不通过的理由"),
    "close_unreached": N_("归档说明"),
    "dispute_answer": N_("企业怎么说"),
    "reopen": N_("重办理由"),
    "void": N_("作废理由"),
    "urge": N_("催办内容"),
    "supervise": N_("督办要求"),
    "reply": N_("回复内容"),
    "note": N_("进展情况"),
}

OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "dispatch": ("assisting_ids", "note"),
    "redispatch": ("assisting_ids",),
    "designate": ("assisting_ids",),
    "return": ("suggested_department_id",),
    "grant_extension": ("note",),
    "resume": ("note",),
    "answer": ("evidence",),
    "answer_on_spot": ("note",),
    "verify": ("note",),
    "log_contact": ("note",),
    "merge": ("note",),
}
"""What may be added to what a row must bring."""

WITH_PHOTOS = frozenset(
    {"supplement", "return", "answer", "answer_on_spot", "reject_answer", "reply", "note", "reopen"}
)
"""Moves that photos can come with."""


def _field(name: str, row: Transition, departments: Sequence, *, required: bool) -> Field:
    label = _l(_NOTE_LABELS.get(row.action, N_("说明"))) if name == "note" else None
    makers: Mapping[str, Callable[[], Field]] = {
        "note": lambda: LongTextField(label, most=NOTE_LENGTH, required=required),
        "basis": lambda: LongTextField(_l("职责或法律依据"), most=500, required=required),
        "department_id": lambda: DepartmentField(_l("主办单位"), of=departments, required=required),
        "suggested_department_id": lambda: DepartmentField(_l("建议改派给"), of=departments, required=required),
        "assisting_ids": lambda: PickManyField(
            _l("协办单位"), of=[(each["id"], named(each, "short_name")) for each in departments], most=10
        ),
        "urgency": lambda: PickField(_l("紧急程度"), of=_pairs(URGENCY_NAMES), default=Urgency.NORMAL),
        "outcome": lambda: PickField(_l("办理结果"), of=_pairs(OUTCOME_NAMES)),
        "public_answer": lambda: LongTextField(_l("给企业的答复（企业能看到）"), most=NOTE_LENGTH, required=required),
        "evidence": lambda: LongTextField(_l("佐证"), most=500, required=required),
        "contacted_on": lambda: DayField(_l("哪天联系的企业"), ahead_days=0, default=today),
        "contact_mode": lambda: PickField(_l("怎样联系的"), of=_pairs(MODE_NAMES), default=Mode.PHONE),
        "is_return_right": lambda: PickField(
            _l("退回是否有理"),
            of=[(True, _l("有理：首次派单有误，重新计时")), (False, _l("无理：仍由原单位办，不重新计时"))],
        ),
        "ruling": lambda: LongTextField(_l("指定意见（留作同类先例）"), most=NOTE_LENGTH, required=required),
        "extend_to_on": lambda: DayField(_l("延至哪天"), past=False, ahead_days=180),
        "review_on": lambda: DayField(_l("哪天复核（最多 90 天）"), past=False, ahead_days=SUSPENSION_DAYS),
        "master_number": lambda: TextField(_l("并入哪个问题（编号）"), most=20, required=required),
        "level": lambda: PickField(_l("督办级别"), of=_pairs(LEVEL_NAMES)),
        "reply_by_on": lambda: DayField(_l("要求哪天前回复"), past=False, ahead_days=60),
    }
    return makers[name]()


class MoveForm(BaseForm):
    """The base of every move's form; `version` is that of the issue she looked at."""

    version = IdField(required=True, message=_l("页面已过时，请刷新后再操作。"))

    def read_move(self, action: str, *, photo_count: int) -> dict:
        """What the move brings. Raises Invalid."""
        typed = self.read()
        typed.pop("version")
        if action == "answer" and typed["outcome"] is Outcome.SOLVED and not photo_count and not typed["evidence"]:
            message = _l("结果是“解决”，请附照片，或写明佐证（如文号、单据、验收情况）。")
            self["evidence"].errors = [message]
            raise Invalid(fields={"evidence": str(message)})
        return typed


def move_form(row: Transition, formdata=None, *, departments: Sequence, given: Mapping | None = None) -> MoveForm:
    """The form of one move, filled with `given` to begin with."""
    fields = {name: _field(name, row, departments, required=True) for name in row.brings}
    fields |= {name: _field(name, row, departments, required=False) for name in OPTIONAL.get(row.action, ())}
    if row.action == "redispatch":
        fields = {name: fields[name] for name in ("is_return_right", "department_id", "note", "assisting_ids")}
    return type(f"{row.action.title().replace('_', '')}Form", (MoveForm,), fields)(formdata, data=dict(given or {}))


class FirmForm(BaseForm):
    """The firm's two questions and a comment."""

    is_solved = PickField(_l("问题解决了吗？"), of=[(True, _l("解决了")), (False, _l("还没有解决"))])
    is_satisfied = PickField(_l("对办理满意吗？"), of=[(True, _l("满意")), (False, _l("不满意"))])
    note = LongTextField(_l("还想说什么"), most=500)


class ForecastForm(BaseForm):
    """What the visit form asks about a problem that is being typed."""

    firm_id = IdField(required=True)
    category_id = IdField(required=True)
    kind = PickField(of=_pairs(KIND_NAMES), required=False)
    urgency = PickField(of=_pairs(URGENCY_NAMES), required=False)
    title = TextField(most=200)
    description = LongTextField(most=4000)
