"""The map: every open issue that has a place, none that is not the reader's, and a list that needs no script."""

import json
from datetime import timedelta

import pytest

from app import clock
from tests import factories as make


@pytest.fixture
def placed(db):
    """Two issues in one's own district (one where it was reported, one at its firm), one elsewhere, one nowhere."""
    near = make.make_firm(db, latitude=33.7, longitude=113.25, position_source="officer")
    other = make.make_user(db, "officer", district_id=make.OTHER_DISTRICT)
    far = make.make_firm(db, officer=other, latitude=33.76, longitude=113.17, position_source="roster")
    old = clock.now() - timedelta(days=30)
    return {
        "own": make.make_issue(db, firm=near, latitude=33.71, longitude=113.26, status="dispatched", at=old),
        "firm": make.make_issue(db, firm=near, status="suspended"),
        "far": make.make_issue(db, firm=far, officer=other, status="disputed"),
        "nowhere": make.make_issue(db),
        "closed": make.make_issue(db, firm=near, status="closed"),
    }


def points(answer):
    return {each[0]: each[1:] for each in json.loads(answer.data)["points"]}


@pytest.mark.parametrize(
    ("role", "seen"),
    [("head", "own firm"), ("dispatcher", "own firm"), ("office", "own firm far"), ("auditor", "own firm far")],
)
def test_open_issues_of_the_readers_own(page, placed, role, seen):
    found = points(page(role).get("/review/map.json"))
    assert set(found) == {placed[name].id for name in seen.split()}
    assert found[placed["own"].id][:3] == [33.71, 113.26, "red"]
    assert found[placed["firm"].id][:3] == [33.7, 113.25, "grey"]


@pytest.mark.parametrize("role", ["officer", "handler"])
def test_not_for_all(page, role):
    for url in ("/review/map", "/review/map.json", "/review/boundaries.geojson"):
        page(role).get(url, status=403)


def test_of_very_many_those_due_first(page, placed, monkeypatch):
    assert "期限最近的" not in page("office").get("/review/map").read
    monkeypatch.setattr("app.review.map_routes.MOST_POINTS", 1)
    assert set(points(page("office").get("/review/map.json"))) == {placed["own"].id}
    assert "地图上只标出期限最近的 1 件" in page("office").get("/review/map").read


def test_the_names_of_districts(page, placed):
    assert len(json.loads(page("office").get("/review/map.json").data)["places"]) == 12
    assert [each[0] for each in json.loads(page("head").get("/review/map.json").data)["places"]] == ["湛河"]


def test_the_list_beside_the_map(page, placed):
    answer = page("office").get("/review/map")
    assert any(node.get("href") == f"/issues/?status=open&district={make.DISTRICT}" for node in answer.all("a"))
    assert answer.has("noscript") and answer.one("#map").get("data-points") == "/review/map.json"
    assert "data-outlines" not in answer.one("#map").attrs
    assert "另有" in page("head").get("/review/map").read, "the firms without a township"


def test_leaflet_is_loaded_on_this_page_only(page, placed):
    assert "leaflet" in page("head").get("/review/map").response.text
    assert "leaflet" not in page("head").get("/review/").response.text
