"""Photos taken out in a ZIP, with firm and time under each."""

import zipfile
from io import BytesIO

import pytest
from PIL import Image

from app.db import fetch_all
from app.photos import files
from tests import factories
from tests.factories import OTHER_DEPARTMENT, OTHER_DISTRICT


@pytest.fixture
def case(db, settings):
    """A visit with a photo and an issue with one."""
    picture = factories.make_picture(settings.photos)
    firm = factories.make_firm(db, officer=factories.the_user(db, "officer"))
    issue = factories.make_issue(db, firm=firm, pictures=[picture])
    visit = factories.make_visit(db, firm=firm, by=factories.the_user(db, "officer"), pictures=[picture])
    return {"issue": issue, "visit": visit, "picture": picture, "firm": firm}


def urls(case) -> list[str]:
    return [f"/issues/{case['issue'].id}/photos.zip", f"/visits/{case['visit']}/photos.zip"]


def test_each_is_taller_by_its_stamp_and_written_down(db, settings, sign_in, case):
    client = sign_in("officer")
    for url in urls(case):
        response = client.get(url)
        assert response.mimetype == "application/zip" and response.headers["Cache-Control"] == "no-store"
        held = zipfile.ZipFile(BytesIO(response.data))
        (name,) = held.namelist()
        assert name.isascii() and name.endswith("-01.jpg")
        with Image.open(BytesIO(held.read(name))) as stamped:
            assert stamped.height > case["picture"].height and not stamped.getexif()
    with files.open_photo(settings.photos, case["picture"].sha256, "main") as stored:
        assert stored.read() == case["picture"].main, "what is stored stays unstamped"
    told = fetch_all(db, "SELECT object, detail FROM audit_log WHERE action = 'photos_exported' ORDER BY id")
    assert [tuple(row) for row in told] == [(f"issue:{case['issue'].id}", "1"), (f"visit:{case['visit']}", "1")]


def test_only_within_ones_scope(db, sign_in, case):
    strangers = [
        factories.make_user(db, "officer", district_id=OTHER_DISTRICT),
        factories.make_user(db, "handler", department_id=OTHER_DEPARTMENT),
        factories.make_user(db, "dispatcher", district_id=OTHER_DISTRICT),
    ]
    for user in strangers:
        assert {sign_in(user).get(url).status_code for url in urls(case)} <= {403, 404}, user.role
    assert not fetch_all(db, "SELECT 1 FROM audit_log WHERE action = 'photos_exported'")


def test_without_photos_there_is_nothing(db, sign_in, settings, case):
    client = sign_in("office")
    bare = factories.make_issue(db)
    assert client.get(f"/issues/{bare.id}/photos.zip").status_code == 404
    files.path_of(settings.photos, case["picture"].sha256, "main").unlink()
    assert [client.get(url).status_code for url in urls(case)] == [404, 404]
    assert not fetch_all(db, "SELECT 1 FROM audit_log WHERE action = 'photos_exported'")


def test_the_pages_offer_it_where_there_are_photos(db, page, case):
    here = page("officer")
    for url in urls(case):
        assert any(node.get("href") == url for node in here.get(url.removesuffix("/photos.zip")).all("a"))
    bare = factories.make_issue(db, firm=case["firm"])
    links = [node.get("href") for node in here.get(f"/issues/{bare.id}").all("a")]
    assert links and not any(str(each).endswith("/photos.zip") for each in links)
