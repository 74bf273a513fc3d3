"""The figures of the city's board that are parts of so many cases: their names, their definitions, their two sides."""

from collections.abc import Mapping
from typing import NamedTuple

from app.i18n import N_


class Figure(NamedTuple):
    """A figure in words: its name, what it counts, and how the cases inside and outside of its part are called."""

    name: str
    definition: str
    yes: str
    no: str
    is_count: bool = False  # told as so many cases, not as a part of them


FIGURES: Mapping[str, Figure] = {
    "first_right": Figure(
        N_("一次派准"),
        N_("本期上报并已派单的问题中，第一次派单没有被认定派错的占比。派错指退回有理而改派，或负责人另行指定。"),
        N_("一次派准"),
        N_("派错"),
    ),
    "accepted": Figure(
        N_("按时签收"), N_("本期签收的派单中，在时限内签收的占比。签收前就退回的不算。"), N_("按时"), N_("超时")
    ),
    "answered": Figure(
        N_("按时答复"),
        N_(
            "本期提交的办结答复中，在时限内提交的占比。挂账的天数不计，准予的延期计入时限；"
            "中途改派而中断的、并案和作废的不算。"
        ),
        N_("按时"),
        N_("超时"),
    ),
    "extended": Figure(N_("延期"), N_("本期上报并已派单的问题中，准过延期的占比。"), N_("准过延期"), N_("没有延期")),
    "returned": Figure(
        N_("退回"),
        N_(
            "本期上报的问题被退回的次数；单位行算该单位退回的次数。“有理 a/n”指已经认定的 n 次退回中有理的次数："
            "改派给别的单位，或由负责人指定给别的单位；仍派给原单位的算无理。"
        ),
        N_("退回有理"),
        N_("退回无理"),
        is_count=True,
    ),
    "reworked": Figure(
        N_("返工"), N_("本期上报并已派单的问题中，答复没有通过核实而重新办理过的占比。"), N_("返工"), N_("没有返工")
    ),
    "reopened": Figure(
        N_("重办"),
        N_("本期上报并已派单的问题中，企业不认可或办结后又重新办理过的占比。"),
        N_("重办"),
        N_("没有重办"),
    ),
    "solved": Figure(
        N_("企业确认解决"),
        N_("本期办结、企业本人作过答复的问题中，答“解决了”的占比。联系不上企业而归档的不算。"),
        N_("解决了"),
        N_("还没有解决"),
    ),
    "satisfied": Figure(
        N_("满意"),
        N_("本期办结、企业本人作过答复的问题中，答“满意”的占比。联系不上企业而归档的不算。"),
        N_("满意"),
        N_("不满意"),
    ),
}
