"""Categories as the office keeps them: added, renamed, ordered, retired, and never lost to what has them."""

import pytest

from app.db import fetch_all, fetch_one, fetch_value
from app.departments import store as departments
from tests import factories


def names(db):
    return [row["name"] for row in departments.list_categories(db)]


def the_form(here, category_id=1):
    return here.get(f"/office/categories/{category_id}").one("form#category-form")


@pytest.mark.parametrize("role", ["office", "auditor", "dispatcher", "head"])
def test_whoever_reads_rules_reads_them(page, role, db):
    shown = page(role).get("/office/categories")
    assert all(name in shown.read for name in names(db))
    assert shown.has("a[href$=/categories/new]") is (role == "office")


def test_others_do_not_change_them(page, sign_in):
    page("officer").get("/office/categories", status=403)
    client = sign_in("auditor")
    for url in ("", "/1", "/1/use", "/1/place"):
        assert client.post(f"/office/categories{url}", data={}).status_code == 403


def test_a_new_one_comes_last_with_who_answers(db, page):
    here = page("office")
    form = here.get("/office/categories/new").one("form#category-form")
    here.send(form, name="低空经济", name_en="Low-altitude economy", answering_ids=["2", "1"], status=303)
    assert names(db)[-1] == "低空经济"
    added = fetch_value(db, "SELECT id FROM categories WHERE name = '低空经济'")
    assert [d for c, d in departments.list_answering(db) if c == added] == [2, 1]
    assert "低空经济" in here.get("/office/categories").read
    [entry] = fetch_all(db, "SELECT object, detail FROM audit_log WHERE action = 'category_changed'")
    assert (entry["object"], entry["detail"]) == (f"category:{added}", "+ 低空经济")


def test_renaming_keeps_the_rest_and_refuses_a_name_that_is_taken(db, page):
    here, before = page("office"), departments.list_answering(db)
    refused = here.send(the_form(here), name=names(db)[1], status=422)
    assert "这个名称已经有了" in refused.read
    here.send(the_form(here), name="要素保障", status=303)
    assert names(db)[0] == "要素保障" and departments.list_answering(db) == before
    here.send(the_form(here), name="", status=422)


def test_two_people_at_once_one_is_told(db, page):
    here = page("office")
    form = the_form(here)
    here.send(form, name="先改的", status=303)
    here.send(form, name="后改的", status=409)
    assert names(db)[0] == "先改的"


def test_order_is_what_officers_see(db, page):
    here, first = page("office"), names(db)
    down = here.get("/office/categories").all("form[action$=/place]")[0]
    here.client.post(down.get("action"), data={"to": "down"})
    assert names(db)[:2] == [first[1], first[0]]
    here.client.post(down.get("action"), data={"to": "up"})
    here.client.post(down.get("action"), data={"to": "up"})
    assert names(db) == first
    assert here.client.post("/office/categories/999/place", data={"to": "up"}).status_code == 404


def test_a_retired_one_is_not_offered_keeps_its_cases_and_comes_back(db, page):
    issue = factories.make_issue(db)
    row = departments.get_category(db, issue.category_id)
    here, name, at = page("office"), row["name"], names(db).index(row["name"])
    url = f"/office/categories/{row['id']}/use"
    here.client.post(url, data={"is_active": "no"})
    assert name not in names(db)
    assert name in here.get(f"/issues/{issue.id}").read
    assert name in here.get("/office/categories").read
    here.client.post(url, data={"is_active": "no"})
    here.client.post(url, data={"is_active": "yes"})
    assert names(db)[at] == name
    details = [row["detail"] for row in fetch_all(db, "SELECT detail FROM audit_log WHERE action = 'category_changed'")]
    assert details == [f"{name}: retired", f"{name}: in use"]


def test_the_last_one_stays(db, page):
    here = page("office")
    ids = [row["id"] for row in departments.list_categories(db)]
    for category_id in ids[1:]:
        here.client.post(f"/office/categories/{category_id}/use", data={"is_active": "no"})
    answer = here.client.post(f"/office/categories/{ids[0]}/use", data={"is_active": "no"})
    assert answer.status_code == 409 and "至少要留一个" in answer.text
    assert fetch_one(db, "SELECT is_active FROM categories WHERE id = :id", {"id": ids[0]})["is_active"] == 1
