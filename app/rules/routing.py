"""Which department a problem goes to: the office's dated rules, and why one of them won. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True)
class NewRule:
    """A rule as the office writes it down, in force from a day on."""

    category_id: int
    district_id: int | None
    keywords: tuple[str, ...]
    department_id: int
    assisting_ids: tuple[int, ...]
    valid_from: date
    note: str = ""


class Fact(StrEnum):
    """What speaks for a rule."""

    KEYWORD = "keyword"
    DISTRICT = "district"
    CATEGORY = "category"


PRECEDENCE = N_(
    "写到关键词的规则优先于不限条件的规则；其次，本区县的专门规则优先于全市规则；再次，生效晚的优先；最后按编号先后。"
)
"""The one sentence: what `_rank` does."""


class Edge(StrEnum):
    """What puts one rule before another."""

    ALONE = "alone"
    KEYWORD = "keyword"
    DISTRICT = "district"
    NEWER = "newer"
    FIRST = "first"


EDGE_NAMES: Mapping[Edge, str] = {
    Edge.ALONE: N_("只有这一条规则符合"),
    Edge.KEYWORD: N_("文字里写到了它的关键词，优先于不限条件的规则"),
    Edge.DISTRICT: N_("它是本区县的专门规则，优先于全市规则"),
    Edge.NEWER: N_("它生效更晚，优先于更早的规则"),
    Edge.FIRST: N_("其他条件都一样，它的编号在前"),
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
        and is_in_force(rule, on)
        and (not rule.keywords or any(_fold(word) in folded for word in rule.keywords))
    ]
    return tuple(sorted(decisions, key=lambda each: _rank(each.rule), reverse=True))


def edge(decisions: Sequence[Decision]) -> Edge:
    """Why the first of these, as `explain` orders them, stands before the second."""
    if len(decisions) < 2:
        return Edge.ALONE
    first, second = _rank(decisions[0].rule), _rank(decisions[1].rule)
    differing = next(nth for nth, (one, other) in enumerate(zip(first, second, strict=True)) if one != other)
    return (Edge.KEYWORD, Edge.DISTRICT, Edge.NEWER, Edge.FIRST)[differing]


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The rules of a category as precedence puts them, the strongest first."""
    return sorted(rules, key=_rank, reverse=True)


def is_in_force(rule: Rule, on: date) -> bool:
    """Whether the rule counts on that day."""
    return rule.valid_from <= on and (rule.valid_to is None or on < rule.valid_to)


def twins(rules: Iterable[Rule], new: NewRule) -> list[Rule]:
    """Rules for exactly the same case that would be in force beside the new one."""
    return [rule for rule in _beside(rules, new) if _folded(rule.keywords) == _folded(new.keywords)]


def rivals(rules: Iterable[Rule], new: NewRule) -> list[tuple[Rule, str]]:
    """Rules for another case that would be in force beside the new one and claim one of its keywords, and which."""
    claimed = _folded(new.keywords)
    return [
        (rule, next(word for word in rule.keywords if _fold(word) in claimed))
        for rule in _beside(rules, new)
        if _folded(rule.keywords) & claimed and _folded(rule.keywords) != claimed
    ]


def _beside(rules: Iterable[Rule], new: NewRule) -> list[Rule]:
    return [
        rule
        for rule in rules
        if (rule.category_id, rule.district_id) == (new.category_id, new.district_id)
        and (rule.valid_to is None or rule.valid_to > max(new.valid_from, rule.valid_from))
    ]


def _folded(keywords: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_fold, keywords))


def _decision(rule: Rule, found: list[str]) -> Decision:
    because: list[tuple[Fact, str | int]] = [(Fact.KEYWORD, word) for word in found]
    if rule.district_id is not None:
        because.append((Fact.DISTRICT, rule.district_id))
    because.append((Fact.CATEGORY, rule.category_id))
    assisting = tuple(each for each in rule.assisting_ids if each != rule.department_id)
    return Decision(rule, rule.department_id, assisting, tuple(because))


def _rank(rule: Rule) -> tuple[bool, bool, date, int]:
    return bool(rule.keywords), rule.district_id is not None, rule.valid_from, -rule.id


def _fold(text: str) -> str:
    """Full-width and half-width, capitals and small letters are the same."""
    return unicodedata.normalize("NFKC", text).casefold()
