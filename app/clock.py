"""The only source of time. Moments are aware, in UTC, in whole seconds; days are the city's (Pingdingshan).

China has kept one zone without summer time since 1992, so a fixed offset says it all and no tz database is needed.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

LOCAL = timezone(timedelta(hours=8), "CST")
"""China Standard Time, UTC+8."""


def now() -> datetime:
    """This moment in UTC, cut to whole seconds (what the database keeps)."""
    return datetime.now(UTC).replace(microsecond=0)


def today(at: datetime | None = None) -> date:
    """The date in Pingdingshan, now or at a given moment."""
    return day_of(at or now())


def local(moment: datetime) -> datetime:
    """The same moment on the city's clocks. Refuses a naive one."""
    return _in_zone(moment, LOCAL)


def day_of(moment: datetime) -> date:
    """The city's date at this moment."""
    return local(moment).date()


def midnight(day: date) -> datetime:
    """The moment at which the city's day begins."""
    return datetime.combine(day, time(), LOCAL)


def to_text(moment: datetime) -> str:
    """'YYYY-MM-DDTHH:MM:SSZ' as stored; texts sort as the moments do. Refuses a naive moment."""
    return f"{_in_zone(moment, UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def from_text(text: str) -> datetime:
    """The moment that an ISO 8601 text with its zone names, in UTC; ValueError for anything else."""
    return _in_zone(datetime.fromisoformat(text), UTC)


def _in_zone(moment: datetime, zone: timezone) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A moment needs its zone.")
    try:
        return moment if moment.tzinfo is zone else moment.astimezone(zone)
    except OverflowError:
        raise ValueError("That moment lies outside the years 1 to 9999.") from None
