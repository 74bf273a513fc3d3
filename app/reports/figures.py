"""A bulletin's figures, taken from the boards at one moment, and how each of them is defined."""

from datetime import datetime
from typing import Any

from sqlite_utils import Database

from app.clock import to_text
from app.i18n import N_
from app.places import store as places
from app.reports import store
from app.review import boards, periods
from app.review import store as review
from app.review.models import Line, Share
from app.review.periods import Period

_COUNTS = {
    "open": "open",
    "late": "late",
    "reported": "reported",
    "closed": "closed",
    "returns": "returns",
    "rework": "rounds",
}
SHARES = ("accepted", "answered", "solved", "satisfied")

DEFINITIONS: tuple[tuple[str, str, str], ...] = (
    ("visits", N_("走访次数"), N_("时段内入库的走访，一次走访一条，不论实地、电话或视频。")),
    ("firms", N_("走访企业"), N_("时段内走访过的企业，一家只算一次；跨区县的按走访时所在区县。")),
    (
        "reported",
        N_("收集（交办）"),
        N_("时段内上报的问题，不论后来怎样。区县行按企业所在区县；单位行按取数时的主办单位。"),
    ),
    ("closed", N_("办结"), N_("时段内办结归档的问题，不论何时上报。")),
    ("open", N_("未办结"), N_("取数时还没有办结、并案或作废的问题，包括挂账和列入长期的。")),
    ("late", N_("超期"), N_("取数时未办结，且眼下这一步的时限已过的问题。")),
    ("returns", N_("退回"), N_("时段内上报的问题被责任单位退回的次数。")),
    ("rework", N_("返工"), N_("时段内上报的问题答复后又重来的次数：核实不通过、企业不认可、办结后重办。")),
    ("accepted", N_("按时签收率"), N_("时段内签收的派单中，在时限内签收的占比。")),
    (
        "answered",
        N_("按时答复率"),
        N_("时段内提交的办结答复中，在时限内提交的占比；挂账的天数不计，准予的延期计入时限。"),
    ),
    ("solved", N_("企业确认解决率"), N_("时段内办结、企业本人作过答复的问题中，答“解决了”的占比。")),
    ("satisfied", N_("满意率"), N_("时段内办结、企业本人作过答复的问题中，答“满意”的占比。")),
)
"""What each figure counts, in the words of the boards."""


def take(db: Database, period: Period, *, now: datetime) -> dict[str, Any]:
    """Every figure of the bulletin as of now, ready to be kept."""
    before = periods.chosen(period.from_on, period.to_on)[1]
    city = boards.city(db, period, before, now=now).now
    visited = {row["district_id"]: row for row in store.count_visits_by_district(db, span=period.bounds)}
    districts = [
        {
            **_line(city.districts.get(row["id"], Line())),
            "id": row["id"],
            "name": row["name"],
            "visits": visited[row["id"]]["visits"] if row["id"] in visited else 0,
            "firms": visited[row["id"]]["firms"] if row["id"] in visited else 0,
        }
        for row in places.list_districts(db)
    ]
    departments = [
        {**_line(city.departments[row["id"]]), "id": row["id"], "name": row["name"]}
        for row in review.list_department_names(db)
        if row["id"] in city.departments and not city.departments[row["id"]].is_blank
    ]
    total = {name: sum(each[name] for each in districts) for name in ("visits", "firms")}
    return {
        "moment": to_text(now),
        "total": {**_line(city.total), **total},
        "districts": districts,
        "departments": departments,
    }


def _line(line: Line) -> dict[str, Any]:
    shares: dict[str, Share] = {name: getattr(line, name) for name in SHARES}
    return {key: getattr(line, name) for key, name in _COUNTS.items()} | {
        name: {"part": share.part, "n": share.n} for name, share in shares.items()
    }
