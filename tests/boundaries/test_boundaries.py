"""The districts' outlines: what is taken, what is refused and why, and how they come on the map and off it."""

import json
from io import BytesIO
from pathlib import Path

import pytest

from app.boundaries import files, outlines
from app.boundaries.outlines import System, Unfit
from app.db import fetch_all
from app.places import store as places
from app.places.gcj02 import to_gcj02
from tests import factories

CREDIT = "来源某测绘院，审图号某S（2026）0001号"
ZHANHE = 410411


def square(row, side: float = 0.02) -> list:
    """A ring around a district's centre."""
    x, y = row["longitude"], row["latitude"]
    return [
        [x - side, y - side],
        [x + side, y - side],
        [x + side, y + side],
        [x - side, y + side],
        [x - side, y - side],
    ]


def feature(coordinates, kind="Polygon", **properties) -> dict:
    """As files have it."""
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def collection(*features, **more) -> bytes:
    """A file of these."""
    return json.dumps({"type": "FeatureCollection", **more, "features": list(features)}, ensure_ascii=False).encode()


@pytest.fixture
def districts(db):
    """The city's."""
    return places.list_districts(db)


@pytest.fixture
def zhanhe(districts):
    """One of them."""
    return next(row for row in districts if row["id"] == ZHANHE)


@pytest.fixture
def whole(districts) -> bytes:
    """A file with every district."""
    return collection(*(feature([square(row)], adcode=row["id"], name=row["name"]) for row in districts))


def read(raw, districts, system=System.WGS84):
    return outlines.read(raw, system, districts)


@pytest.mark.parametrize(
    "properties",
    [
        {"adcode": ZHANHE},
        {"adcode": str(ZHANHE)},
        {"gb": f"156{ZHANHE}", "name": "x"},
        {"区划代码": str(ZHANHE)},
        {"Name": "湛河区"},
        {"NAME": " 湛河 "},
    ],
)
def test_a_district_is_known_by_code_or_name(districts, zhanhe, properties):
    (shape,) = read(collection(feature([square(zhanhe)], **properties)), districts)
    assert (shape.district_id, shape.name) == (ZHANHE, "湛河")
    (shape,) = read(collection({**feature([square(zhanhe)]), "id": ZHANHE}), districts)
    assert shape.district_id == ZHANHE


def test_only_shapes_and_names_are_kept(districts, zhanhe):
    ring = [[x + 0.0000012345, y, 88.8] for x, y in square(zhanhe)]
    told = {"adcode": ZHANHE, "contact": "13837501234", "note": "<script>"}
    raw = collection(feature([[ring]], "MultiPolygon", **told), author="someone")
    written = outlines.write(read(b"\xef\xbb\xbf" + raw, districts), credit=CREDIT)
    assert json.loads(written)["features"][0]["properties"] == {"name": "湛河", "district_id": ZHANHE}
    assert b"13837501234" not in written and b"script" not in written and b"someone" not in written
    assert json.loads(written)["features"][0]["geometry"]["coordinates"][0][0][0] == [113.232, 33.678]
    assert outlines.write(read(written, districts), credit=CREDIT) == written, "its own work is taken unchanged"


def test_gcj02_comes_back_to_wgs84(districts, zhanhe):
    moved = [list(reversed(to_gcj02(y, x))) for x, y in square(zhanhe)]
    assert abs(moved[0][0] - square(zhanhe)[0][0]) > 0.003, "some hundred metres"
    (shape,) = read(collection(feature([moved], adcode=ZHANHE)), districts, System.GCJ02)
    for point, meant in zip(shape.polygons[0][0], square(zhanhe), strict=True):
        assert point == pytest.approx(meant, abs=0.00002)


def test_holes_are_no_ground(districts, zhanhe):
    outer, hole = square(zhanhe, 0.05), square(zhanhe, 0.01)
    with pytest.raises(Unfit, match="位置都对不上"):
        read(collection(feature([outer, hole], adcode=ZHANHE)), districts)


def bad_files(row) -> dict[str, tuple[bytes, str]]:
    """What is refused, and a word of why."""
    good = square(row)
    x, y = row["longitude"], row["latitude"]

    def ring(points):
        return collection(feature([points], adcode=row["id"]))

    return {
        "nothing": (b"", "请选择文件"),
        "an archive": (b"PK\x03\x04" + b"x" * 50, "不是 GeoJSON"),
        "another encoding": (collection(feature([good], name="湛河区")).decode().encode("gb18030"), "不是 GeoJSON"),
        "cut short": (ring(good)[:-5], "不是 GeoJSON"),
        "deep": (b"[" * 100_000, "不是 GeoJSON"),
        "no number": (ring(good).replace(str(good[0][0]).encode(), b"NaN"), "不是 GeoJSON"),
        "endless": (ring(good).replace(str(good[0][0]).encode(), b"1e999"), "平面坐标"),
        "a long number": (ring(good).replace(str(good[0][0]).encode(), b"9" * 6000), "不是 GeoJSON"),
        "a list": (b"[]", "要素集合"),
        "topology": (b'{"type": "Topology"}', "要素集合"),
        "empty": (collection(), "没有边界"),
        "features of another kind": (b'{"type": "FeatureCollection", "features": {"a": 1}}', "没有边界"),
        "a feature that is none": (collection("x"), "不是面"),
        "a point": (collection(feature([x, y], "Point", adcode=row["id"])), "不是面"),
        "no geometry": (collection({"type": "Feature", "geometry": None}), "不是面"),
        "no coordinates": (collection(feature([], adcode=row["id"])), "没有坐标"),
        "flat": (collection(feature(good, adcode=row["id"])), "不足四个点"),
        "numbers": (collection(feature([1, 2], adcode=row["id"])), "不足四个点"),
        "three points": (ring(good[:2] + good[:1]), "不足四个点"),
        "open": (ring(good[:-1]), "没有闭合"),
        "words": (ring([["a", "b"]] * 4), "不是坐标"),
        "truths": (ring([[True, False]] * 4), "不是坐标"),
        "too many numbers": (ring([[x, y, 0, 0]] * 4), "不是坐标"),
        "swapped": (ring([[b, a] for a, b in good]), "写反了"),
        "in metres": (ring([[a * 111_000, b * 111_000] for a, b in good]), "平面坐标"),
        "abroad": (ring([[a - 100, b] for a, b in good]), "不在中国"),
        "another projection": (
            collection(feature([good], adcode=row["id"]), crs={"properties": {"name": "EPSG:3857"}}),
            "坐标系",
        ),
        "nobody's": (collection(feature([good], name="别处")), "没有认出"),
        "twice": (collection(*[feature([good], adcode=row["id"])] * 2), "两次"),
        "elsewhere": (ring([[a + 3, b] for a, b in good]), "对不上"),
        "too many features": (collection(*[feature([good], name="x")] * 501), "要素太多"),
        "too many points": (ring([good[0], *[[x, y], [y + 80, y]] * 150_001, good[0]]), "边界点太多"),
        "too long": (b" " * (outlines.MOST_BYTES + 1), "最多 8 MB"),
    }


def test_what_is_refused_and_why(districts, zhanhe):
    for name, (raw, why) in bad_files(zhanhe).items():
        with pytest.raises(Unfit) as refusal:
            read(raw, districts)
        assert why in refusal.value.message, name


def send(here, raw: bytes, *, status=303, credit=CREDIT, system="wgs84"):
    """As the form does."""
    data = {"file": (BytesIO(raw), "../../x.geojson"), "credit": credit, "system": system}
    return here.post("/office/boundaries", data, status=status, content_type="multipart/form-data")


def test_from_a_file_to_the_map(page, db, settings, whole, districts):
    office, head, folder = page("office"), page("head"), Path(settings.instance)
    head.get("/review/boundaries.geojson", status=404)
    assert "data-outlines" not in head.get("/review/map").one("#map").attrs
    send(office, whole)
    head.get("/review/boundaries.geojson", status=404)
    answer = office.get("/office/boundaries")
    assert "预览" in answer.read and CREDIT in answer.read and len(answer.all("svg.outlines path")) == len(districts)
    digest = answer.one("input[name=digest]").get("value")
    office.post("/office/boundaries/publication", {"digest": digest}, status=303)
    assert head.get("/review/map").one("#map").get("data-outlines") == "/review/boundaries.geojson"
    found = json.loads(head.get("/review/boundaries.geojson").data)
    assert found["credit"] == CREDIT and len(found["features"]) == len(districts)
    assert [path.name for path in folder.glob("*.geojson")] == ["boundaries.geojson"]
    assert not list(folder.glob(".*.tmp")) and not (folder / files.DRAFT).exists()
    assert (folder / files.SHOWN).stat().st_mode & 0o077 == 0
    office.post("/office/boundaries/removal", {}, status=303)
    head.get("/review/boundaries.geojson", status=404)
    office.post("/office/boundaries/removal", {}, status=404)
    told = [row["action"] for row in fetch_all(db, "SELECT action FROM audit_log WHERE object = 'boundaries'")]
    assert told == ["boundaries_proposed", "boundaries_shown", "boundaries_removed"]


def test_what_was_not_looked_at_is_not_shown(page, whole, zhanhe):
    office = page("office")
    send(office, whole)
    seen = office.get("/office/boundaries").one("input[name=digest]").get("value")
    send(page("office"), collection(feature([square(zhanhe)], adcode=ZHANHE)))
    office.post("/office/boundaries/publication", {"digest": seen}, status=409)
    office.post("/office/boundaries/publication", {}, status=409)
    page("head").get("/review/boundaries.geojson", status=404)
    office.post("/office/boundaries/discarding", {}, status=303)
    office.post("/office/boundaries/discarding", {}, status=404)
    assert not office.get("/office/boundaries").has("#draft")


def test_the_page_says_what_is_odd(page, zhanhe, districts):
    far = next(row for row in districts if row["id"] == 410481)
    raw = collection(
        feature([square(zhanhe)], adcode=ZHANHE),
        feature([square(zhanhe, 0.3)], adcode=far["id"]),
        feature([square(zhanhe, 0.4)], name="<b>全市</b>"),
    )
    office = page("office")
    send(office, raw)
    answer = office.get("/office/boundaries")
    assert "没有边界的区县：新华、" in answer.read and "中心点不在自己边界内的区县：舞钢" in answer.read
    assert "只画线的要素：<b>全市</b>" in answer.read and not answer.has("main b b")


def test_refusals_keep_what_was_typed(page, settings, whole):
    office = page("office")
    answer = send(office, b"[]", status=422)
    assert "要素集合" in answer.read and answer.one("input[name=credit]").get("value") == CREDIT
    assert "请填写这一项" in send(office, whole, status=422, credit=" ").read
    send(office, whole, status=422, system="bd09")
    office.post("/office/boundaries", {"credit": CREDIT, "system": "wgs84"}, status=422)
    assert not list(Path(settings.instance).glob("*boundaries*"))
    assert not list(Path(settings.instance).glob(".boundaries*"))


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head", "auditor"])
def test_the_office_alone(page, role):
    here = page(role)
    here.get("/office/boundaries", status=403)
    for noun in ("publication", "discarding", "removal"):
        here.post(f"/office/boundaries/{noun}", {}, status=403)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "Topology"}', "[" * 50_000])
def test_a_file_put_there_by_hand_that_is_none(page, settings, text):
    (Path(settings.instance) / files.SHOWN).write_text(text, encoding="utf-8")
    page("head").get("/review/boundaries.geojson", status=404)
    assert "data-outlines" not in page("head").get("/review/map").one("#map").attrs
    page("office").get("/office/boundaries")


def test_a_file_put_there_by_hand(page, settings):
    (Path(settings.instance) / files.SHOWN).write_bytes(collection())
    page("head").get("/review/boundaries.geojson")
    assert "直接放进数据文件夹" in page("office").get("/office/boundaries").read


def test_a_browser_fetches_it_once(sign_in, settings, whole, districts):
    data = outlines.write(read(whole, districts), credit=CREDIT)
    files.save(settings.instance, files.SHOWN, data)
    client = sign_in("head")
    first = client.get("/review/boundaries.geojson", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip" and len(first.data) < len(data) / 2
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    assert client.get("/review/boundaries.geojson", headers=again).status_code == 304
    plain = client.get("/review/boundaries.geojson", headers={"Accept-Encoding": "identity"})
    assert plain.data == data and plain.headers["ETag"] != first.headers["ETag"]


def test_a_full_disk_changes_nothing(page, db, settings, whole, monkeypatch):
    office = page("office")

    def full(*_args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        send(office, whole, status=503)
    assert not list(Path(settings.instance).glob(".boundaries*"))
    assert not fetch_all(db, "SELECT 1 FROM audit_log WHERE object = 'boundaries'")
    assert factories.the_user(db, "office")
