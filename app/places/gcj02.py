"""Between WGS-84, in which everything is stored, and GCJ-02, in which Chinese street maps are drawn.

GCJ-02 shifts a point by some hundred metres. Its official form is not public; this is the formula in general use
(see googollee/eviltransform, and "Restrictions on geographic data in China" in Wikipedia): two sums of sines over
the distance from 35° N 105° E, in metres, brought to degrees on the Krasovsky 1940 ellipsoid. Good for drawing on
a map, not for measuring: distances are taken in WGS-84.

Outside the rectangle around China both ways leave a point where it is, as the map services do. The rectangle
also takes in parts of the neighbouring countries; no office of ours is there.
"""

from math import cos, degrees, pi, radians, sin, sqrt

SOUTH, NORTH, WEST, EAST = 0.8293, 55.8271, 72.004, 137.8347

_SEMI_MAJOR_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_CLOSE_ENOUGH = 1e-9  # degrees, a tenth of a millimetre


def to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """(latitude, longitude) in GCJ-02 of a point in WGS-84; degrees."""
    if not _is_shifted(latitude, longitude):
        return latitude, longitude
    north, east = _shift(latitude, longitude)
    return latitude + north, longitude + east


def to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """(latitude, longitude) in WGS-84 of a point in GCJ-02; degrees.

    There is no formula for the way back: it takes off the shift, looks at the shift of where that led, and
    again, until it stands still; four or five rounds.
    """
    if not _is_shifted(latitude, longitude):
        return latitude, longitude
    guess = latitude, longitude
    for _ in range(20):
        north, east = _shift(*guess)
        better = latitude - north, longitude - east
        moved = max(abs(better[0] - guess[0]), abs(better[1] - guess[1]))
        guess = better
        if moved < _CLOSE_ENOUGH:
            break
    return guess


def _is_shifted(latitude: float, longitude: float) -> bool:
    return SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST


def _shift(latitude: float, longitude: float) -> tuple[float, float]:
    """How far GCJ-02 moves a point of WGS-84 to the north and to the east; degrees."""
    x, y = longitude - 105.0, latitude - 35.0
    ripple = 20.0 * sin(6.0 * pi * x) + 20.0 * sin(2.0 * pi * x)
    along_y = 20.0 * sin(pi * y) + 40.0 * sin(pi * y / 3.0) + 160.0 * sin(pi * y / 12.0) + 320.0 * sin(pi * y / 30.0)
    along_x = 20.0 * sin(pi * x) + 40.0 * sin(pi * x / 3.0) + 150.0 * sin(pi * x / 12.0) + 300.0 * sin(pi * x / 30.0)
    slope = 0.1 * x * y
    root = sqrt(abs(x))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + slope + 0.2 * root + (ripple + along_y) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + slope + 0.1 * root + (ripple + along_x) * 2.0 / 3.0

    flattening = 1.0 - _ECCENTRICITY_SQUARED * sin(radians(latitude)) ** 2
    meridian_m = _SEMI_MAJOR_AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / flattening**1.5
    parallel_m = _SEMI_MAJOR_AXIS_M / sqrt(flattening) * cos(radians(latitude))
    return degrees(north_m / meridian_m), degrees(east_m / parallel_m)
