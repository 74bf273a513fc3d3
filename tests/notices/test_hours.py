"""Quiet hours, the morning's digest and the waiting after failures, by table."""

from datetime import UTC, datetime, time, timedelta

import pytest

from app.clock import LOCAL, local
from app.config import Settings, from_environment
from app.notices import hours
from app.rules import store as rules


def here(text: str) -> datetime:
    """A moment by the city's clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


@pytest.mark.parametrize(
    ("made", "leaves"),
    [
        ("2026-11-23 20:59:59", None),
        ("2026-11-23 21:00", "2026-11-24 07:30"),
        ("2026-11-23 23:59:59", "2026-11-24 07:30"),
        ("2026-11-24 00:00", "2026-11-24 07:30"),
        ("2026-11-24 07:29:59", "2026-11-24 07:30"),
        ("2026-11-24 07:30", None),
        ("2026-11-24 12:00", None),
        ("2026-12-31 22:00", "2027-01-01 07:30"),
    ],
)
def test_quiet_hours_over_midnight(made, leaves):
    span = {"quiet_from": time(21), "quiet_to": time(7, 30)}
    assert hours.may_leave_at(here(made), **span, is_urgent=False) == here(leaves or made)
    assert hours.may_leave_at(here(made), **span, is_urgent=True) == here(made)


@pytest.mark.parametrize(
    ("made", "leaves"),
    [("2026-11-24 11:59", None), ("2026-11-24 12:00", "2026-11-24 14:30"), ("2026-11-24 14:30", None)],
)
def test_quiet_hours_within_a_day(made, leaves):
    span = {"quiet_from": time(12), "quiet_to": time(14, 30)}
    assert hours.may_leave_at(here(made), **span, is_urgent=False) == here(leaves or made)


def test_no_quiet_hours():
    for hour in range(24):
        made = here(f"2026-11-24 {hour:02d}:00")
        assert hours.may_leave_at(made, quiet_from=time(7), quiet_to=time(7), is_urgent=False) == made


@pytest.mark.parametrize(
    ("moment", "is_due"),
    [
        ("2026-11-24 08:29:59", False),
        ("2026-11-24 08:30", True),  # a Tuesday
        ("2026-11-24 11:29:59", True),  # the server was down at half past eight
        ("2026-11-24 11:30", False),
        ("2026-11-28 08:30", False),  # a Saturday
        ("2026-10-01 08:30", False),  # the National Day
        ("2026-10-10 08:30", True),  # a make-up Saturday
    ],
)
def test_the_digest_is_for_working_days(db, moment, is_due):
    day = hours.digest_day(here(moment), digest_at=time(8, 30), calendar=rules.get_calendar(db))
    assert day == (local(here(moment)).date() if is_due else None)


def test_waiting_grows_and_ends():
    now = here("2026-11-24 09:00")
    waits = [hours.next_try(tries, now) for tries in range(1, hours.MOST_TRIES)]
    minutes = [(each - now) // timedelta(minutes=1) for each in waits if each]
    assert minutes[:4] == [1, 5, 15, 60]
    assert minutes == sorted(minutes) and len(minutes) == 7
    assert hours.next_try(8, now) is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("QIFANG_QUIET_FROM", "25:00"),
        ("QIFANG_QUIET_TO", ""),
        ("QIFANG_DIGEST_AT", "8:30"),
        ("QIFANG_DIGEST_AT", "08:30:00"),
        ("QIFANG_SMTP_TLS", "yes"),
        ("QIFANG_SMTP_PORT", "smtp"),
    ],
)
def test_settings_that_cannot_be_read_are_named(variable, value):
    with pytest.raises(ValueError, match=variable):
        from_environment({variable: value})


def test_settings_that_can():
    found = from_environment({"QIFANG_QUIET_FROM": "22:15", "QIFANG_SMTP_TLS": "starttls"})
    assert (found.quiet_from, found.smtp_tls) == ("22:15", "starttls")
    assert hours.read_time(Settings().quiet_from) == time(21)
