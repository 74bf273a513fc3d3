"""The districts' outlines as GeoJSON (RFC 7946): read strictly, brought to WGS-84, drawn small. Pure.

Only shapes and names are kept: what else a file says of its districts is left out, so that nothing unseen is served.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from math import cos, radians
from typing import Any

from app.i18n import N_
from app.places.gcj02 import to_wgs84

MOST_BYTES = 8 * 1024 * 1024
MOST_SHAPES = 500
MOST_POINTS = 300_000
DECIMALS = 5  # about a metre, finer than any published outline
NAME_LENGTH = 40
SOUTH, NORTH, WEST, EAST = 3.0, 54.0, 73.0, 136.0
"""China, roughly: what lies outside is no position of ours, or its two numbers changed places."""

_CODE_KEYS = ("adcode", "code", "gb", "id", "pac", "区划代码", "行政区划代码", "代码", "district_id")
_NAME_KEYS = ("name", "fullname", "名称", "区县", "区划名称", "xzqmc")
_SYSTEM_NAMES = ("CRS84", "4326", "4490")

Ring = list[tuple[float, float]]  # longitude, latitude
Polygon = list[Ring]


class System(StrEnum):
    """In which coordinates a file is written."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


class Unfit(Exception):
    """The file cannot be taken; a message that says what is wrong and where, with its parameters."""

    def __init__(self, message: str, **params: object):
        super().__init__(message)
        self.message, self.params = message, params


@dataclass(frozen=True)
class Shape:
    """One feature: its name, the district that it is the outline of (None: another line of the map), its polygons."""

    name: str
    district_id: int | None
    polygons: list[Polygon]

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether the point lies within."""
        return any(
            _is_in(rings[0], longitude, latitude) and not any(_is_in(hole, longitude, latitude) for hole in rings[1:])
            for rings in self.polygons
        )


@dataclass(frozen=True)
class Drawing:
    """A small picture: its size, for each shape its name and path, and where the districts' centres are
    (without a name where it would cover another's)."""

    width: int
    height: int
    shapes: list[tuple[str, str]]
    centres: list[tuple[str, int, int]]


def read(raw: bytes, system: System, districts: Sequence[Mapping]) -> list[Shape]:
    """The outlines in a file. `districts`: rows with id, name, short_name, latitude, longitude. Raises Unfit."""
    features = _features(_json(raw))
    shapes = [_shape(feature, nth, districts) for nth, feature in enumerate(features, start=1)]
    if sum(len(ring) for shape in shapes for ring in rings_of(shape)) > MOST_POINTS:
        raise Unfit(N_("边界点太多（最多 %(most)d 个）。请先简化边界再上传。"), most=MOST_POINTS)
    known = [shape.district_id for shape in shapes if shape.district_id]
    if not known:
        raise Unfit(N_("没有认出本市的区县。每个区县的属性里要有 6 位区划代码（adcode）或名称（name）。"))
    if len(known) != len(set(known)):
        raise Unfit(N_("同一个区县出现了两次。请合并成一个要素再上传。"))
    if system is System.GCJ02:
        shapes = [_shifted_back(shape) for shape in shapes]
    if len(off_centre(shapes, districts)) == len(known):
        raise Unfit(N_("边界与本市各区县的位置都对不上。请检查坐标系和区划代码。"))
    return shapes


def rings_of(shape: Shape) -> Iterator[Ring]:
    """Every ring of a shape."""
    for polygon in shape.polygons:
        yield from polygon


def off_centre(shapes: Sequence[Shape], districts: Sequence[Mapping]) -> list[Mapping]:
    """Districts whose centre does not lie within their own outline."""
    by_id = {shape.district_id: shape for shape in shapes if shape.district_id}
    return [
        row for row in districts if row["id"] in by_id and not by_id[row["id"]].holds(row["longitude"], row["latitude"])
    ]


def missing(shapes: Sequence[Shape], districts: Sequence[Mapping]) -> list[Mapping]:
    """Districts without an outline."""
    held = {shape.district_id for shape in shapes}
    return [row for row in districts if row["id"] not in held]


def write(shapes: Sequence[Shape], **more: str) -> bytes:
    """GeoJSON in WGS-84, with `more` members beside the features; the same shapes give the same bytes."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": shape.name, "district_id": shape.district_id},
            "geometry": {"type": "MultiPolygon", "coordinates": shape.polygons},
        }
        for shape in shapes
    ]
    whole = {"type": "FeatureCollection", **more, "features": features}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def draw(shapes: Sequence[Shape], districts: Sequence[Mapping], *, width: int = 320) -> Drawing:
    """A picture of so many units across; points that fall together are left out, so that it stays small."""
    points = [point for shape in shapes for ring in rings_of(shape) for point in ring]
    west, east = min(point[0] for point in points), max(point[0] for point in points)
    south, north = min(point[1] for point in points), max(point[1] for point in points)
    across = cos(radians((south + north) / 2)) or 1.0
    scale = (width - 8) / max((east - west) * across, north - south, 1e-6)

    def place(longitude: float, latitude: float) -> tuple[int, int]:
        return round(4 + (longitude - west) * across * scale), round(4 + (north - latitude) * scale)

    def path(shape: Shape) -> str:
        parts = []
        for ring in rings_of(shape):
            corners = [place(*point) for point in ring]
            kept = [each for nth, each in enumerate(corners) if nth == 0 or each != corners[nth - 1]]
            if len(kept) > 2:
                parts.append("M" + "L".join(f"{x} {y}" for x, y in kept) + "Z")
        return "".join(parts)

    size = place(east, south)
    centres: list[tuple[str, int, int]] = []
    for row in districts:
        x, y = place(row["longitude"], row["latitude"])
        is_free = all(abs(x - at_x) > 30 or abs(y - at_y) > 9 for name, at_x, at_y in centres if name)
        centres.append((row["short_name"] if is_free else "", x, y))
    return Drawing(
        width=size[0] + 4,
        height=size[1] + 4,
        shapes=[(shape.name, path(shape)) for shape in shapes],
        centres=[each for each in centres if 0 <= each[1] <= size[0] + 4 and 0 <= each[2] <= size[1] + 4],
    )


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")


def _json(raw: bytes) -> Any:
    if not raw:
        raise Unfit(N_("请选择文件。"))
    if len(raw) > MOST_BYTES:
        raise Unfit(N_("文件太大，最多 8 MB。请先简化边界再上传。"))
    try:
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unfit(N_("这不是 GeoJSON 文件。请导出为 GeoJSON（UTF-8）再上传。")) from None


def _features(whole: Any) -> list:
    if not isinstance(whole, dict) or whole.get("type") != "FeatureCollection":
        raise Unfit(N_("这不是 GeoJSON 的要素集合（FeatureCollection）。请重新导出。"))
    system = whole.get("crs")
    if system is not None and not any(name in json.dumps(system) for name in _SYSTEM_NAMES):
        raise Unfit(N_("坐标系要是 WGS-84 或 CGCS2000 的经纬度（EPSG:4326、EPSG:4490）。请转换后再上传。"))
    features = whole.get("features")
    if not isinstance(features, list) or not features:
        raise Unfit(N_("文件里没有边界。"))
    if len(features) > MOST_SHAPES:
        raise Unfit(N_("要素太多（最多 %(most)d 个）。请只保留区县边界。"), most=MOST_SHAPES)
    return features


def _shape(feature: Any, nth: int, districts: Sequence[Mapping]) -> Shape:
    geometry = feature.get("geometry") if isinstance(feature, dict) and feature.get("type") == "Feature" else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if geometry is None or kind not in ("Polygon", "MultiPolygon"):
        raise Unfit(N_("第 %(nth)d 个要素不是面（Polygon 或 MultiPolygon）。请只保留区县的面。"), nth=nth)
    found = geometry.get("coordinates")
    polygons = [found] if kind == "Polygon" else found
    if not isinstance(polygons, list) or not polygons or not all(isinstance(each, list) and each for each in polygons):
        raise Unfit(N_("第 %(nth)d 个要素没有坐标。"), nth=nth)
    properties = feature.get("properties")
    given = {str(key).lower(): value for key, value in properties.items()} if isinstance(properties, dict) else {}
    if "id" not in given:
        given["id"] = feature.get("id")
    name = next((each for key in _NAME_KEYS if isinstance(each := given.get(key), str) and each.strip()), "").strip()
    district = _district(given, name, districts)
    return Shape(
        name=(district["short_name"] if district else name)[:NAME_LENGTH],
        district_id=district["id"] if district else None,
        polygons=[[_ring(ring, nth) for ring in polygon] for polygon in polygons],
    )


def _district(given: Mapping[str, Any], name: str, districts: Sequence[Mapping]) -> Mapping | None:
    """By its code of six digits (天地图 writes 156 before it), else by its name."""
    codes = {str(value)[-6:] for key in _CODE_KEYS if isinstance(value := given.get(key), str | int)}
    by_code = [row for row in districts if str(row["id"]) in codes]
    by_name = [row for row in districts if name and name in (row["name"], row["short_name"])]
    return next(iter(by_code or by_name), None)


def _ring(ring: Any, nth: int) -> Ring:
    """One closed line of positions, rounded, without repeated ones."""
    if not isinstance(ring, list) or len(ring) < 4:
        raise Unfit(N_("第 %(nth)d 个要素的边界不足四个点。"), nth=nth)
    points = [_position(each, nth) for each in ring]
    if ring[0][:2] != ring[-1][:2]:
        raise Unfit(N_("第 %(nth)d 个要素的边界没有闭合（首尾两点要相同）。"), nth=nth)
    return [point for at, point in enumerate(points) if at in (0, len(points) - 1) or point != points[at - 1]]


def _position(each: Any, nth: int) -> tuple[float, float]:
    numbers = each[:2] if isinstance(each, list) and len(each) in (2, 3) else []
    if len(numbers) != 2 or not all(type(number) in (int, float) for number in numbers):  # a bool is an int too
        raise Unfit(N_("第 %(nth)d 个要素里有不是坐标的内容。"), nth=nth)
    longitude, latitude = numbers
    if WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH:
        return round(longitude, DECIMALS), round(latitude, DECIMALS)
    if WEST <= latitude <= EAST and SOUTH <= longitude <= NORTH:
        raise Unfit(N_("经度和纬度写反了：GeoJSON 里经度在前、纬度在后。请改正后再上传。"))
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise Unfit(N_("坐标不是经纬度，像是以米为单位的平面坐标。请转换成经纬度再上传。"))
    raise Unfit(N_("第 %(nth)d 个要素有不在中国境内的点。"), nth=nth)


def _shifted_back(shape: Shape) -> Shape:
    def back(point: tuple[float, float]) -> tuple[float, float]:
        latitude, longitude = to_wgs84(point[1], point[0])
        return round(longitude, DECIMALS), round(latitude, DECIMALS)

    polygons = [[[back(point) for point in ring] for ring in polygon] for polygon in shape.polygons]
    return replace(shape, polygons=polygons)


def _is_in(ring: Ring, longitude: float, latitude: float) -> bool:
    """Whether a line from the point to the east crosses the ring an odd number of times."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
