"""The fields that every form is made of: what they take, what they refuse, and that refusing is done in words."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import pytest
from werkzeug.datastructures import MultiDict

from app import clock
from app.errors import Invalid
from app.forms import (
    BaseForm,
    DayField,
    IdField,
    LongTextField,
    MomentField,
    NumberField,
    PickField,
    PickManyField,
    TextField,
    read_id,
)


class Colour(StrEnum):
    """Something to pick from."""

    RED = "red"
    BLUE = "blue"


class Everything(BaseForm):
    """One of each."""

    title = TextField("title", most=10, required=True)
    note = LongTextField("note", most=20)
    firm_id = IdField("firm")
    colour = PickField("colour", of=[(Colour.RED, "r"), (Colour.BLUE, "b")], required=False)
    is_solved = PickField("solved", of=[(True, "y"), (False, "n")], required=False)
    topics = PickManyField("topics", of=[(Colour.RED, "r"), (Colour.BLUE, "b")])
    on = DayField("on", required=False, ahead_days=30)
    at = MomentField("at")
    latitude = NumberField("lat", least=-90, most=90)


REFUSED = object()


def read(app, name: str, *raw: str):
    """What the field makes of it, or REFUSED."""
    typed = MultiDict([("title", "a")] if name != "title" else [])
    for each in raw:
        typed.add(name, each)
    with app.test_request_context():
        form = Everything(typed)
        try:
            return form.read()[name]
        except Invalid as error:
            assert set(error.fields) == {name}
            assert len(error.fields[name]) >= 4, "in words"
            return REFUSED


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("路灯", "路灯"),
        ("  路灯\t", "路灯"),
        ("路\n灯", "路 灯"),
        ("路\r\n灯", "路 灯"),
        ("路\u200b灯\ufeff", "路灯"),
        ("e\u0301", "é"),
        ("x" * 10, "x" * 10),
        ("x" * 11, REFUSED),
        ("𠮷" * 10, "𠮷" * 10),
        ("", REFUSED),
        ("   ", REFUSED),
        ("\u200b", REFUSED),
        ("a\x00b", REFUSED),
        ("a\x1b[31m", REFUSED),
        ("a\x7f", REFUSED),
        ("a\ud800", REFUSED),
        ("a\ue000", REFUSED),
        ("=1+1", "=1+1"),
        ("<b>", "<b>"),
        ("x" * 100_000, REFUSED),
    ],
)
def test_one_line(app, raw, expected):
    assert read(app, "title", raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", ""),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\tb", "a\tb"),
        ("\n\n a \n", "a"),
        ("x" * 21, REFUSED),
        ("a\x0bb", REFUSED),
    ],
)
def test_several_lines(app, raw, expected):
    assert read(app, "note", raw) == expected


IDS = [
    ("1", 1),
    (" 7 ", 7),
    ("007", 7),
    ("", None),
    ("0", REFUSED),
    ("-1", REFUSED),
    ("+1", REFUSED),
    ("1.0", REFUSED),
    ("1e3", REFUSED),
    ("٣", REFUSED),
    ("１", REFUSED),
    ("²", REFUSED),
    ("0x10", REFUSED),
    ("1_000", REFUSED),
    ("9007199254740991", 2**53 - 1),
    ("9007199254740992", REFUSED),
    ("9" * 5000, REFUSED),
    ("NaN", REFUSED),
    ("1\x00", REFUSED),
    ("1;2", REFUSED),
]


@pytest.mark.parametrize(("raw", "expected"), IDS)
def test_ids(app, raw, expected):
    assert read(app, "firm_id", raw) == expected


@pytest.mark.parametrize(("raw", "expected"), [each for each in IDS if each[0].strip() == each[0]])
def test_ids_in_addresses(raw, expected):
    assert read_id(raw) == (None if expected is REFUSED else expected)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("red", Colour.RED),
        ("", None),
        (" red ", Colour.RED),
        ("Red", REFUSED),
        ("green", REFUSED),
        ("red\x00", REFUSED),
    ],
)
def test_one_of_a_few(app, raw, expected):
    assert read(app, "colour", raw) == expected
    assert not isinstance(expected, Colour) or read(app, "colour", raw) is expected


@pytest.mark.parametrize(
    ("raw", "expected"), [("yes", True), ("no", False), ("", None), ("1", REFUSED), ("True", REFUSED)]
)
def test_yes_or_no(app, raw, expected):
    assert read(app, "is_solved", raw) is expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ((), ()),
        (("red",), (Colour.RED,)),
        (("blue", "red", "blue"), (Colour.BLUE, Colour.RED)),
        (("red", "green"), REFUSED),
        (("red",) * 21, REFUSED),
        (("",), ()),
    ],
)
def test_several_of_a_few(app, raw, expected):
    assert read(app, "topics", *raw) == expected


TODAY = clock.today()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", None),
        (TODAY.isoformat(), TODAY),
        (f" {TODAY.isoformat()} ", TODAY),
        ("2020-01-01", date(2020, 1, 1)),
        ("2019-12-31", REFUSED),
        ("1970-01-01", REFUSED),
        ("9999-12-31", REFUSED),
        ("10000-01-01", REFUSED),
        ("0000-00-00", REFUSED),
        ("2026-02-30", REFUSED),
        ("2026/11/23", REFUSED),
        ("二〇二六年", REFUSED),
        ("tomorrow", REFUSED),
        ("２０２６-１１-２３", REFUSED),
        ("2" * 5000, REFUSED),
    ],
)
def test_days(app, raw, expected):
    assert read(app, "on", raw) == expected


def test_days_ahead(app):
    day = clock.today()
    assert read(app, "on", (day + timedelta(days=30)).isoformat()) is not REFUSED
    assert read(app, "on", (day + timedelta(days=32)).isoformat()) is REFUSED


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", None),
        ("2026-11-20T10:00", datetime(2026, 11, 20, 2, tzinfo=UTC)),
        ("2026-11-20 10:00", datetime(2026, 11, 20, 2, tzinfo=UTC)),
        ("2026-11-20T10:00:30.5", datetime(2026, 11, 20, 2, 0, 30, tzinfo=UTC)),
        ("2026-11-20T02:00Z", datetime(2026, 11, 20, 2, tzinfo=UTC)),
        ("2026-11-20T10:00+08:00", datetime(2026, 11, 20, 2, tzinfo=UTC)),
        ("2019-12-31T23:00", REFUSED),
        ("0001-01-01T00:00", REFUSED),
        ("0001-01-01T00:00+14:00", REFUSED),
        ("9999-12-31T23:59", REFUSED),
        ("9999-12-31T23:59-23:59", REFUSED),
        ("2026-11-20T25:00", REFUSED),
        ("now", REFUSED),
        ("1763600000", REFUSED),
    ],
)
def test_moments(app, raw, expected):
    assert read(app, "at", raw) == expected


def test_moments_to_come_are_refused(app):
    assert read(app, "at", clock.to_text(clock.now() + timedelta(days=2))) is REFUSED


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", None),
        ("33.7", 33.7),
        ("-90", -90.0),
        ("90", 90.0),
        ("90.0001", REFUSED),
        ("NaN", REFUSED),
        ("nan", REFUSED),
        ("inf", REFUSED),
        ("-Infinity", REFUSED),
        ("1e400", REFUSED),
        ("1e1", 10.0),
        ("٣٣", REFUSED),
        ("３３", REFUSED),
        ("33,7", REFUSED),
        ("0x1p3", REFUSED),
        ("9" * 5000, REFUSED),
        ("0." + "3" * 5000, REFUSED),
        ("33°", REFUSED),
    ],
)
def test_numbers(app, raw, expected):
    assert read(app, "latitude", raw) == expected


@pytest.mark.parametrize("name", ["title", "note", "firm_id", "colour", "topics", "on", "at", "latitude"])
def test_what_was_typed_is_shown_again(app, name):
    """A refused form comes back with what was typed, escaped."""
    with app.test_request_context():
        form = Everything(MultiDict([(name, '"><script>alert(1)</script>')]))
        form.validate()
        assert "<script>" not in str(form[name]())


def test_every_message_comes_at_once(app):
    with app.test_request_context(), pytest.raises(Invalid) as caught:
        Everything(MultiDict({"firm_id": "x", "on": "x", "latitude": "x"})).read()
    assert set(caught.value.fields) == {"title", "firm_id", "on", "latitude"}


def test_messages_follow_the_language(app):
    for language, is_chinese in (("zh", True), ("en", False)):
        with app.test_request_context(headers={"Cookie": f"language={language}"}), pytest.raises(Invalid) as caught:
            Everything(MultiDict({"title": "x" * 11})).read()
        assert ("最多" in caught.value.fields["title"]) is is_chinese
