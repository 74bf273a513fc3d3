"""Positions are read strictly and measured on the ellipsoid."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.places.distance import Position, distance_m

PINGDINGSHAN = Position(33.76609, 113.19241)


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        (PINGDINGSHAN, PINGDINGSHAN, 0),
        (Position(0.0, 0.0), Position(0.0, 1.0), 111_319),  # a degree of the equator
        (Position(0.0, 0.0), Position(1.0, 0.0), 110_574),  # the earth is flattened
        (Position(0.0, 179.99999), Position(0.0, -179.99999), 2),  # across the date line
        (Position(90.0, 0.0), Position(-90.0, 0.0), 20_003_931),
        (PINGDINGSHAN, Position(33.76609, 113.19242), 1),
    ],
)
def test_distances(a, b, metres):
    assert distance_m(a, b) == distance_m(b, a) == metres
    assert type(distance_m(a, b)) is int


latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


@given(latitudes, longitudes, latitudes, longitudes)
def test_any_two_places_are_at_most_half_round_the_earth_apart(lat_a, lon_a, lat_b, lon_b):
    assert 0 <= distance_m(Position(lat_a, lon_a), Position(lat_b, lon_b)) <= 20_003_932


@pytest.mark.parametrize(
    ("texts", "position"),
    [
        (("33.766091", "113.192414", "12.4"), Position(33.76609, 113.19241, 12)),
        ((" 33.7 ", "\t113\n", " "), Position(33.7, 113.0, None)),
        (("+33.7", "-113.5", None), Position(33.7, -113.5, None)),
        (("-90", "180", "0"), Position(-90.0, 180.0, 0)),
        (("1e-7", ".5", "1e5"), Position(0.0, 0.5, 100_000)),
        (("33.", "-0.000001", ""), Position(33.0, 0.0, None)),
    ],
)
def test_reading(texts, position):
    assert Position.parse(*texts) == position


def test_zero_has_no_sign():
    position = Position.parse("-0.0", "-0.000001", "")
    assert math.copysign(1, position.latitude) == math.copysign(1, position.longitude) == 1


@pytest.mark.parametrize("blank", ["", "  ", "\n", None])
def test_nothing_given_is_no_position(blank):
    assert Position.parse(blank, blank, "5") is None
    assert Position.parse(blank, blank) is None


@pytest.mark.parametrize("texts", [("33.7", "", ""), ("", "113.2", ""), (None, "113.2", "5"), ("33.7", "  ", None)])
def test_half_a_position_is_an_error(texts):
    with pytest.raises(ValueError, match="belong together"):
        Position.parse(*texts)


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "-nan",
        "inf",
        "-Infinity",
        "1_0",
        "１２",
        "٣٣",
        "0x1F",
        "1,5",
        "33°",
        "--1",
        "1e",
        ".",
        "e5",
        "abc",
        "1 2",
    ],
)
def test_what_is_no_plain_number_is_an_error(text):
    for texts in ((text, "113", ""), ("33", text, ""), ("33", "113", text)):
        with pytest.raises(ValueError, match="not a number"):
            Position.parse(*texts)


@pytest.mark.parametrize(
    "texts",
    [
        ("90.000001", "0", ""),
        ("-91", "0", ""),
        ("0", "180.000001", ""),
        ("0", "-1e300", ""),
        ("1e999", "0", ""),
        ("0", "0", "-1"),
        ("0", "0", "100000.1"),
    ],
)
def test_out_of_range_is_an_error(texts):
    with pytest.raises(ValueError, match="out of range"):
        Position.parse(*texts)


def test_a_text_of_more_than_64_characters_is_an_error():
    assert Position.parse("33." + "0" * 61, "113", "1") == Position(33.0, 113.0, 1)
    for texts in (("33." + "0" * 62, "113", ""), ("33", "1" * 5000, ""), ("33", "113", " " * 65)):
        with pytest.raises(ValueError, match="too long"):
            Position.parse(*texts)


@given(latitudes, longitudes, st.floats(0, 100_000))
def test_whatever_a_browser_sends_is_read(latitude, longitude, accuracy):
    position = Position.parse(repr(latitude), repr(longitude), repr(accuracy))
    assert abs(position.latitude - latitude) <= 0.000_005_1
    assert abs(position.longitude - longitude) <= 0.000_005_1
    assert abs(position.accuracy_m - accuracy) <= 0.5
    assert Position.parse(str(position.latitude), str(position.longitude), str(position.accuracy_m)) == position


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_a_position_or_nothing_or_a_value_error(latitude, longitude, accuracy):
    try:
        position = Position.parse(latitude, longitude, accuracy)
    except ValueError:
        return
    assert position is None or (-90 <= position.latitude <= 90 and -180 <= position.longitude <= 180)
