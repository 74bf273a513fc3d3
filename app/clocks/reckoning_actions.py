"""Every open deadline reckoned anew after a limit or the calendar changed: foreseen without writing, then done.

A change that reaches many issues is one short transaction that also asks for a job; the job reckons in small
transactions, so that officers go on saving meanwhile, and is taken up again after a restart. What a step was late by is
frozen when the step ends and is not reckoned again.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.clocks import store
from app.clocks.models import Changed, Reach, Shift
from app.db import transaction
from app.errors import Conflict
from app.i18n import N_
from app.issues import actions as issues
from app.issues import clock_store
from app.issues.deadlines import clocks
from app.jobs import actions as jobs
from app.people.models import User
from app.rules import store as rules
from app.rules.models import Limit
from app.rules.workdays import WorkCalendar

JOB = "reckoning"
"""The kind of the job that reckons open deadlines anew."""
AT_ONCE = 50
"""Issues reckoned in one transaction: the write lock is held for some tens of milliseconds."""
FEW = 200
"""Up to so many issues are reckoned in the transaction of the change itself."""
_READ_AT_ONCE = 500

CHANGED = N_("时限或日历刚刚被改过，下面是按最新情况重新试算的结果。请核对后再确认。")


def state_of(db: Database) -> str:
    """A token of the limits and the calendar as they stand: what was tried is confirmed only on the same ground."""
    return hashlib.sha256(store.get_rules_state(db).encode()).hexdigest()[:20]


def refuse_changed(db: Database, state: str) -> None:
    """Raises Conflict when the rules are no longer those that the trial was made on."""
    if state != state_of(db):
        raise Conflict(CHANGED)


def foresee(db: Database, limits: Sequence[Limit], calendar: WorkCalendar, reach: Reach) -> list[Shift]:
    """Which running clocks of open issues would end at another moment under these rules. Only reads."""
    found: list[tuple[int, str, str | None, str | None]] = []
    for ids in _batches(db, reach, _READ_AT_ONCE):
        stored, histories = clock_store.list_running_clocks(db, ids), clock_store.list_moves_of(db, ids)
        for issue_id in ids:
            for state in clocks(histories[issue_id], limits, calendar):
                key = state.clock.value, state.round
                after = to_text(state.due_at) if state.due_at else None
                if state.stopped_at is None and stored[issue_id].get(key, after) != after:
                    found.append((issue_id, state.clock.value, stored[issue_id][key], after))
    return _labelled(db, found)


def _batches(db: Database, reach: Reach, size: int) -> Iterator[list[int]]:
    after = 0
    while ids := clock_store.list_running_ids(db, clock=reach.clock, since=reach.since, after=after, limit=size):
        yield ids
        after = ids[-1]


def _labelled(db: Database, found: Sequence[tuple[int, str, str | None, str | None]]) -> list[Shift]:
    labels = {row["id"]: row for row in clock_store.list_labels(db, sorted({each[0] for each in found}))}
    return [
        Shift(
            issue_id=issue_id,
            number=labels[issue_id]["number"],
            title=labels[issue_id]["title"],
            department=labels[issue_id]["department"] or "",
            department_en=labels[issue_id]["department_en"] or "",
            clock=clock,
            before=before,
            after=after,
        )
        for issue_id, clock, before, after in found
    ]


def start(db: Database, reach: Reach, *, back_to: str, by: User | None, now: datetime) -> Changed:
    """In the transaction of the change: reckon what it reaches, or ask for a job that does. Without a person (the
    command line) nothing is asked for: the caller goes on with `reckon`.
    """
    with transaction(db):
        if by is None:
            return Changed()
        if clock_store.count_running(db, clock=reach.clock, since=reach.since) <= FEW:
            return Changed(moved=reckon(db, reach))
        params = {**asdict(reach), "back_to": back_to, "state": state_of(db)}
        return Changed(job_id=jobs.ask(db, JOB, params, by=by, now=now))


def reckon(db: Database, reach: Reach, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Reckon every issue within reach anew, some at a time; how many got another date. May be begun again."""
    total = clock_store.count_running(db, clock=reach.clock, since=reach.since)
    done = moved = 0
    for ids in _batches(db, reach, AT_ONCE):
        with transaction(db), rules.read_once(db):
            before = clock_store.list_running_clocks(db, ids)
            for issue_id in ids:
                issues.recompute_clocks(db, issue_id)
            after = clock_store.list_running_clocks(db, ids)
        moved += sum(before[each] != after[each] for each in ids)
        done += len(ids)
        progress(done, max(total, done))
    return moved
