"""The demo's sentences are patterns; this module fills them.

In a pattern ``[a|b|c]`` picks one wording and ``{slot}`` is filled in. A filler remembers what it put into a slot, so
the amount in an answer is the amount in the question. Dates depend on the day a text is written, and are the only slots
not remembered. Nothing here touches a database, and the same random generator gives the same text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

WORDING = re.compile(r"\[([^\[\]]*)\]")
SLOT = re.compile(r"\{(\w+)\}")

ROADS = (
    "东三路", "西环路", "纬四路", "经二路", "产业大道", "创业路", "园区北路", "园区南路", "兴业路", "纬六路",
    "工业路", "物流大道", "经五路", "科技路", "环湖路辅道", "迎宾大道", "东二路", "西四路", "纬一路", "滨河路",
)  # fmt: skip
BANKS = ("合作银行", "开户行", "主办银行", "本地一家商业银行")
SEASONS = ("冬", "冬", "春", "春", "春", "夏", "夏", "夏", "秋", "秋", "秋", "冬")
SEASON_CARE = {
    "春": ("春季防风防火", "返岗人员安全培训"),
    "夏": ("高温天气错峰作业", "汛期检查排水"),
    "秋": ("秋季防火", "设备换季保养"),
    "冬": ("冬季用火用电安全", "雨雪天防滑防冻"),
}
AGO = ("上周", "上周三", "上周五", "本月初", "半个月前", "上月下旬", "前几天", "十来天前")
SINCE = ("近一个月来", "最近两周", "近半个月", "上个月以来", "近段时间", "今年以来", "入{season}以来")
SOON = ("月底前", "下月初", "两周内", "下月中旬", "下周", "下月底", "一个月内")


@dataclass(frozen=True, slots=True)
class Trade:
    """What a firm makes or does, so that its problems speak of its own goods and machines."""

    industry: str
    word: str
    product: str
    material: str
    machine: str
    job: str


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of problem: what the firm says, what the department did, and what it answered."""

    title: str
    description: str
    action: str
    answer: str
    department_id: int
    kind: str = "help"
    urgency: str = "normal"
    outcome: str = "solved"
    sectors: str = ""  # first characters of the industries it suits (工服农建); empty: all
    months: tuple[int, ...] = ()  # the months in which it happens; empty: all year

    def suits(self, industry: str, on: date | None = None) -> bool:
        """Whether a firm of this industry could report it on this day."""
        in_season = on is None or not self.months or on.month in self.months
        return in_season and (not industry or not self.sectors or industry[0] in self.sectors)


def tens(rng: Random, low: int, high: int) -> int:
    """A round number of tens between the two."""
    return rng.randint(low // 10, high // 10) * 10


NUMBERS: Mapping[str, Callable[[Random], object]] = {
    "n": lambda rng: rng.randint(2, 5),
    "m": lambda rng: rng.randint(3, 9),
    "few": lambda rng: rng.randint(6, 30),
    "wan": lambda rng: tens(rng, 30, 600),
    "big": lambda rng: tens(rng, 800, 4000),
    "pct": lambda rng: rng.randint(8, 35),
    "days": lambda rng: rng.randint(6, 24),
    "hours": lambda rng: rng.randint(20, 46),
    "kva": lambda rng: rng.choice((315, 400, 500, 630, 800, 1000, 1250, 1600)),
    "mu": lambda rng: rng.randint(8, 60),
    "area": lambda rng: tens(rng, 400, 6000),
    "tons": lambda rng: rng.randint(5, 60),
    "cars": lambda rng: rng.randint(6, 36),
    "road": lambda rng: rng.choice(ROADS),
    "bank": lambda rng: rng.choice(BANKS),
}


def day_text(day: date) -> str:
    """11月23日."""
    return f"{day.month}月{day.day}日"


class Filler:
    """Fills the patterns of one problem; ``on`` is the day on which the next text is written."""

    def __init__(self, rng: Random, on: date, trade: Trade | None = None, since: date | None = None) -> None:
        self.rng = rng
        self.on = on
        self.since = since  # answers never name a day before the report
        self.memory: dict[str, str] = {}
        self.trade = trade
        if trade:
            self.memory |= {
                "product": trade.product, "material": trade.material, "machine": trade.machine, "job": trade.job,
            }  # fmt: skip

    def slot(self, name: str) -> str:
        """The text for one slot."""
        rng = self.rng
        if name in ("date", "due") and name in self.memory:
            return self.memory[name]  # named by whoever asked
        if name == "date":
            day = self.on - timedelta(days=rng.randint(0, 2))
            return day_text(max(day, self.since) if self.since else self.on - timedelta(days=rng.randint(2, 9)))
        if name == "due":
            return day_text(self.on + timedelta(days=rng.randint(20, 75)))
        if name not in self.memory:
            self.memory[name] = self.fresh(name)
        return self.memory[name]

    def fresh(self, name: str) -> str:
        """A new value for a slot, in keeping with the season, the firm's trade and what was said before."""
        rng = self.rng
        season = SEASONS[self.on.month - 1]
        if name == "since":
            return self.fill(rng.choice(SINCE))
        if name == "people":
            big = self.trade is None or self.trade.industry in ("工业", "建筑业")
            return str(rng.randint(16, 160) if big else rng.randint(6, 40))
        settled = {"season": season, "month": f"{(self.on.replace(day=1) - timedelta(days=1)).month}月"}
        if name in settled:
            return settled[name]
        phrases = {"ago": AGO, "soon": SOON, "care": SEASON_CARE[season]}
        return rng.choice(phrases[name]) if name in phrases else str(NUMBERS[name](rng))

    def fill(self, pattern: str) -> str:
        """The pattern with every choice made and every slot filled."""
        text = WORDING.sub(lambda found: self.rng.choice(found[1].split("|")), pattern)
        return SLOT.sub(lambda found: self.slot(found[1]), text)


def say(rng: Random, patterns: Sequence[str], on: date, **slots: object) -> str:
    """One of the patterns, filled; named slots are taken as given."""
    filler = Filler(rng, on, since=on)
    filler.memory |= {name: str(value) for name, value in slots.items()}
    return filler.fill(rng.choice(list(patterns)))
