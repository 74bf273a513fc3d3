"""The way to a place, as a phone's map takes it."""

import pytest

from app.config import MapAddress
from app.places.gcj02 import to_gcj02
from app.places.navigation import way_to

AMAP = "https://uri.amap.com/marker?position={east},{north}&name={name}"


def test_without_a_setting_it_is_for_any_map_on_the_phone():
    assert way_to("", 33.75, 113.3) == "geo:33.75,113.3?q=33.75,113.3"
    assert way_to("", 33.75, 113.3, "甲(乙)厂").endswith("(%E7%94%B2%28%E4%B9%99%29%E5%8E%82)")


def test_a_street_map_gets_the_place_where_it_draws_it():
    north, east = to_gcj02(33.75, 113.3)
    assert way_to(AMAP, 33.75, 113.3, "甲&乙") == (
        f"https://uri.amap.com/marker?position={east:.6f},{north:.6f}&name=%E7%94%B2%26%E4%B9%99"
    )
    assert way_to("https://map.example/{latitude}/{longitude}", 33.75, 113.3) == "https://map.example/33.75/113.3"


@pytest.mark.parametrize(
    "wrong", ["https://map.example/", "javascript:{east}", "{north}", "https://map.example/{lat}", "https://a/{0}"]
)
def test_what_is_no_address_of_a_place_is_refused(wrong):
    with pytest.raises(ValueError):
        MapAddress(wrong)
    assert MapAddress("") == "" and MapAddress(AMAP) == AMAP
