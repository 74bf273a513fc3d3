"""When messages may leave: quiet hours, the morning's digest, and how long to wait after a failure. Pure."""

from datetime import UTC, date, datetime, time, timedelta

from app.clock import LOCAL, local
from app.rules.workdays import WorkCalendar

_BACK_OFF_MINUTES = (1, 5, 15, 60, 120, 240, 480)
MOST_TRIES = len(_BACK_OFF_MINUTES) + 1
"""After the last of these a delivery is given up and shown to the office."""

DIGEST_UNTIL = timedelta(hours=3)
"""A server that was down sends the digest up to so much later: one at the end of the day helps nobody."""


def read_time(text: str) -> time:
    """'21:00' as a time of day. ValueError for anything else."""
    return time.fromisoformat(text)


def may_leave_at(moment: datetime, *, quiet_from: time, quiet_to: time, is_urgent: bool) -> datetime:
    """When a message made at this moment may leave: at once if urgent or not in quiet hours, else when those end."""
    here = local(moment)
    is_quiet = (
        quiet_from <= here.time() < quiet_to
        if quiet_from <= quiet_to
        else not quiet_to <= here.time() < quiet_from  # over midnight
    )
    if is_urgent or not is_quiet:
        return moment
    end = datetime.combine(here.date(), quiet_to, LOCAL)
    return (end if end > here else end + timedelta(days=1)).astimezone(UTC)


def digest_day(moment: datetime, *, digest_at: time, calendar: WorkCalendar) -> date | None:
    """The day whose digest is due at this moment, or None."""
    here = local(moment)
    starts = datetime.combine(here.date(), digest_at, LOCAL)
    is_time = starts <= here < starts + DIGEST_UNTIL
    return here.date() if is_time and calendar.is_workday(here.date()) else None


def next_try(tries: int, now: datetime) -> datetime | None:
    """When to try again after so many tries in vain; None: give up."""
    return now + timedelta(minutes=_BACK_OFF_MINUTES[tries - 1]) if tries < MOST_TRIES else None
