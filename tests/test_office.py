"""The office's page: every thing it keeps, and nothing that the person may not open."""

import pytest

from app.office import TASKS


@pytest.mark.parametrize("role", ["office", "auditor"])
def test_every_entry_opens(page, role):
    here = page(role)
    index = here.get("/office/")
    links = [node.get("href") for node in index.one("main").all("a.row")]
    assert links
    for link in links:
        here.get(link)


def test_the_office_finds_everything(page):
    index = page("office").get("/office/")
    assert len(index.one("main").all("a.row")) == sum(len(tasks) for tasks in TASKS.values())


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head"])
def test_others_have_no_such_page(page, role):
    page(role).get("/office/", status=403)


def test_a_page_below_leads_back(page):
    routing = page("office").get("/office/routing")
    assert routing.one("header.bar").all("a.back")[0].get("href") == "/office/"
    assert "管理" in next(node.text for node in routing.all("a[aria-current]"))
