"""The demo's problems: templates by category, and how one becomes an issue of a certain firm on a certain day.

The templates stand in five modules by theme. ``report`` writes what the officer sends; ``answered`` later writes the
department's side from the same numbers.
"""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from app.demo import (
    texts_issues_dues,
    texts_issues_needs,
    texts_issues_permits,
    texts_issues_surroundings,
    texts_issues_trade,
)
from app.demo.texts_base import Filler, Template, Trade
from app.demo.texts_firms import FIRM_TRADES
from app.demo.texts_moves import ANSWER_CLOSINGS, ANSWER_OPENINGS

ISSUES: dict[int, tuple[Template, ...]] = {
    **texts_issues_needs.ISSUES,
    **texts_issues_trade.ISSUES,
    **texts_issues_permits.ISSUES,
    **texts_issues_dues.ISSUES,
    **texts_issues_surroundings.ISSUES,
}

# How often each category comes up in a year of visits (of a hundred).
CATEGORY_WEIGHTS = {
    1: 13, 2: 11, 3: 7, 4: 13, 5: 6, 6: 3, 7: 6, 8: 7, 9: 5, 10: 5,
    11: 5, 12: 4, 13: 4, 14: 3, 15: 5, 16: 3, 17: 3, 18: 8, 19: 0.3, 20: 2,
}  # fmt: skip

OPENINGS = ("", "", "", "走访时企业反映，", "企业负责人反映，", "座谈中了解到，", "据企业介绍，", "实地查看了解到，")
CLOSINGS = {
    "help": (
        "企业愿意配合，需要补什么材料随时能补。", "希望有人牵头，给个大概时间。", "企业说只要有个准信就好安排。",
        "盼有关部门到现场看一看。", "希望尽快协调，免得影响后面的订单。", "企业已自行想过办法，还是解决不了。",
    ),
    "consultation": (
        "希望有个明确的答复，方便安排下一步。", "企业想一次问清楚，少跑冤枉路。", "请主管部门给个书面的说法。",
        "希望发一份材料清单，照着准备。", "企业负责人说，能不能办都给句话就行。", "盼电话指导或上门讲一次。",
    ),
    "advice": (
        "企业说这不是一家的事，周边同行都有同感。", "希望部门研究后给个回音。", "企业愿意先试，也愿意配合调研。",
        "提这个建议是想让大家都方便。", "如能采纳，对稳定生产很有帮助。", "哪怕先从一小步做起也好。",
    ),
    "complaint": (
        "企业要求查明情况，给个说法。", "希望尽快核实处理，不要再拖。", "企业保留了凭证，可以提供。",
        "企业只求公平办理，不想把事情闹大。", "此前反映过，没有得到明确答复。", "盼主管部门出面协调，依法处理。",
    ),
}  # fmt: skip


@dataclass(slots=True)
class Reported:
    """A problem as the officer sends it; keeps its filler, so that the answer speaks of the same facts."""

    category_id: int
    template: Template
    title: str
    description: str
    kind: str
    urgency: str
    department_id: int
    reported_on: date
    filler: Filler = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The department's side: the inner note, the text the firm reads, and how it ended."""

    action: str
    answer: str
    outcome: str


def candidates(category_id: int, industry: str = "", on: date | None = None) -> list[Template]:
    """The templates of the category that suit the firm and the season."""
    return [template for template in ISSUES[category_id] if template.suits(industry, on)]


def pick_category(rng: Random, industry: str = "", on: date | None = None) -> int:
    """A category with something to say for this firm and day, as often as in life."""
    open_to = [number for number in CATEGORY_WEIGHTS if candidates(number, industry, on)]
    return rng.choices(open_to, [CATEGORY_WEIGHTS[number] for number in open_to])[0]


def report(rng: Random, on: date, trade: Trade | None = None, category_id: int | None = None) -> Reported:
    """A problem of a firm in this trade, written on this day; the category is drawn when none is given."""
    trade = trade or rng.choice(FIRM_TRADES)
    number = category_id or pick_category(rng, trade.industry, on)
    template = rng.choice(candidates(number, trade.industry, on) or list(ISSUES[number]))
    filler = Filler(rng, on, trade)
    description = rng.choice(OPENINGS) + filler.fill(template.description)
    if len(description) < 56 or (len(description) < 90 and rng.random() < 0.4):
        description += rng.choice(CLOSINGS[template.kind])
    return Reported(
        category_id=number,
        template=template,
        title=filler.fill(template.title),
        description=description,
        kind=template.kind,
        urgency=template.urgency,
        department_id=template.department_id,
        reported_on=on,
        filler=filler,
    )


def answered(rng: Random, issue: Reported, on: date) -> Answered:
    """The answer to a reported problem, written on a later day."""
    issue.filler.on, issue.filler.since = on, issue.reported_on
    template = issue.template
    text = issue.filler.fill(template.answer)
    opening = "" if text.startswith("您好") else rng.choice(ANSWER_OPENINGS)
    return Answered(issue.filler.fill(template.action), opening + text + rng.choice(ANSWER_CLOSINGS), template.outcome)
