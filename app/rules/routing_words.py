"""Routing rules as the office's page shows them: a line for each rule, and what a trial leads to and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from app.clock import day_of
from app.departments import store as departments
from app.filters import day, named
from app.places import store as places
from app.rules import learned
from app.rules import store as rules
from app.rules.routing import EDGE_NAMES, Decision, Fact, Rule, edge, explain, in_order, is_in_force
from app.translation import gettext as _


@dataclass(frozen=True)
class Line:
    """One rule in words."""

    rule: Rule
    category: str
    district: str  # '' for the whole city
    department: str
    assisting: str
    period: str
    state: str  # now, later, past


@dataclass(frozen=True)
class Candidate:
    """A rule that fits the text, and the facts that speak for it."""

    line: Line
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """Where a text of this category would go. `because`: the words that led to the category, if nobody chose it."""

    category: str
    because: str
    candidates: tuple[Candidate, ...]
    why: str  # why the first candidate wins


@dataclass(frozen=True)
class _Names:
    """Rows by id, read once for a page."""

    categories: Mapping[int, Any]
    districts: Mapping[int, Any]
    departments: Mapping[int, Any]


def _names(db: Database) -> _Names:
    return _Names(
        {row["id"]: row for row in departments.list_categories(db)},
        {row["id"]: row for row in places.list_districts(db)},
        {row["id"]: row for row in departments.list_departments(db)},
    )


def lines(db: Database, *, category_id: int | None, on: date) -> list[Line]:
    """The rules, those in force first: by category in the office's order, within it as precedence puts them."""
    names = _names(db)
    order = {each: nth for nth, each in enumerate(names.categories)}
    found = [_line(each, names, on) for each in in_order(rules.list_routing_rules(db, category_id=category_id))]
    return sorted(found, key=lambda each: (_STATES.index(each.state), order.get(each.rule.category_id, len(order))))


_STATES = ("now", "later", "past")


def line(db: Database, rule: Rule, *, on: date) -> Line:
    """One rule in words."""
    return _line(rule, _names(db), on)


def _line(rule: Rule, names: _Names, on: date) -> Line:
    state = "now" if is_in_force(rule, on) else "later" if rule.valid_from > on and not _is_empty(rule) else "past"
    return Line(
        rule=rule,
        category=_name(names.categories, rule.category_id),
        district=_name(names.districts, rule.district_id) if rule.district_id else "",
        department=_name(names.departments, rule.department_id),
        assisting=_("、").join(_name(names.departments, each, "short_name") for each in rule.assisting_ids),
        period=_period(rule),
        state=state,
    )


def _is_empty(rule: Rule) -> bool:
    return rule.valid_to is not None and rule.valid_to <= rule.valid_from


def _period(rule: Rule) -> str:
    if _is_empty(rule):
        return _("没有生效过")
    if rule.valid_to:
        return _("%(first)s起，%(last)s停用", first=day(rule.valid_from), last=day(rule.valid_to))
    return _("%(first)s起", first=day(rule.valid_from))


def _name(rows: Mapping[int, Any], key: int, column: str = "name") -> str:
    """A name, or for what is no longer in use the number it had."""
    return named(rows[key], column) if key in rows else _("已停用的 %(id)d 号", id=key)


def trials(db: Database, *, text: str, category_id: int | None, district_id: int | None, now: datetime) -> list[Trial]:
    """Where this text would go: under the chosen category, or under each that the text suggests."""
    names = _names(db)
    if category_id is not None:
        asked = [(category_id, "")]
    else:
        asked = [(each.id, each.because) for each in learned.categories_for(db, text, now=now)]
    return [
        _trial(
            names,
            key,
            because,
            explain(
                rules.list_routing_rules(db, category_id=key),
                category_id=key,
                district_id=district_id,
                text=text,
                on=day_of(now),
            ),
            on=day_of(now),
        )
        for key, because in asked
    ]


def _trial(names: _Names, category_id: int, because: str, decisions: Sequence[Decision], *, on: date) -> Trial:
    return Trial(
        category=_name(names.categories, category_id),
        because=because,
        candidates=tuple(Candidate(_line(each.rule, names, on), _facts(each)) for each in decisions),
        why=_(EDGE_NAMES[edge(decisions)]) if decisions else "",
    )


def _facts(decision: Decision) -> tuple[str, ...]:
    words = [str(value) for fact, value in decision.because if fact is Fact.KEYWORD]
    is_local = decision.rule.district_id is not None
    return (
        _("命中关键词：%(words)s", words=_("、").join(words)) if words else _("不限条件"),
        _("本区县专门规则") if is_local else _("全市规则"),
    )
