"""Lists of issues: what the address asks for, the tabs of each role, and a row as the page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlencode

from sqlite_utils import Database
from werkzeug.datastructures import MultiDict

from app.clock import today
from app.departments import store as departments
from app.errors import NotFound
from app.forms import read_id
from app.i18n import N_
from app.issues import ages, clock_words
from app.issues.lifecycle import LEVEL_NAMES, STATUS_NAMES, Level, Outcome, Status
from app.issues.list_store import Filters
from app.permissions import Role
from app.places import store as places
from app.rules.workdays import WorkCalendar
from app.translation import gettext as _

PER_PAGE = 25
LAST_PAGE = 400
PATH = "/issues/"

OPEN, SOON, OVERDUE = N_("未办结"), N_("将到期"), N_("已超期")
_ORDER_OF_STATUS = {"": "inbox", "open": "inbox", "dispatched": "changed", "closed": "closed"}


@dataclass(frozen=True)
class Asked:
    """What the address asks for, read and checked."""

    filters: Filters
    order: str
    page: int
    query: Mapping[str, str]  # the parameters that were given, for links


_KNOWN = (
    "status department district township category firm due age q part supervision pending twice_returned "
    "reported_from reported_to closed_from closed_to outcome solved without"
).split()


def read(args: MultiDict, calendar: WorkCalendar, now: datetime) -> Asked:
    """The filters of a list from its address. Raises NotFound for values that no link of ours has."""
    given = {name: args[name].strip() for name in _KNOWN if args.get(name, "").strip()}
    status = given.get("status", "")
    if status not in ("", "open") and status not in set(Status):
        raise _unknown()
    due = _one_of(given.get("due", ""), "soon", "overdue")
    if not status and not due:
        status = "open" if "q" not in given and "firm" not in given else ""
    closed_too = {"reported_from", "reported_to", "closed_from", "closed_to", "outcome", "solved"} & given.keys()
    if closed_too and "status" not in given:
        status = ""
    filters = Filters(
        status=status,
        due=due,
        department_id=_id(given.get("department")),
        district_id=_id(given.get("district")),
        township_id=_id(given.get("township")),
        category_id=_id(given.get("category")),
        firm_id=_id(given.get("firm")),
        age=_age(given.get("age"), calendar, now),
        query=given.get("q", "")[:60],
        part=_one_of(given.get("part", ""), "lead", "assisting"),
        supervision=_one_of(given.get("supervision", ""), "1") == "1",
        pending=_one_of(given.get("pending", ""), "extension", "suspension"),
        is_twice_returned=_one_of(given.get("twice_returned", ""), "1") == "1",
        reported_from=_day(given.get("reported_from")),
        reported_to=_day(given.get("reported_to")),
        closed_from=_day(given.get("closed_from")),
        closed_to=_day(given.get("closed_to")),
        outcome=_one_of(given.get("outcome", ""), *Outcome),
        solved=_one_of(given.get("solved", ""), "yes", "no"),
        without=_one_of(given.get("without", ""), "department", "township"),
    )
    return Asked(filters, _ORDER_OF_STATUS.get(status, "due"), _page(args.get("page")), given)


def _unknown() -> NotFound:
    return NotFound(N_("没有这样的筛选条件。请从页面上选择。"))


def _one_of(value: str, *values: str) -> str:
    if value and value not in values:
        raise _unknown()
    return value


def _id(raw: str | None) -> int | None:
    if raw is None:
        return None
    value = read_id(raw)
    if value is None:
        raise _unknown()
    return value


def _day(raw: str | None) -> date | None:
    if raw is None:
        return None
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        raise _unknown() from None
    if not 2000 <= day.year <= 2100:
        raise _unknown()
    return day


def _age(raw: str | None, calendar: WorkCalendar, now: datetime) -> tuple[str, str] | None:
    if raw is None:
        return None
    if raw not in ages.BANDS:
        raise _unknown()
    return ages.bounds(raw, today(now), calendar)


def _page(raw: str | None) -> int:
    if raw is None:
        return 1
    page = read_id(raw)
    if page is None or page > LAST_PAGE:
        raise _unknown()
    return page


class Tab(NamedTuple):
    """One chip above the list."""

    url: str
    label: str
    n: int | None
    is_current: bool
    tone: str


_T = Status
_TABS: Mapping[Role, tuple[str, ...]] = {
    Role.OFFICER: ("open", _T.PROPOSED, _T.NEEDS_INFO, _T.CALLBACK, "overdue", "closed"),
    Role.HANDLER: (
        "open",
        _T.DISPATCHED,
        _T.IN_PROGRESS,
        "soon",
        "overdue",
        _T.PROPOSED,
        _T.SUSPENDED,
        "assisting",
        "closed",
    ),
    Role.DISPATCHER: (
        "open",
        _T.SUBMITTED,
        _T.RETURNED,
        _T.NEEDS_INFO,
        "soon",
        "overdue",
        _T.PROPOSED,
        _T.CALLBACK,
        "closed",
    ),
    Role.HEAD: ("open", _T.DISPUTED, "overdue", "soon", _T.DISPATCHED, _T.IN_PROGRESS, _T.SUSPENDED, "closed"),
    Role.OFFICE: (
        "open",
        _T.SUBMITTED,
        _T.DISPUTED,
        "overdue",
        "soon",
        _T.DISPATCHED,
        _T.IN_PROGRESS,
        _T.SUSPENDED,
        _T.PROPOSED,
        _T.CALLBACK,
        "closed",
    ),
}
_TABS = {**_TABS, Role.AUDITOR: _TABS[Role.OFFICE]}
_OTHER_WORDS = {"open": OPEN, "soon": SOON, "overdue": OVERDUE, "closed": N_("已办结"), "assisting": N_("协办")}


def tabs(role: Role, counts: Mapping[str, int], asked: Asked) -> list[Tab]:
    """The chips of a role. What has ended bears no count: it only grows."""
    by_clock = {"soon", "overdue"}
    total = sum(n for name, n in counts.items() if name not in by_clock)
    drawn = []
    for key in _TABS[role]:
        parameter = {"due": key} if key in by_clock else {"part": key} if key == "assisting" else {"status": key}
        held = {"due": asked.filters.due, "part": asked.filters.part, "status": asked.filters.status}
        is_current = all(held[name] == str(value) for name, value in parameter.items()) and not (
            "status" in parameter and ({"due", "part", "q"} & asked.query.keys())
        )
        count = {"closed": None, "assisting": None, "open": total}.get(key, counts.get(key, 0))
        label = _(_OTHER_WORDS.get(key) or STATUS_NAMES[Status(key)])
        tone = {"overdue": "red", "soon": "amber"}.get(key, "") if count else ""
        drawn.append(Tab(f"{PATH}?{urlencode(parameter)}", label, count, is_current, tone))
    return drawn


class Row(NamedTuple):
    """A line of the list: the stored row, its address, its words."""

    row: Mapping
    url: str
    status_name: str
    clock: object
    supervision: str


def shown(row: Mapping, now: datetime, calendar: WorkCalendar) -> Row:
    """A stored row with what the page says of it."""
    level = row["supervision"]
    return Row(
        row,
        f"{PATH}{row['id']}",
        _(STATUS_NAMES[Status(row["status"])]),
        clock_words.of_row(row, now=now, calendar=calendar),
        _(LEVEL_NAMES[Level(level)]) if level else "",
    )


def pages(args: MultiDict, page: int, *, has_more: bool) -> tuple[str | None, str | None]:
    """Addresses of the page before and the page after."""
    kept = {name: value for name, value in args.items() if name != "page"}
    before = f"{PATH}?{urlencode({**kept, 'page': page - 1})}" if page > 1 else None
    after = f"{PATH}?{urlencode({**kept, 'page': page + 1})}" if has_more and page < LAST_PAGE else None
    return before, after


def chosen(db: Database, asked: Asked) -> list[str]:
    """What the list is narrowed to, in words, for the line above it. Raises NotFound for ids that are not there."""
    from app.filters import day, named

    found = []
    filters = asked.filters
    for value, get in (
        (filters.department_id, departments.get_department),
        (filters.district_id, places.get_district),
        (filters.township_id, places.get_township),
        (filters.category_id, departments.get_category),
    ):
        if value is not None:
            row = get(db, value)
            if row is None:
                raise _unknown()
            found.append(named(row))
    if filters.age:
        band = asked.query["age"]
        found.append(_("上报后超过 30 个工作日") if band == "31-" else _("上报后 %(band)s 个工作日", band=band))
    if filters.reported_from or filters.reported_to:
        found.append(
            _("上报时间 %(a)s 至 %(b)s", a=day(filters.reported_from) or "…", b=day(filters.reported_to) or "…")
        )
    if filters.closed_from or filters.closed_to:
        found.append(_("办结时间 %(a)s 至 %(b)s", a=day(filters.closed_from) or "…", b=day(filters.closed_to) or "…"))
    for is_on, label in (
        (filters.supervision, N_("督办待回复")),
        (filters.pending == "extension", N_("延期待审")),
        (filters.pending == "suspension", N_("挂账待审")),
        (filters.is_twice_returned, N_("退回两次以上")),
        (filters.solved == "yes", N_("企业确认解决")),
        (filters.solved == "no", N_("企业表示未解决")),
        (filters.without == "department", N_("还没有派到单位")),
        (filters.without == "township", N_("企业没有登记乡镇街道")),
    ):
        if is_on:
            found.append(_(label))
    return found
