"""Bands of age: every report falls into one band, the one that counting its working days gives."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import LOCAL, to_text
from app.issues.ages import BANDS, bounds
from app.rules.workdays import WorkCalendar

_DATA = Path(__file__).resolve().parents[2] / "app" / "data" / "calendar.csv"
with _DATA.open(encoding="utf-8", newline="") as _file:
    CALENDAR = WorkCalendar.of(
        {date.fromisoformat(row["day"]): row["is_workday"] == "1" for row in csv.DictReader(_file)}
    )


def _bands_of(reported_at: datetime, today: date) -> list[str]:
    found = []
    for key in BANDS:
        since, until = bounds(key, today, CALENDAR)
        if since <= to_text(reported_at) < until:
            found.append(key)
    return found


def _at(day: str, hour: int = 12, minute: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour, minute), LOCAL).astimezone(UTC)


@pytest.mark.parametrize(
    ("reported", "today", "key"),
    [
        ("2026-11-23", "2026-11-23", "0-3"),  # the same Monday: 0
        ("2026-11-18", "2026-11-23", "0-3"),  # Wednesday: Thursday, Friday, Monday
        ("2026-11-17", "2026-11-23", "4-7"),
        ("2026-11-12", "2026-11-23", "4-7"),  # 7
        ("2026-11-11", "2026-11-23", "8-15"),
        ("2026-11-21", "2026-11-22", "0-3"),  # a weekend: 0
        ("2026-09-30", "2026-10-09", "0-3"),  # over the National Day holidays: 8 and 9 October
        ("2026-02-13", "2026-02-24", "0-3"),  # the Saturday made up and the first day after the Spring Festival
        ("2020-01-02", "2026-11-23", "31-"),
        ("2026-11-24", "2026-11-23", "0-3"),  # a server whose time was set back
    ],
)
def test_band_of_a_report(reported, today, key):
    assert _bands_of(_at(reported), date.fromisoformat(today)) == [key]


def test_days_are_those_of_the_city():
    # 00:30 in Pingdingshan on the 18th is still the 17th in UTC.
    assert _bands_of(_at("2026-11-18", 0, 30), date(2026, 11, 23)) == ["0-3"]
    assert _bands_of(_at("2026-11-17", 23, 59), date(2026, 11, 23)) == ["4-7"]


@given(st.dates(date(2020, 1, 1), date(2027, 6, 30)), st.integers(0, 120), st.integers(0, 24 * 60 - 1))
def test_bands_agree_with_counting(today, days_ago, minute):
    day = today - timedelta(days=days_ago)
    age = CALENDAR.between(day, today)
    expected = [band.key for band in BANDS.values() if band.first <= age and (band.last is None or age <= band.last)]
    assert _bands_of(_at(day.isoformat(), minute // 60, minute % 60), today) == expected
