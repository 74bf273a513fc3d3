"""A position on the earth, and how far apart two of them are."""

import re
from dataclasses import dataclass

LONGEST_TEXT = 64  # characters
WORST_ACCURACY_M = 100_000
DECIMALS = 5  # about a metre: finer is noise, and says more about a person than the work needs

# Plain ASCII numbers, with an exponent as JavaScript writes small ones (1e-7). float() alone would also take
# "nan", "1_000" and "１２".
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Position:
    """A point in WGS-84, in degrees; `accuracy_m` is the radius in metres the device vouches for, if it said."""

    latitude: float
    longitude: float
    accuracy_m: int | None = None

    @classmethod
    def parse(
        cls, latitude_text: str | None, longitude_text: str | None, accuracy_text: str | None = None
    ) -> "Position | None":
        """Read a position as a form sends it; None when latitude and longitude are both blank.

        Rounds to five decimals and whole metres. Raises ValueError when only one of the two is there, when a
        text is no number or longer than 64 characters, or when it is out of range: latitude -90 to 90,
        longitude -180 to 180, accuracy 0 to 100,000 m.
        """
        latitude = _number(latitude_text, "latitude", -90, 90)
        longitude = _number(longitude_text, "longitude", -180, 180)
        if latitude is None and longitude is None:
            return None
        if latitude is None or longitude is None:
            raise ValueError("latitude and longitude belong together")
        accuracy = _number(accuracy_text, "accuracy", 0, WORST_ACCURACY_M)
        return cls(
            latitude=round(latitude, DECIMALS) + 0.0,  # + 0.0 turns -0.0 into 0.0
            longitude=round(longitude, DECIMALS) + 0.0,
            accuracy_m=None if accuracy is None else round(accuracy),
        )


def distance_m(a: Position, b: Position) -> int:
    """Metres between two positions along the ellipsoid, rounded to whole metres."""
    from geopy.distance import geodesic

    return round(geodesic((a.latitude, a.longitude), (b.latitude, b.longitude)).meters)


def _number(text: str | None, name: str, lowest: float, highest: float) -> float | None:
    """One number within its range, or None for blank. Raises ValueError."""
    if text is not None and len(text) > LONGEST_TEXT:
        raise ValueError(f"{name} is too long")
    text = (text or "").strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{name} is not a number")
    value = float(text)
    if not lowest <= value <= highest:
        raise ValueError(f"{name} is out of range")
    return value
