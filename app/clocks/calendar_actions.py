"""Taking in the State Council's calendar of a year: read, tried, stored, audited, open deadlines reckoned anew."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import python_calamine
from sqlite_utils import Database

from app.audit import store as audit
from app.clock import LOCAL, to_text
from app.clocks import reckoning_actions as reckoning
from app.clocks.models import Changed, Days, Reach, Shift
from app.db import transaction
from app.errors import Invalid
from app.i18n import N_
from app.people.models import User
from app.rules import store as rules
from app.rules.notice import DAY_HEADINGS, ON_HOLIDAY, Unreadable, read_notice
from app.rules.workdays import WorkCalendar

NOT_A_CALENDAR = N_("第 %(line)d 行读不懂。每行写：日期,1 或 0（是否上班）,说明，如 2027-01-01,0,放假。")
EMPTY = N_("文件里没有日期。每行写：日期,1 或 0（是否上班）,说明，如 2027-01-01,0,放假。")
NOT_A_SHEET = N_("这个文件打不开。请用 .xlsx 或 .csv，或把通知正文粘贴到上面。")
WORKED = N_("上班")
FIRST_YEAR, LAST_YEAR = 2019, 2100
_MOST_LINES = 2000


def read_days(lines: Iterable[str]) -> dict[date, tuple[bool, str]]:
    """The days of a calendar file (day,is_workday,why; a heading may stand first). Raises Invalid naming the line."""
    found: dict[date, tuple[bool, str]] = {}
    for nth, row in enumerate(csv.reader(lines), start=1):
        if not row or not any(row) or (nth == 1 and row[0].strip().lower() in DAY_HEADINGS):
            continue
        try:
            day, is_workday, *why = (cell.strip() for cell in row)
            if is_workday not in ("0", "1"):
                raise ValueError(is_workday)
            known = date.fromisoformat(day)
            if not FIRST_YEAR <= known.year <= LAST_YEAR or nth > _MOST_LINES:
                raise ValueError(day)
            found[known] = (is_workday == "1", why[0][:40] if why else "")
        except ValueError as error:
            raise Invalid(NOT_A_CALENDAR, line=nth) from error
    if not found:
        raise Invalid(EMPTY)
    return found


def write_days(days: Days) -> str:
    """The same as a file: what `read_days` reads."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows((day, int(worked), why) for day, (worked, why) in days.items())
    return out.getvalue()


def read_text(text: str, *, year: int | None) -> tuple[Days, tuple[str, ...]]:
    """The days of what was pasted, the notice or lines of a file, and the holidays it leaves out. Raises Invalid."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lower().split(",")[0] in DAY_HEADINGS or (first[:4].isdigit() and first[4:5] == "-"):
        return read_days(text.splitlines()), ()
    try:
        notice = read_notice(text, year=year)
    except Unreadable as error:
        raise Invalid(error.message, **error.params) from error
    return notice.days, notice.missing


def read_file(content: bytes, *, year: int | None) -> tuple[Days, tuple[str, ...]]:
    """The same of an uploaded file: a sheet with a day in each row or a table of the holidays, or a text."""
    if content[:2] == b"PK":
        return read_text(_sheet_text(content), year=year)
    try:
        return read_text(content.decode("utf-8-sig"), year=year)
    except UnicodeDecodeError:
        pass
    try:
        return read_text(content.decode("gb18030"), year=year)  # what Excel writes as CSV in China
    except UnicodeDecodeError as error:
        raise Invalid(NOT_A_SHEET) from error


def _sheet_text(content: bytes) -> str:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(nrows=_MOST_LINES)
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise Invalid(NOT_A_SHEET) from error
    lines = [[_cell(cell) for cell in row] for row in rows]
    is_table_of_days = any(_is_day(line[0]) for line in lines if line)
    return "\n".join((",".join(line[:3]) if is_table_of_days else "\t".join(line)) for line in lines if any(line))


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, bool | float):
        return str(int(value)) if value == int(value) else str(value)
    return str(value).replace("\t", " ").replace("\n", " ").strip()


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def replaced_years(days: Days) -> list[int]:
    """The years that `days` are the calendar of; not one of which only December is named: a notice begins there."""
    return sorted({day.year for day in days if day.month < 12} or {day.year for day in days})


def calendar_with(db: Database, days: Days) -> WorkCalendar:
    """The calendar as it would be."""
    known, replaced = rules.get_calendar(db).exceptions, replaced_years(days)
    kept = {day: worked for day, worked in known.items() if day.year not in replaced}
    return WorkCalendar.of({**kept, **{day: worked for day, (worked, _why) in days.items()}})


def reach_of(db: Database, days: Days) -> Reach | None:
    """Which open issues may get another date: those that end from the first changed day on. None: nothing changes."""
    before, after = rules.get_calendar(db), calendar_with(db, days)
    named = set(before.exceptions) | set(after.exceptions)
    changed = {day for day in named if before.is_workday(day) != after.is_workday(day)}
    if before.published_through != after.published_through:
        changed.add(min(before.published_through, after.published_through) + timedelta(days=1))
    if not changed:
        return None
    return Reach(since=to_text(datetime.combine(min(changed), time(), LOCAL).astimezone(UTC)))


def try_calendar(db: Database, days: Days) -> list[Shift]:
    """Which open deadlines these days would move. Stores nothing, holds nobody up."""
    reach = reach_of(db, days)
    return reckoning.foresee(db, rules.list_limits(db), calendar_with(db, days), reach) if reach else []


def change_calendar(
    db: Database, days: Days, *, by: User | None, now: datetime, state: str | None = None, back_to: str = ""
) -> Changed:
    """Replace what is known of the years that `days` are the calendar of; their days of other years are added.

    `state` is the token of the trial: raises Conflict when limits or calendar have changed since. What has ended keeps
    its lateness.
    """
    with transaction(db):
        if state is not None:
            reckoning.refuse_changed(db, state)
        reach = reach_of(db, days)
        replaced = replaced_years(days)
        for year in sorted({day.year for day in days}):
            of_year = {day: what for day, what in days.items() if day.year == year}
            if year in replaced:
                rules.replace_year(db, year, of_year)
            else:
                rules.add_days(db, of_year)
            audit.add_entry(
                db,
                "calendar_changed",
                f"calendar:{year}",
                by_id=by.id if by else None,
                now=now,
                detail=_detail(of_year),
            )
        return reckoning.start(db, reach, back_to=back_to, by=by, now=now) if reach else Changed()


def _detail(days: Days) -> str:
    """As in '放假 01-01 01-04; 上班 01-09'."""
    off, worked = (
        " ".join(f"{day:%m-%d}" for day, what in sorted(days.items()) if what[0] is is_worked)
        for is_worked in (False, True)
    )
    return "; ".join(
        part for part in (f"{ON_HOLIDAY} {off}" if off else "", f"{WORKED} {worked}" if worked else "") if part
    )
