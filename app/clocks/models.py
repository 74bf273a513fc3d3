"""A deadline that moves, and which issues a change may touch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Days = Mapping[date, tuple[bool, str]]
"""The days on which a year differs from Monday to Friday: whether worked, and why."""


@dataclass(frozen=True)
class Shift:
    """A deadline that moves: whose, which clock's, and the UTC texts of its end before and after (None: paused)."""

    issue_id: int
    number: str
    title: str
    department: str
    department_en: str
    clock: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Reach:
    """Which open issues a change may touch: those with a running clock of a kind, or that ends from a moment on."""

    clock: str | None = None
    since: str | None = None


@dataclass(frozen=True)
class Changed:
    """What came of a change: so many deadlines moved, or a job (its id) is moving them."""

    moved: int = 0
    job_id: int | None = None
