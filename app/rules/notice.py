"""The State Council's yearly notice on holidays, read from its own sentences or from a table of them. Pure.

"一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。" says which days are off and which are
worked instead. The notice checks itself: it names weekdays and counts the days of each holiday, and both are held
against the calendar, so that a slip of the pen is found before any deadline moves.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.i18n import N_

HOLIDAYS = (N_("元旦"), N_("春节"), N_("清明节"), N_("劳动节"), N_("端午节"), N_("中秋节"), N_("国庆节"))
"""The holidays of every year (全国年节及纪念日放假办法); a notice that leaves one out is not whole."""
MAKE_UP = N_("调休上班")
ON_HOLIDAY = N_("放假")
"""What files say of a day off without naming the holiday."""
DAY_HEADINGS = ("day", "日期")
"""What the first column of a table of days is called."""
LONGEST = 20_000
"""Characters: a notice has about a thousand."""

Days = Mapping[date, tuple[bool, str]]
"""The days on which a year differs from Monday to Friday: whether worked, and why."""

_TITLE = re.compile(r"(20\d\d)年(?:部分)?节假日(?:放假)?安排")
_SECTION = re.compile(r"(?:^|(?<=[\s。]))(?:[一二三四五六七八九十]{1,2}|\d{1,2})[、.．]\s*([^：:。\n\d]{2,20})[：:]")
_DAY = r"(?:(?:(20\d\d)年)?(\d{1,2})月)?(\d{1,2})日((?:\([^()]*\))?)"
_ONE = re.compile(_DAY)
_SPAN = re.compile(rf"{_DAY}(?:(?:至|到|—+|-|~){_DAY})?")
_OFF = re.compile(r"(放假|休息)")
_WORKED = re.compile(r"(上班)")
_COUNT = re.compile(r"共(\d{1,2})天|放假(\d{1,2})天")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_ON = "一二三四五六日"
_ADVICE = re.compile(r"鼓励|值班|妥善")


@dataclass(frozen=True)
class Holiday:
    """One line of the notice as read: its name, the days off in order, and those worked instead."""

    name: str
    off: tuple[date, ...]
    worked: tuple[date, ...]


@dataclass(frozen=True)
class Notice:
    """What a notice says. `missing` holidays of the year are not named in it."""

    year: int
    holidays: tuple[Holiday, ...]
    days: Days = field(default_factory=dict)
    missing: tuple[str, ...] = ()


class Unreadable(Exception):
    """A notice that contradicts itself or says too little: a message and its parameters."""

    def __init__(self, message: str, **params: Any):
        super().__init__(message)
        self.message, self.params = message, params


def read_notice(text: str, *, year: int | None = None) -> Notice:
    """The days of a notice. `year` is needed where the text does not name it. Raises Unreadable."""
    text = _tidy(text)
    titled = _TITLE.search(text)
    if titled and year and int(titled[1]) != year:
        raise Unreadable(N_("通知写的是 %(found)d 年，您选的是 %(year)d 年。"), found=int(titled[1]), year=year)
    year = year or (int(titled[1]) if titled else None)
    if year is None:
        raise Unreadable(N_("没有看出是哪一年的通知，请填年份。"))
    holidays = tuple(_holiday(name, body, year) for name, body in _sections(text))
    if not holidays:
        raise Unreadable(N_("没有读到放假安排。请粘贴通知正文，如：一、元旦：1月1日至3日放假调休，共3天。1月4日上班。"))
    named = {each for holiday in holidays for each in HOLIDAYS if each in holiday.name}
    missing = tuple(each for each in HOLIDAYS if each not in named)
    return Notice(year, holidays, _days(holidays), missing)


def _tidy(text: str) -> str:
    """One way of writing: half-width digits and brackets, no blanks inside a line; a table's row as a sentence."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).replace("〔", "(").replace("〕", ")")
    return "\n".join(_sentence(line) if "\t" in line else re.sub(r"[ \u3000]+", "", line) for line in text.splitlines())


def _sentence(row: str) -> str:
    """A row of a table (节日, 放假时间, 调休上班, 天数; in any order after the name) as the notice would write it."""
    cells = [re.sub(r"\s+", "", cell) for cell in row.split("\t")]
    named = next((cell for cell in cells if any(each in cell for each in HOLIDAYS)), "")
    dated = [cell for cell in cells if cell is not named and _ONE.search(cell)]
    if not named or not dated:
        return ""
    count = next((found[1] for cell in cells if (found := re.fullmatch(r"共?(\d{1,2})天?", cell))), "")
    name = re.sub(r"^[一二三四五六七八九十\d]+[、.]", "", named).rstrip(":")
    off = dated[0].removesuffix("。")
    said = f"一、{name}:{off}{'' if _OFF.search(off) else '放假'}{f',共{count}天' if count else ''}。"
    return said + "".join(f"{each.removesuffix('。').removesuffix('上班')}上班。" for each in dated[1:])


def _sections(text: str) -> Iterable[tuple[str, str]]:
    found = list(_SECTION.finditer(text))
    for nth, match in enumerate(found):
        end = found[nth + 1].start() if nth + 1 < len(found) else len(text)
        yield match[1], text[match.end() : end]


def _holiday(name: str, body: str, year: int) -> Holiday:
    off: list[date] = []
    worked: list[date] = []
    counted = None
    for sentence in re.split(r"[。;]", body.replace("\n", "")):  # a line may break anywhere in what was pasted
        if _ADVICE.search(sentence):
            continue
        if _WORKED.search(sentence):
            worked += _each_day(sentence, name, year)
        elif _OFF.search(sentence):
            off += _each_day(sentence, name, year)
            count = _COUNT.search(sentence)
            counted = int(count[1] or count[2]) if count else counted
    if not off:
        raise Unreadable(N_("没有读到“%(name)s”哪天放假。"), name=name)
    if counted is not None and counted != len(off):
        raise Unreadable(
            N_("“%(name)s”写的是共 %(said)d 天，日期算下来是 %(found)d 天，请核对。"),
            name=name,
            said=counted,
            found=len(off),
        )
    for day in worked:
        if day.weekday() < 5 or day in off:
            raise Unreadable(N_("“%(name)s”的调休上班日 %(day)s 不是周末，请核对。"), name=name, day=day.isoformat())
    return Holiday(name, tuple(off), tuple(worked))


def _each_day(sentence: str, name: str, year: int) -> list[date]:
    days: list[date] = []
    month: int | None = None
    for found in _SPAN.finditer(sentence):
        first_year, first_month, first_day, first_note, last_year, last_month, last_day, last_note = found.groups()
        month = int(first_month) if first_month else month
        starts_in = int(first_year) if first_year else year - (month == 12 and "元旦" in name)
        first = _date(starts_in, month, first_day, name)
        _check_weekday(first, first_note, name)
        days.append(first)
        if not last_day:
            continue
        month = int(last_month) if last_month else month
        ends_in = int(last_year) if last_year else starts_in + (month is not None and month < first.month)
        last = _date(ends_in, month, last_day, name)
        _check_weekday(last, last_note, name)
        if not first < last < first + timedelta(days=20):
            raise Unreadable(
                N_("“%(name)s”的起止日期读不懂：%(first)s 至 %(last)s。"), name=name, first=str(first), last=str(last)
            )
        days += [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    return days


def _date(year: int, month: int | None, day: str, name: str) -> date:
    try:
        if month is None:
            raise ValueError(day)
        return date(year, month, int(day))
    except ValueError as error:
        raise Unreadable(N_("“%(name)s”里有不存在的日期，请核对。"), name=name) from error


def _check_weekday(day: date, note: str, name: str) -> None:
    said = _WEEKDAY.search(note)
    if said and _ON.index(said[1].replace("天", "日")) != day.weekday():
        raise Unreadable(
            N_("“%(name)s”的 %(day)s 写的是周%(said)s，实际是周%(real)s，请核对。"),
            name=name,
            day=day.isoformat(),
            said=said[1],
            real=_ON[day.weekday()],
        )


def _days(holidays: Iterable[Holiday]) -> dict[date, tuple[bool, str]]:
    """The days that differ from Monday to Friday, in order."""
    found: dict[date, tuple[bool, str]] = {}
    for holiday in holidays:
        found |= {day: (False, holiday.name) for day in holiday.off if day.weekday() < 5}
        found |= dict.fromkeys(holiday.worked, (True, MAKE_UP))
    return dict(sorted(found.items()))
