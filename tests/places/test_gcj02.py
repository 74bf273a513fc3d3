"""GCJ-02 agrees with the published vectors, and the way back leads home."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.places.distance import Position, distance_m
from app.places.gcj02 import EAST, NORTH, SOUTH, WEST, to_gcj02, to_wgs84

# From the tests of googollee/eviltransform. It takes the earth as 108 m smaller: two centimetres.
PUBLISHED = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),  # Shanghai
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),  # Shenzhen
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),  # Beijing
]


@pytest.mark.parametrize(("wgs84", "gcj02"), PUBLISHED)
def test_published_points(wgs84, gcj02):
    assert to_gcj02(*wgs84) == pytest.approx(gcj02, abs=2e-7, rel=0)
    assert to_wgs84(*gcj02) == pytest.approx(wgs84, abs=2e-7, rel=0)


@given(st.floats(18, 53.5), st.floats(73.5, 135))
def test_there_and_back_within_a_millimetre(latitude, longitude):
    shifted = to_gcj02(latitude, longitude)
    assert to_wgs84(*shifted) == pytest.approx((latitude, longitude), abs=1e-8, rel=0)


@given(st.floats(18, 53.5), st.floats(73.5, 135))
def test_the_shift_is_some_hundred_metres(latitude, longitude):
    assert 0 < distance_m(Position(latitude, longitude), Position(*to_gcj02(latitude, longitude))) < 1500


def test_pingdingshan_moves_east():
    latitude, longitude = to_gcj02(33.76609, 113.19241)
    assert 0.004 < longitude - 113.19241 < 0.008
    assert abs(latitude - 33.76609) < 0.003


@pytest.mark.parametrize(
    "point",
    [(0.0, 0.0), (48.85, 2.35), (40.7, -74.0), (-33.9, 151.2), (SOUTH - 1e-6, 110.0), (NORTH + 1e-6, 110.0)],
)
def test_outside_china_nothing_moves(point):
    assert to_gcj02(*point) == to_wgs84(*point) == point


@pytest.mark.parametrize("point", [(SOUTH, WEST), (NORTH, EAST), (35.0, 105.0)])
def test_the_edge_and_the_middle_are_shifted(point):
    assert to_gcj02(*point) != point
    assert to_wgs84(*point) != point
