"""An issue's history as its page tells it: one line for each event, newest first."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.filters import day, named, pair
from app.i18n import N_
from app.issues.lifecycle import LEVEL_NAMES, OUTCOME_NAMES, TRANSITIONS, Actor
from app.people.models import ROLE_NAMES
from app.permissions import Role
from app.rules.models import URGENCY_NAMES
from app.translation import gettext as _
from app.visits.models import MODE_NAMES


class Line(NamedTuple):
    """One event: what, who, when, the words that came with it, its facts (label, value), its photos; how many of those
    are still on a phone."""

    action: str
    what: str
    who: str
    at: str
    note: str
    facts: list[tuple[str, str]]
    photos: list
    awaited: int


def lines(
    events: Sequence,
    pictures: Sequence,
    departments: Sequence,
    awaited: Mapping[int | None, int],
    *,
    shown_answer: str = "",
) -> list[Line]:
    """The history, newest first. `awaited`: photos that a phone still has to send, by event.

    `shown_answer`: the answer to the firm that the page shows for itself; the line that gave it leaves it out.
    """
    names = {row["id"]: named(row) for row in departments}
    drawn = []
    for event in reversed(events):
        data = json.loads(event["data"])
        if shown_answer and data.get("public_answer") == shown_answer:
            del data["public_answer"]
        what = _(TRANSITIONS[event["action"]].done)
        if "department_id" in data:
            what = _("%(what)s：%(department)s", what=what, department=names.get(data["department_id"], ""))
        drawn.append(
            Line(
                action=event["action"],
                what=what,
                who=_who(event),
                at=event["at"],
                note=event["note"],
                facts=_facts(data, names),
                photos=[each for each in pictures if each["event_id"] == event["id"]],
                awaited=awaited.get(event["id"], 0),
            )
        )
    return drawn


def last_note(events: Sequence) -> Mapping | None:
    """The newest event that someone wrote words to: what a decision answers."""
    return next((event for event in reversed(events) if event["note"]), None)


def _who(event: Mapping) -> str:
    if event["actor"] == Actor.FIRM:
        return _("企业方")
    if event["actor"] == Actor.SYSTEM:
        return _("系统按规则")
    if event["by_department"]:
        return pair(event, "by_department")
    return event["by_name"] or _(ROLE_NAMES[Role(event["actor"])])


_FACTS: tuple[tuple[str, str], ...] = (
    ("outcome", N_("结果")),
    ("public_answer", N_("给企业的答复")),
    ("evidence", N_("佐证")),
    ("basis", N_("依据")),
    ("suggested_department_id", N_("建议改派给")),
    ("is_return_right", N_("退回是否有理")),
    ("assisting_ids", N_("协办单位")),
    ("contacted_on", N_("联系企业")),
    ("contact_mode", N_("联系方式")),
    ("extend_to_on", N_("延至")),
    ("review_on", N_("复核日期")),
    ("level", N_("级别")),
    ("reply_by_on", N_("回复期限")),
    ("master_number", N_("并入")),
    ("is_solved", N_("是否解决")),
    ("is_satisfied", N_("是否满意")),
)


def _facts(data: Mapping, names: Mapping[int, str]) -> list[tuple[str, str]]:
    return [(_(label), text) for name, label in _FACTS if name in data and (text := _value(name, data[name], names))]


def _value(name: str, value, names: Mapping[int, str]) -> str:
    if name == "assisting_ids":
        return _("、").join(names.get(each, "") for each in value)
    if name == "suggested_department_id":
        return names.get(value, "")
    if name.endswith("_on"):
        return day(value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    words: dict[str, Mapping] = {
        "outcome": OUTCOME_NAMES,
        "level": LEVEL_NAMES,
        "contact_mode": MODE_NAMES,
        "urgency": URGENCY_NAMES,
    }
    return _(words[name][value]) if name in words else str(value)
