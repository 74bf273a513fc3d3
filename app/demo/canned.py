# ruff: noqa: E501 (a table of texts)
"""The demo's canned answers: the office's for everyone, and those of the department whose handler may be tried."""

from app.demo.city import City
from app.demo.people import HOME_DEPARTMENT
from app.registers import canned_store

_POWER, _POLICY, _APPROVAL = 4, 8, 9
_ANSWERS = (
    (None, None, "已受理，正在核实", "您反映的事项我们已经收到，正在现场核实，有进展会及时告诉您。"),
    (None, None, "不属本单位职责", "您反映的事项不由我们负责，我们已说明情况并请营商办转到负责的单位，您不用再跑一趟。"),
    (None, None, "依法不能办理", "按现行规定，这一事项不能办理。依据和可以走的其他途径已当面说明；如有疑问，可以向营商办反映。"),
    (None, _POLICY, "政策依据和申报办法", "已把适用的政策条款、申报条件、所需材料和截止时间发给您。准备材料时有不清楚的，可以随时问我们。"),
    (None, _APPROVAL, "一次性告知", "已把还缺的材料一次列清，补齐后当场受理，不用再补第二次。"),
    (HOME_DEPARTMENT, _POWER, "增容申请已受理", "增容申请已受理，供电方案在规定时限内答复，施工前会与您约定停电时间。"),
    (HOME_DEPARTMENT, _POWER, "计划停电说明", "这次是线路检修的计划停电。今后每次停电提前七天书面通知，确需生产的可以申请错开时间。"),
    (HOME_DEPARTMENT, _POWER, "电压不稳已处理", "已到现场测量并调整，电压恢复正常。一周后再测一次，如仍有波动请直接联系我们。"),
    (HOME_DEPARTMENT, None, "已约时间上门", "已与您约好上门时间，届时带齐仪器和表单，尽量一次办完。"),
)  # fmt: skip
"""Department (none: the city), category (none: all), name, text."""


def load_canned_answers(city: City) -> None:
    """Add them all."""
    for department_id, category_id, title, body in _ANSWERS:
        canned_store.insert_answer(
            city.db, department_id=department_id, category_id=category_id, title=title, body=body
        )
