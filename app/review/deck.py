"""The deck: the one case that a head decides next, with all she needs to decide it, and the answers she may give."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from app.clock import day_of, from_text, midnight, to_text
from app.departments import store as departments
from app.forms import BaseForm
from app.i18n import N_
from app.issues import clock_words, history_store, quick_moves, timeline
from app.issues import store as issues
from app.issues.lifecycle import Level, Transition, allowed
from app.issues.models import Issue
from app.people.models import User
from app.review import store
from app.rules import store as rules
from app.rules.workdays import WorkCalendar
from app.translation import gettext as _

REST_DAYS = 2
"""A case that is late and was urged comes back after so many working days."""

REPLY_DAYS = 3
LONG_TERM_DAYS = 60

REASONS = (N_("两个部门都不认领"), N_("督办到期没有回复"), N_("申请延期，等着批"), N_("超期还没有办结"))
"""Why a case is on the deck, by its sharpness."""

_FIRST = ("designate", "supervise", "grant_extension", "urge")
_OTHERS = ("urge", "supervise", "designate", "grant_extension", "refuse_extension", "list_long_term")
_MOST_WORDS = 3


@dataclass(frozen=True)
class Answer:
    """One answer of the deck: the move and its form, already filled."""

    row: Transition
    form: BaseForm
    is_first: bool


@dataclass(frozen=True)
class Card:
    """One case."""

    issue: Issue
    reason: str
    waited_days: int
    clock: clock_words.ClockWords | None
    words: Sequence[timeline.Line]
    precedents: Sequence
    answers: Sequence[Answer]


def moments(now: datetime, calendar: WorkCalendar) -> dict[str, str]:
    """The moments by which the store tells what is still to be decided."""
    today = day_of(now)
    return {
        "now": to_text(now),
        "today": today.isoformat(),
        "day_began": to_text(midnight(today)),
        "urged_since": to_text(midnight(calendar.before(today + timedelta(days=1), REST_DAYS))),
    }


def card(db: Database, issue_id: int, sharpness: int, *, reader: User, now: datetime) -> Card | None:
    """The case as its card shows it, or None if it is gone meanwhile."""
    issue = issues.get_issue(db, issue_id, visible_to=reader, now=now)
    if issue is None:
        return None
    calendar = rules.get_calendar(db)
    names = departments.list_departments(db)
    events = history_store.list_events(db, issue.id)
    return Card(
        issue=issue,
        reason=_(REASONS[sharpness]),
        waited_days=(day_of(now) - _since(issue, events, sharpness)).days,
        clock=clock_words.of_issue(issue, now=now, calendar=calendar),
        words=_last_words(timeline.lines(events, (), names, {})),
        precedents=history_store.list_precedents(db, category_id=issue.category_id, district_id=issue.district_id),
        answers=_answers(issue, _nearest_first(names, events), reader, sharpness, day_of(now), calendar),
    )


def _since(issue: Issue, events: Sequence[Mapping], sharpness: int) -> date:
    """Since when it waits for a decision."""
    if sharpness == 1 and issue.reply_by_on:
        return issue.reply_by_on
    asked = {0: "escalate", 2: "request_extension"}.get(sharpness)
    moment = next((event["at"] for event in reversed(events) if event["action"] == asked), None)
    return day_of(from_text(moment) if moment else issue.due_at or issue.reported_at)


def _last_words(lines: Sequence[timeline.Line]) -> list[timeline.Line]:
    """The last words of each of those involved, the newest first."""
    found: dict[str, timeline.Line] = {}
    for line in lines:
        if line.note and line.action != "report":
            found.setdefault(line.who, line)
    return list(found.values())[:_MOST_WORDS]


def _nearest_first(names: Sequence[Any], events: Sequence[Mapping]) -> list[Any]:
    """The departments, those that were suggested when it was returned at the head: the thumb need not scroll."""
    returns = [json.loads(event["data"]) for event in reversed(events) if event["action"] == "return"]
    wanted = [data["suggested_department_id"] for data in returns if data.get("suggested_department_id")]
    return sorted(names, key=lambda row: wanted.index(row["id"]) if row["id"] in wanted else len(wanted))


def _answers(
    issue: Issue, names: Sequence[Any], reader: User, sharpness: int, today: date, calendar: WorkCalendar
) -> list[Answer]:
    rows = {row.action: row for row in allowed(issue, reader)}
    first = next((action for action in (_FIRST[sharpness], "urge") if action in rows), "")
    given = _given(issue, today, calendar)
    return [
        Answer(
            rows[action],
            quick_moves.quick_form(issue, rows[action], departments=names, given=given[action]),
            action == first,
        )
        for action in sorted(_OTHERS, key=lambda each: each != first)
        if action in rows
    ]


def _given(issue: Issue, today: date, calendar: WorkCalendar) -> dict[str, dict[str, object]]:
    """What each answer is filled with: usual words and days, to be changed where they do not fit."""
    reply_by_on = calendar.after(today, REPLY_DAYS)
    return {
        "urge": {"note": _("请抓紧办理，今天反馈进展。")},
        "supervise": {
            "note": _("请查明没有按期办结的原因，提出办结时间，按期书面回复。"),
            "level": Level.RED if issue.supervision else Level.YELLOW,
            "reply_by_on": reply_by_on,
        },
        "designate": {"ruling": _("请该单位牵头办理，其他单位配合，不再退回。")},
        "grant_extension": {"extend_to_on": issue.extension_asked_on},
        "refuse_extension": {"note": _("请按原定时限办结，确有困难的先分步答复企业。")},
        "list_long_term": {
            "note": _("一时难以办结，分步推进，每步进展告诉企业。"),
            "review_on": today + timedelta(days=LONG_TERM_DAYS),
        },
    }


def count(db: Database, *, reader: User, now: datetime) -> int:
    """How many cases wait for this person's decision: the figure in the navigation."""
    return store.count_deck(db, district_id=reader.district_id, moments=moments(now, rules.get_calendar(db)))
