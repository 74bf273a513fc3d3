"""The makers that the other tests lean on."""

import pytest

from app.issues.lifecycle import Status
from tests import factories


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_reached_by_real_moves(db, now, status):
    issue = factories.make_issue(db, status=status, at=now)
    assert issue.status is status


@pytest.mark.parametrize("status", list(Status))
def test_and_just_now(db, status):
    assert factories.make_issue(db, status=status).status is status


def test_a_visit_with_an_issue_and_a_photo(db, settings):
    picture = factories.make_picture(settings.photos)
    assert factories.make_visit(db, issues=(factories.new_issue(),), pictures=[picture])


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head", "office", "auditor"])
def test_every_role_signs_in(sign_in, role):
    assert sign_in(role).get("/login").status_code == 303


def test_page_reads_forms(page):
    answer = page.get("/login")
    form = answer.all("form[action=/login]")[0]
    assert form.values == {"next": "", "username": "", "password": ""}
