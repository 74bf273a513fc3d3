"""Working days against the State Council's calendar, and against counting by hand."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules.workdays import WorkCalendar

ROOT = Path(__file__).resolve().parents[2]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


EXCEPTIONS = {
    date.fromisoformat(row["day"]): row["is_workday"] == "1" for row in _rows(ROOT / "app" / "data" / "calendar.csv")
}
CALENDAR = WorkCalendar.of(EXCEPTIONS)
# As it stood until the notice of 26 January 2020 lengthened the Spring Festival by two days.
BEFORE_COVID = WorkCalendar.of(
    {day: worked for day, worked in EXCEPTIONS.items() if day != date(2020, 1, 31)} | {date(2020, 2, 1): True}
)
CASES = _rows(Path(__file__).with_name("deadline_cases.csv"))
DAYS = st.dates(date(2018, 6, 1), date(2027, 12, 31))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['no']}: {case['question']}")
def test_published_case(case):
    calendar = BEFORE_COVID if case["no"] == "2" else CALENDAR
    start, n = date.fromisoformat(case["start_date"]), int(case["n"])
    count = calendar.natural if case["kind"] == "natural" else calendar.after
    deadline = count(start, n)
    assert deadline.isoformat() == case["deadline"]
    assert "一二三四五六日"[deadline.weekday()] == case["weekday"]
    assert calendar.is_provisional(deadline) == ("PROVISIONAL" in case["note"])
    if case["kind"] == "wd":
        days = calendar.counted_days(start, n)
        listed = case["counted_days"].split(": ")[-1]
        head, _, tail = listed.partition(" … ")
        texts = [day.strftime("%m-%d") for day in days]
        assert len(days) == n
        assert texts[: len(head.split())] == head.split()
        assert not tail or texts[-len(tail.split()) :] == tail.split()


@pytest.mark.parametrize(
    ("day", "is_workday"),
    [
        ("2026-02-14", True),  # a Saturday made up
        ("2026-02-15", False),  # the Sunday after it
        ("2026-02-16", False),  # the Spring Festival
        ("2026-02-24", True),
        ("2026-07-18", False),
        ("2027-01-01", True),  # not published yet: Monday to Friday
    ],
)
def test_is_workday(day, is_workday):
    assert CALENDAR.is_workday(date.fromisoformat(day)) is is_workday


def test_published_through_the_last_year_with_an_exception():
    assert CALENDAR.published_through == date(2026, 12, 31)
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert WorkCalendar.of({}).is_provisional(date(2020, 1, 1))


def test_business_ends_at_six_in_the_city():
    assert CALENDAR.ends(date(2026, 3, 2)) == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_exceptions_that_say_the_usual_change_nothing():
    calendar = WorkCalendar({date(2026, 3, 2): True, date(2026, 3, 7): False}, date(2026, 12, 31))
    assert calendar.between(date(2026, 3, 1), date(2026, 3, 8)) == 5


@pytest.mark.parametrize("count", [CALENDAR.after, CALENDAR.natural, CALENDAR.counted_days])
def test_the_end_of_time_is_an_error_in_words(count):
    with pytest.raises(ValueError, match="outside the calendar"):
        count(date(9999, 12, 30), 10)


def test_the_beginning_of_time_too():
    with pytest.raises(ValueError, match="outside the calendar"):
        CALENDAR.before(date(1, 1, 2), 10)


@pytest.mark.parametrize("count", [CALENDAR.after, CALENDAR.before, CALENDAR.natural, CALENDAR.counted_days])
def test_a_negative_number_is_refused(count):
    with pytest.raises(ValueError, match="negative"):
        count(date(2026, 3, 2), -1)


@settings(max_examples=100, deadline=None)
@given(first=DAYS, last=DAYS)
def test_between_is_counting_day_by_day(first, last):
    low, high = min(first, last), max(first, last)
    counted = sum(CALENDAR.is_workday(low + timedelta(days=n)) for n in range(1, (high - low).days + 1))
    assert CALENDAR.between(low, high) == counted
    assert CALENDAR.between(high, low) == -counted


@settings(max_examples=100, deadline=None)
@given(start=DAYS, n=st.integers(0, 60))
def test_after_before_and_between_agree(start, n):
    end = CALENDAR.after(start, n)
    assert CALENDAR.between(start, end) == n
    assert CALENDAR.counted_days(start, n)[-1:] == ([end] if n else [])
    if CALENDAR.is_workday(start):
        assert CALENDAR.before(end, n) == start


@settings(max_examples=100, deadline=None)
@given(start=DAYS, n=st.integers(0, 60))
def test_natural_ends_on_the_first_working_day_from_there(start, n):
    day, end = start + timedelta(days=n), CALENDAR.natural(start, n)
    assert end >= day
    assert CALENDAR.is_workday(end)
    assert CALENDAR.between(day - timedelta(days=1), end) == 1
