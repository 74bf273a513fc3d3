"""Which department a problem goes to: the office's dated rules, and why one of them won. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.i18n import N_


@dataclass(frozen=True)
class Rule:
    """One row of the office's rules, in force from `valid_from` until the day before `valid_to`.

    `district_id` None: the whole city. Keywords none: any text; else at least one must occur in it.
    """

    id: int
    category_id: int
    district_id: int | None
    keywords: tuple[str, ...]
    department_id: int
    assisting_ids: tuple[int, ...]
    valid_from: date
    valid_to: date | None = None
    note: str = ""


class Fact(StrEnum):
    """What speaks for a rule."""

    KEYWORD = "keyword"
    DISTRICT = "district"
    CATEGORY = "category"


FACT_NAMES: Mapping[Fact, str] = {
    Fact.KEYWORD: N_("出现关键词"),
    Fact.DISTRICT: N_("本区县专门规则"),
    Fact.CATEGORY: N_("问题类别"),
}


@dataclass(frozen=True)
class Decision:
    """What a rule leads to, and the facts that speak for it with their values, strongest first."""

    rule: Rule
    department_id: int
    assisting_ids: tuple[int, ...]
    because: tuple[tuple[Fact, str | int], ...]


def route(rules: Iterable[Rule], *, category_id: int, district_id: int | None, text: str, on: date) -> Decision | None:
    """The department this problem goes to, or None: then the dispatcher decides."""
    return next(iter(explain(rules, category_id=category_id, district_id=district_id, text=text, on=on)), None)


def explain(
    rules: Iterable[Rule], *, category_id: int, district_id: int | None, text: str, on: date
) -> tuple[Decision, ...]:
    """Every rule that fits, the winner first.

    A rule with a matching keyword beats one without, then one for the district beats one for the city, then the newer,
    then the one that stands first in the office's list.
    """
    folded = _fold(text)
    decisions = [
        _decision(rule, [word for word in rule.keywords if _fold(word) in folded])
        for rule in rules
        if rule.category_id == category_id
        and rule.district_id in (None, district_id)
        and rule.valid_from <= on
        and (rule.valid_to is None or on < rule.valid_to)
        and (not rule.keywords or any(_fold(word) in folded for word in rule.keywords))
    ]
    return tuple(sorted(decisions, key=_rank, reverse=True))


def _decision(rule: Rule, found: list[str]) -> Decision:
    because: list[tuple[Fact, str | int]] = [(Fact.KEYWORD, word) for word in found]
    if rule.district_id is not None:
        because.append((Fact.DISTRICT, rule.district_id))
    because.append((Fact.CATEGORY, rule.category_id))
    assisting = tuple(each for each in rule.assisting_ids if each != rule.department_id)
    return Decision(rule, rule.department_id, assisting, tuple(because))


def _rank(decision: Decision) -> tuple[bool, bool, date, int]:
    rule = decision.rule
    return bool(rule.keywords), rule.district_id is not None, rule.valid_from, -rule.id


def _fold(text: str) -> str:
    """Full-width and half-width, capitals and small letters are the same."""
    return unicodedata.normalize("NFKC", text).casefold()
