"""What a report would lead to, before it is sent: the department and the day, by the rules in force now.

Exactly what `actions.report` will do with the same words, unless a rule changes in between; a hint, never a promise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from app.clock import day_of
from app.departments import store as departments
from app.filters import day, moment, named
from app.rules import store as rules
from app.rules.limits import limit_for, promise
from app.rules.models import Clock, Kind, Limit, Unit, Urgency
from app.rules.routing import Fact, Rule, route
from app.rules.workdays import WorkCalendar
from app.translation import gettext as _
from app.translation import ngettext


@dataclass(frozen=True)
class Forecast:
    """Where a problem would go. No department: the district takes it in, and the limit is that of dispatching."""

    department: Any | None  # a row of departments, as are the assisting ones
    assisting: tuple[Any, ...]
    due_at: datetime | None
    amount: int | None
    unit: Unit | None
    is_provisional: bool  # the calendar of that year is not published yet
    because: tuple[tuple[Fact, str | int], ...]


@dataclass(frozen=True)
class _Rules:
    """Everything that the office has laid down, read once for any number of forecasts."""

    routing: Sequence[Rule]
    limits: Sequence[Limit]
    calendar: WorkCalendar
    departments: Mapping[int, Any]


def forecast(
    db: Database, *, category_id: int, kind: Kind, urgency: Urgency, district_id: int, text: str, now: datetime
) -> Forecast:
    """Where this problem would go, and by when it would be answered."""
    laid_down = _read(db, rules.list_routing_rules(db, category_id=category_id))
    return _forecast(laid_down, category_id, kind=kind, urgency=urgency, district_id=district_id, text=text, now=now)


def forecasts(db: Database, categories: Iterable[Any], district_id: int, now: datetime) -> dict[int, Forecast]:
    """The same for each category (rows with an id), as long as nothing else is said: four queries however many."""
    laid_down = _read(db, rules.list_routing_rules(db))
    return {
        row["id"]: _forecast(
            laid_down, row["id"], kind=Kind.HELP, urgency=Urgency.NORMAL, district_id=district_id, text="", now=now
        )
        for row in categories
    }


def _read(db: Database, routing: Sequence[Rule]) -> _Rules:
    return _Rules(
        routing,
        rules.list_limits(db),
        rules.get_calendar(db),
        {row["id"]: row for row in departments.list_departments(db)},
    )


def _forecast(
    laid_down: _Rules, category_id: int, *, kind: Kind, urgency: Urgency, district_id: int, text: str, now: datetime
) -> Forecast:
    decision = route(laid_down.routing, category_id=category_id, district_id=district_id, text=text, on=day_of(now))
    limit = limit_for(
        laid_down.limits,
        Clock.HANDLE if decision else Clock.DISPATCH,
        kind=kind,
        urgency=urgency,
        category_id=category_id,
        at=now,
    )
    due = promise(limit, now, laid_down.calendar) if limit else None
    known = laid_down.departments
    return Forecast(
        department=known.get(decision.department_id) if decision else None,
        assisting=tuple(known[each] for each in decision.assisting_ids if each in known) if decision else (),
        due_at=due,
        amount=limit.amount if limit else None,
        unit=limit.unit if limit else None,
        is_provisional=bool(
            due and limit and limit.unit is Unit.WORKING_DAYS and laid_down.calendar.is_provisional(day_of(due))
        ),
        because=decision.because if decision else (),
    )


def words(found: Forecast) -> str:
    """交国网平顶山供电公司办理，5 个工作日内答复（12月1日前）."""
    if found.department is None:
        if found.unit is Unit.HOURS:
            return _("由区县营商办受理派单，%(limit)s内派出", limit=_limit(found))
        return _("由区县营商办受理派单")
    name = named(found.department)
    if found.due_at is None:
        return _("交%(department)s办理", department=name)
    until = moment(found.due_at) if found.unit is Unit.HOURS else day(found.due_at)
    if found.is_provisional:
        until = _("暂定 %(until)s", until=until)
    return _("交%(department)s办理，%(limit)s内答复（%(until)s前）", department=name, limit=_limit(found), until=until)


def reasons(found: Forecast) -> str:
    """协办：市城市管理局；因提到“燃气”: who helps and which word decided. '' when there is nothing to add."""
    parts = []
    if found.assisting:
        names = _("、").join(named(row, "short_name") for row in found.assisting)
        parts.append(_("协办：%(names)s", names=names))
    found_words = [str(value) for fact, value in found.because if fact is Fact.KEYWORD]
    if found_words:
        parts.append(_("因提到“%(words)s”", words=_("、").join(found_words)))
    return _("；").join(parts)


def _limit(found: Forecast) -> str:
    amount = found.amount or 0
    if found.unit is Unit.HOURS:
        return ngettext("%(num)d 小时", "%(num)d 小时", amount)
    return ngettext("%(num)d 个工作日", "%(num)d 个工作日", amount)
