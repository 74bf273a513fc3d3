"""The benchmarks' made-up city stays a city of ours: its tables keep every rule, the pages measured answer."""

from app.db import close_all
from app.permissions import Role
from benchmarks.city import Size, check, make
from benchmarks.pages import PAGES, City


def test_a_small_city_is_sound_and_its_pages_answer(tmp_path, compiled):
    folder = tmp_path / "city"
    make(folder, Size(officers=40, firms=60, visits=200, issues=200), echo=lambda _line: None)
    assert check(folder, echo=lambda _line: None) == []
    city = City(folder)
    compiled(city.app)
    assert set(PAGES) == set(Role)
    for role, pages in PAGES.items():
        for _name, url in pages:
            city.ask(role, url)  # raises unless the page is there
    close_all()
