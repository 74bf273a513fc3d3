"""How moments, days, distances and names are written on a page."""

from datetime import date, datetime

from flask import Flask

from app.clock import LOCAL, from_text, today
from app.translation import gettext as _
from app.translation import is_english, ngettext

_MASKED = "****"


def _moment(value: datetime | str) -> datetime:
    return (from_text(value) if isinstance(value, str) else value).astimezone(LOCAL)


def day(value: datetime | date | str | None) -> str:
    """11月23日 (with the year when it is another): a moment in UTC, a day, or either as text."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else _moment(value)
    if isinstance(value, datetime):
        value = _moment(value).date()
    this_year = value.year == today().year
    if is_english():
        text = f"{value:%b} {value.day}"
        return text if this_year else f"{text}, {value.year}"
    text = f"{value.month}月{value.day}日"
    return text if this_year else f"{value.year}年{text}"


def moment(value: datetime | str | None) -> str:
    """11月23日 16:40 in Pingdingshan."""
    if not value:
        return ""
    return f"{day(value)} {_moment(value):%H:%M}"


def full_moment(value: datetime | str | None) -> str:
    """2026-11-23 16:40 in Pingdingshan: for what leaves the page, where this year may soon be another."""
    return f"{_moment(value):%Y-%m-%d %H:%M}" if value else ""


def weekday(value: date) -> str:
    """周一."""
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return names[value.weekday()]


def metres(value: int | None) -> str:
    """85 米, 2.1 公里."""
    if value is None:
        return ""
    if value < 1000:
        return _("%(n)d 米", n=value)
    return _("%(n)s 公里", n=f"{value / 1000:.1f}")


def period(days: int) -> str:
    """3 年, 180 天: how long something is kept; 0 is for ever."""
    if not days:
        return _("长期")
    years, rest = divmod(days, 365)
    return ngettext("%(num)d 天", "%(num)d 天", days) if rest else ngettext("%(num)d 年", "%(num)d 年", years)


def masked_phone(value: str | None) -> str:
    """138****2046: the middle of a number is shown only on demand."""
    if not value:
        return ""
    return value[:3] + _MASKED + value[-4:] if len(value) >= 8 else _MASKED


def named(row, field: str = "name") -> str:
    """A place's, department's or category's name in the page's language; `field` may be its Chinese short name."""
    if row is None:
        return ""
    if is_english() and row["name_en"]:
        return row["name_en"]
    return row[field]


def pair(row, field: str) -> str:
    """The same for a joined name: `row|pair('department')` reads department or department_en."""
    value = row[field] if hasattr(row, "keys") else getattr(row, field)
    if is_english():
        return (row[f"{field}_en"] if hasattr(row, "keys") else getattr(row, f"{field}_en")) or value or ""
    return value or ""


def register(app: Flask) -> None:
    """Make the filters known to templates."""
    for function in (day, moment, full_moment, weekday, metres, period, masked_phone, named, pair):
        app.add_template_filter(function)
