"""A bulletin as it stands on paper: its texts, which people write, and its figures, which nobody may. Pure.

It is an official document of the city and in Chinese, whatever language its reader uses.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from app.clock import day_of, from_text
from app.i18n import N_
from app.review.models import LEAST_N

TEXTS = ("number", "title", "issuer", "addressed_to", "opening", "problems", "next_steps", "recipients", "copies")
"""What is written by hand."""


@dataclass(frozen=True)
class Block:
    """A piece of the body: 'h1' 一、, 'h2' （一）, 'p' a paragraph, 'table' with its caption in `text`."""

    kind: str
    text: str
    rows: tuple[tuple[str, ...], ...] = ()  # of a table; the first is its head


@dataclass(frozen=True)
class Document:
    """Everything that is on the paper."""

    number: str
    title: str
    issuer: str
    addressed_to: str
    blocks: tuple[Block, ...]
    recipients: str
    copies: str
    dated: str  # a day, as ISO text
    figures: Mapping[str, Any] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Document":
        """As it was kept."""
        blocks = tuple(
            Block(each["kind"], each["text"], tuple(tuple(row) for row in each["rows"])) for each in data["blocks"]
        )
        return cls(**{**data, "blocks": blocks})


def full_day(day: date) -> str:
    """2026年3月5日, without leading zeros."""
    return N_("%(y)d年%(m)d月%(d)d日") % {"y": day.year, "m": day.month, "d": day.day}


def rate(share: Mapping[str, int]) -> str:
    """94.1%, 100% (which has room in a narrow cell), or that there are too few cases to say."""
    if not share["n"]:
        return "–"
    if share["n"] < LEAST_N:
        return N_("样本少")
    return "100%" if share["part"] == share["n"] else f"{100 * share['part'] / share['n']:.1f}%"


def usual_texts(from_on: date, to_on: date) -> dict[str, str]:
    """What a new bulletin begins with."""
    span = {"a": full_day(from_on), "b": full_day(to_on)}
    is_month = from_on.day == 1 and (from_on.year, from_on.month) == (to_on.year, to_on.month)
    title = (
        N_("关于%(month)s企业走访和问题办理情况的通报")
        if is_month
        else N_("关于%(a)s至%(b)s企业走访和问题办理情况的通报")
    )
    month = N_("%(y)d年%(m)d月") % {"y": from_on.year, "m": from_on.month}
    return {
        "number": "",
        "title": title % {**span, "month": month},
        "issuer": N_("市优化营商环境工作办公室"),
        "addressed_to": N_("各县（市、区）人民政府，城乡一体化示范区、高新区管委会，市直有关单位："),
        "opening": N_("现将%(a)s至%(b)s企业走访和问题办理情况通报如下：") % span,
        "problems": "",
        "next_steps": "",
        "recipients": N_("市委、市政府领导"),
        "copies": N_("市直有关单位"),
    }


def compose(texts: Mapping[str, str], figures: Mapping[str, Any], cases: Sequence[str], *, dated: date) -> Document:
    """The bulletin from what was written, counted and chosen."""
    return Document(
        number=texts["number"],
        title=texts["title"],
        issuer=texts["issuer"],
        addressed_to=texts["addressed_to"],
        recipients=texts["recipients"],
        copies=texts["copies"],
        blocks=tuple(_blocks(texts, figures, cases)),
        dated=dated.isoformat(),
        figures=figures,
    )


def _blocks(texts: Mapping[str, str], figures: Mapping[str, Any], cases: Sequence[str]) -> Iterator[Block]:
    yield from _paragraphs(texts["opening"])
    titles = iter((N_("一、"), N_("二、"), N_("三、"), N_("四、")))
    yield Block("h1", next(titles) + N_("总体情况"))
    yield Block("h2", N_("（一）走访情况"))
    yield Block("p", _visits(figures))
    yield Block("h2", N_("（二）问题办理情况"))
    yield Block("p", _issues(figures))
    yield Block("h2", N_("（三）各县（市、区）情况"))
    yield Block("table", N_("表1  各县（市、区）走访和问题办理情况"), _districts(figures))
    yield Block("h2", N_("（四）各责任单位情况"))
    yield Block("table", N_("表2  各责任单位问题办理情况"), _departments(figures))
    yield Block("p", N_("表中按编号排列，不排名次；样本不足%(n)d件的不算占比。") % {"n": LEAST_N})
    if cases:
        yield Block("h1", next(titles) + N_("典型案例"))
        for nth, words in enumerate(cases, start=1):
            yield Block("p", f"{nth}. {words}")
    for name, title in (("problems", N_("存在问题")), ("next_steps", N_("下步工作"))):
        if texts[name]:
            yield Block("h1", next(titles) + title)
            yield from _paragraphs(texts[name])


def _paragraphs(text: str) -> Iterator[Block]:
    yield from (Block("p", each.strip()) for each in text.splitlines() if each.strip())


def _visits(figures: Mapping[str, Any]) -> str:
    return N_("全市走访企业%(firms)d家、%(visits)d次。") % figures["total"]


def _issues(figures: Mapping[str, Any]) -> str:
    total = figures["total"]
    moment = from_text(figures["moment"])
    values = {
        **total,
        "moment": full_day(day_of(moment)),
        **{f"{name}_rate": rate(total[name]) for name in ("accepted", "answered", "solved", "satisfied")},
        "solved_n": total["solved"]["n"],
    }
    return (
        N_(
            "共收集问题%(reported)d件，办结%(closed)d件；截至%(moment)s，未办结%(open)d件，其中超期%(late)d件。"
            "按时签收率%(accepted_rate)s，按时答复率%(answered_rate)s；在企业作出评价的%(solved_n)d件中，"
            "企业确认解决率%(solved_rate)s，满意率%(satisfied_rate)s。"
        )
        % values
    )


def _districts(figures: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    head = (
        N_("县（市、区）"), N_("走访次数"), N_("收集"), N_("办结"), N_("未办结"), N_("超期"), N_("按时签收"),
        N_("按时答复"), N_("确认解决"), N_("满意"),
    )  # fmt: skip
    lines = [*figures["districts"], {**figures["total"], "name": N_("全市")}]
    return (
        head,
        *(
            (
                line["name"],
                *(str(line[each]) for each in ("visits", "reported", "closed", "open", "late")),
                *(rate(line[each]) for each in ("accepted", "answered", "solved", "satisfied")),
            )
            for line in lines
        ),
    )


def _departments(figures: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    head = (
        N_("责任单位"), N_("交办"), N_("办结"), N_("未办结"), N_("超期"), N_("退回"), N_("返工"), N_("按时签收"),
        N_("按时答复"), N_("确认解决"),
    )  # fmt: skip
    counts, rates = ("reported", "closed", "open", "late", "returns", "rework"), ("accepted", "answered", "solved")
    return (
        head,
        *(
            (line["name"], *(str(line[each]) for each in counts), *(rate(line[each]) for each in rates))
            for line in figures["departments"]
        ),
    )
