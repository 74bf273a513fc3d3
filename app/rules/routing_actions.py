"""How the office changes where problems go: a new version from a day on, or an end. What was routed before stays."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.clock import day_of
from app.db import transaction
from app.departments import store as departments
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.people.models import User
from app.places import store as places
from app.rules import store as rules
from app.rules.routing import NewRule, Rule, rivals, twins

NO_SUCH_RULE = N_("没有这条派单规则。请从规则列表进入。")
CHANGED = N_("这条规则刚刚被改过，您的修改没有保存。请从规则列表重新进入。")


def add_rule(db: Database, new: NewRule, *, replaces: int | None, by: User, now: datetime) -> int:
    """Lay down a rule from a day on; its id. The rule it replaces, or an older one for the same case, ends that day.

    Raises Invalid for what would contradict itself or another rule, NotFound or Conflict when the old one is gone.
    """
    with transaction(db):
        _refuse_nonsense(db, new, today=day_of(now))
        old = _the_old_one(db, new, replaces=replaces, today=day_of(now))
        _refuse_overlap(rules.list_routing_rules(db, category_id=new.category_id), new, old)
        if old is not None and (old.valid_to is None or old.valid_to > new.valid_from):
            _end(db, old, on=new.valid_from, by=by, now=now)
        rule_id = rules.insert_routing_rule(db, new)
        audit.add_entry(db, "rule_changed", f"rule:{rule_id}", by_id=by.id, now=now, detail=_detail(db, new))
        return rule_id


def end_rule(db: Database, rule_id: int, *, on: date, by: User, now: datetime) -> Rule:
    """Let a rule count no more from a day on; the rule as it was."""
    with transaction(db):
        rule = rules.get_routing_rule(db, rule_id)
        if rule is None:
            raise NotFound(NO_SUCH_RULE)
        if rule.valid_to is not None and rule.valid_to <= day_of(now):
            raise Conflict(N_("这条规则已经停用。"))
        if on < day_of(now):
            raise Invalid(fields={"on": N_("停用日期不能早于今天。")})
        if on < rule.valid_from:
            raise Invalid(fields={"on": N_("这条规则要到 %(day)s 才生效，请选这天或以后。")}, day=rule.valid_from)
        if rule.valid_to is not None and on >= rule.valid_to:
            raise Invalid(fields={"on": N_("这条规则已定于 %(day)s 停用，只能提前。")}, day=rule.valid_to)
        _end(db, rule, on=on, by=by, now=now)
        return rule


def _end(db: Database, rule: Rule, *, on: date, by: User, now: datetime) -> None:
    if not rules.update_rule_end(db, rule, on=on):
        raise Conflict(CHANGED)
    audit.add_entry(db, "rule_changed", f"rule:{rule.id}", by_id=by.id, now=now, detail=f"– {on}")


def _refuse_nonsense(db: Database, new: NewRule, *, today: date) -> None:
    wrong = {}
    active = {row["id"] for row in departments.list_departments(db)}
    if departments.get_category(db, new.category_id) is None:
        wrong["category_id"] = N_("请从列表中选择。")
    if new.district_id is not None and places.get_district(db, new.district_id) is None:
        wrong["district_id"] = N_("请从列表中选择。")
    if new.department_id not in active:
        wrong["department_id"] = N_("请从列表中选择责任单位。")
    if not active.issuperset(new.assisting_ids):
        wrong["assisting_ids"] = N_("请从列表中选择责任单位。")
    elif new.department_id in new.assisting_ids:
        wrong["assisting_ids"] = N_("主办单位不必再选为协办单位。")
    if new.valid_from < today:
        wrong["valid_from"] = N_("只能从今天或以后开始：以前的问题已经派出。")
    if wrong:
        raise Invalid(fields=wrong)


def _the_old_one(db: Database, new: NewRule, *, replaces: int | None, today: date) -> Rule | None:
    if replaces is None:
        found = twins(rules.list_routing_rules(db, category_id=new.category_id), new)
        return next((rule for rule in found if rule.valid_from <= new.valid_from), None)
    old = rules.get_routing_rule(db, replaces)
    if old is None:
        raise NotFound(NO_SUCH_RULE)
    if old.valid_to is not None and old.valid_to <= today:
        raise Conflict(CHANGED)
    if new.valid_from < old.valid_from:
        raise Invalid(
            fields={"valid_from": N_("原规则要到 %(day)s 才生效，新规则请从这天或以后开始。")}, day=old.valid_from
        )
    return old


def _refuse_overlap(known: Sequence[Rule], new: NewRule, old: Rule | None) -> None:
    if old is not None and _says_the_same(old, new):
        raise Invalid(N_("和现行规则完全一样，没有要改的地方。"))
    others = [rule for rule in known if old is None or rule.id != old.id]
    twin = next(iter(twins(others, new)), None)
    if twin is not None:
        raise Invalid(
            fields={"keywords": N_("同样条件已有第 %(number)d 号规则（自 %(day)s 起）。请改那一条，或换关键词。")},
            number=twin.id,
            day=twin.valid_from,
        )
    rival = next(iter(rivals(others, new)), None)
    if rival is not None:
        raise Invalid(
            fields={"keywords": N_("“%(word)s”已用于第 %(number)d 号规则。同一个词只能派给一处，请先改那一条。")},
            word=rival[1],
            number=rival[0].id,
        )


def _says_the_same(old: Rule, new: NewRule) -> bool:
    return (
        (old.category_id, old.district_id, old.keywords) == (new.category_id, new.district_id, new.keywords)
        and (old.department_id, old.assisting_ids, old.note) == (new.department_id, new.assisting_ids, new.note)
        and old.valid_to is None
    )


def _detail(db: Database, new: NewRule) -> str:
    """As in '水电气暖用能 · 燃气 气压 → 市燃气集团 + 城管局, 2026-12-01'."""
    category = departments.get_category(db, new.category_id)["name"]
    district = places.get_district(db, new.district_id)["short_name"] if new.district_id else ""
    short = {row["id"]: row["short_name"] for row in departments.list_departments(db)}
    who = " + ".join(short[each] for each in (new.department_id, *new.assisting_ids))
    case = " · ".join(part for part in (category, district, " ".join(new.keywords)) if part)
    return f"{case} → {who}, {new.valid_from}"
