"""The spans of a board, and the ones before them."""

from datetime import date
from itertools import pairwise

import pytest

from app.review.periods import Period, chosen, named, weeks


def _days(pair):
    return [f"{each.from_on}/{each.to_on}" for each in pair]


@pytest.mark.parametrize(
    ("kind", "today", "expected"),
    [
        ("month", "2026-11-23", ["2026-11-01/2026-11-23", "2026-10-01/2026-10-23"]),
        ("month", "2026-03-31", ["2026-03-01/2026-03-31", "2026-02-01/2026-02-28"]),
        ("month", "2026-01-01", ["2026-01-01/2026-01-01", "2025-12-01/2025-12-01"]),
        ("last_month", "2026-01-15", ["2025-12-01/2025-12-31", "2025-11-01/2025-11-30"]),
        ("last_month", "2024-03-31", ["2024-02-01/2024-02-29", "2024-01-01/2024-01-31"]),
        ("quarter", "2026-11-23", ["2026-10-01/2026-11-23", "2026-07-01/2026-08-23"]),
        ("quarter", "2026-02-01", ["2026-01-01/2026-02-01", "2025-10-01/2025-11-01"]),
    ],
)
def test_named(kind, today, expected):
    assert _days(named(kind, date.fromisoformat(today))) == expected


def test_chosen_days_and_as_many_before():
    assert _days(chosen(date(2026, 3, 1), date(2026, 3, 10))) == ["2026-03-01/2026-03-10", "2026-02-19/2026-02-28"]


def test_bounds_are_the_citys_midnights():
    assert Period(date(2026, 11, 1), date(2026, 11, 30)).bounds == ("2026-10-31T16:00:00Z", "2026-11-30T16:00:00Z")


def test_weeks_touch_and_end_with_this_one():
    found = weeks(date(2026, 11, 23))
    assert len(found) == 12
    assert _days(found[-2:]) == ["2026-11-16/2026-11-22", "2026-11-23/2026-11-29"]
    assert all(one.bounds[1] == two.bounds[0] for one, two in pairwise(found))
