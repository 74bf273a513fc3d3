"""What this city's history and the office's words teach the suggestion: learned when first asked for, then kept.

One model per process, good for ten minutes or until the examples have grown or shrunk by a twentieth. While one thread
learns anew the others go on with what there is.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from sqlite_utils import Database

from app.clock import day_of
from app.departments import store as departments
from app.filters import named
from app.rules import store as rules
from app.rules.routing import is_in_force
from app.rules.suggestion import Example, Hint, Model, Suggestion, learn, suggest, suggest_departments
from app.translation import gettext as _

MOST_EXAMPLES = 5000
GOOD_FOR = timedelta(minutes=10)
COUNTED_FOR = timedelta(minutes=1)
GROWN = 0.05
_BETWEEN_WORDS = re.compile(r"\W+")
_learning = threading.Lock()


@dataclass
class _Held:
    model: Model
    learned_at: datetime
    counted_at: datetime


def model_of(db: Database, *, now: datetime) -> Model:
    """The model as it stands, learned anew when it has grown old."""
    held: _Held | None = current_app.extensions.get("suggestion")
    if held and not _is_old(db, held, now):
        return held.model
    if not _learning.acquire(blocking=held is None):
        assert held is not None
        return held.model
    try:
        model = learn(list_examples(db), list_hints(db, on=day_of(now)))
        current_app.extensions["suggestion"] = _Held(model, now, now)
        return model
    finally:
        _learning.release()


def _is_old(db: Database, held: _Held, now: datetime) -> bool:
    if not timedelta(0) <= now - held.learned_at < GOOD_FOR:
        return True
    if now - held.counted_at < COUNTED_FOR:
        return False
    held.counted_at = now
    count = rules.count_examples(db, limit=MOST_EXAMPLES)
    return abs(count - held.model.example_count) > GROWN * max(held.model.example_count, 1)


def list_examples(db: Database) -> list[Example]:
    """The city's own rightly dispatched issues, newest first; a category that nobody answers for teaches nothing."""
    placed = {row["category_id"] for row in departments.list_answering(db)}
    return [
        Example(
            f"{row['title']}\n{row['description']}",
            row["category_id"] if row["category_id"] in placed else None,
            row["department_id"],
        )
        for row in rules.list_examples(db, limit=MOST_EXAMPLES)
    ]


def list_hints(db: Database, *, on: date) -> list[Hint]:
    """The office's own words: keywords of departments, hints of categories, conditions of the rules."""
    serves: dict[int, list[int]] = defaultdict(list)
    for row in departments.list_answering(db):
        serves[row["department_id"]].append(row["category_id"])
    placed = {each for categories in serves.values() for each in categories}
    hints = [
        Hint((*_words(row["hint"]), row["name"]), row["id"])
        for row in departments.list_categories(db)
        if row["id"] in placed
    ]
    for row in departments.list_departments(db):
        words = (*_words(row["keywords"]), *_words(row["matters"]))
        hints.append(Hint(words, department_id=row["id"]))
        hints += [Hint(words, each, weight=1 / len(serves[row["id"]])) for each in serves[row["id"]]]
    hints += [
        Hint(each.keywords, each.category_id, each.department_id)
        for each in rules.list_routing_rules(db)
        if is_in_force(each, on)
    ]
    return hints


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _BETWEEN_WORDS.split(text) if len(word) > 1)


@dataclass(frozen=True)
class Suggested:
    """A suggestion as a page says it. `id` is a category's or a department's."""

    id: int
    name: str
    because: str


def categories_for(db: Database, text: str, *, now: datetime, limit: int = 3) -> list[Suggested]:
    """The categories that a text speaks of, in words."""
    found = suggest(model_of(db, now=now), text, limit)
    return _named(departments.list_categories(db), [(each.category_id, each) for each in found])


def departments_for(
    db: Database, text: str, *, now: datetime, without: int | None = None, limit: int = 3
) -> list[Suggested]:
    """The departments that a text speaks of, in words; not the one that has just sent it back."""
    found = suggest_departments(model_of(db, now=now), text, limit, without=(without,))
    return _named(departments.list_departments(db), [(each.department_id, each) for each in found])


def _named(rows: Sequence, found: Sequence[tuple[int | None, Suggestion]]) -> list[Suggested]:
    names = {row["id"]: named(row) for row in rows}
    return [Suggested(key, names[key], because(each)) for key, each in found if key is not None and key in names]


def because(found: Suggestion) -> str:
    """因为写到“变压器”、“增容”."""
    return _("因为写到%(words)s", words=_("、").join(_("“%(word)s”", word=word) for word in found.words))
