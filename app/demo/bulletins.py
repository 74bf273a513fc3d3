"""The office's papers: last month's bulletin as it was issued, and this month's begun."""

from app.clock import day_of
from app.demo.city import City
from app.reports import bulletin_actions as actions
from app.reports import figures, store
from app.reports.bulletin import TEXTS
from app.review import periods

_PROBLEMS = (
    "一是个别单位临近期限才答复，留给首席服务官核实的时间偏紧；二是少数问题两次退回，反映出职责边界还要理清；"
    "三是部分答复写得笼统，企业看不出办了什么。"
)
_NEXT_STEPS = (
    "请各责任单位对照超期件逐件说明原因，明确办结时间；请各县（市、区）营商办对退回件及时研判，"
    "不让问题在单位之间来回；请首席服务官继续走访联系企业，答复前先听企业的意见。"
)


def load_bulletins(city: City) -> None:
    """One issued with two cases, one draft; the office writes both."""
    today, office = day_of(city.now), city.people.demo["office"]
    last, _before = periods.named("last_month", today)
    issued_id = _begin(city, last, office)
    for row in store.list_candidates(city.db, span=last.bounds, limit=2):
        actions.choose_case(city.db, issued_id, row["id"])
    written = store.get_bulletin(city.db, issued_id)
    texts = {name: written[name] for name in TEXTS} | {
        "number": f"平营商办〔{last.to_on.year}〕{last.to_on.month}号",
        "problems": _PROBLEMS,
        "next_steps": _NEXT_STEPS,
    }
    actions.write(city.db, issued_id, texts, version=written["version"])
    version = store.get_bulletin(city.db, issued_id)["version"]
    actions.issue(city.db, issued_id, version=version, by=office, now=city.now)
    this, _before = periods.named("month", today)
    _begin(city, this, office)


def _begin(city: City, period: periods.Period, office) -> int:
    return actions.begin(city.db, period, lambda: figures.take(city.db, period, now=city.now), by=office, now=city.now)
