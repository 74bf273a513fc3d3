"""Departments as the office keeps them, one at a time: retired only when nothing would be left lying there."""

from datetime import timedelta

import pytest

from app.clock import today
from app.db import execute, fetch_all
from app.departments import store as departments
from tests import factories
from tests.factories import DEPARTMENT


def the_form(here, department_id=DEPARTMENT):
    return here.get(f"/office/departments/{department_id}").one("form#department-form")


def is_active(db, department_id=DEPARTMENT):
    return departments.get_department(db, department_id)["is_active"] == 1


def free_of_rules(db):
    execute(db, "UPDATE routing_rules SET valid_to = :day", {"day": today().isoformat()})


@pytest.mark.parametrize("role", ["office", "auditor", "dispatcher"])
def test_whoever_reads_rules_reads_them(page, role, db):
    shown = page(role).get("/office/departments")
    assert all(row["short_name"] in shown.read for row in departments.list_departments(db))
    assert shown.has("a[href$=/departments/new]") is (role == "office")


def test_others_do_not_change_them(page, sign_in):
    page("handler").get("/office/departments", status=403)
    client = sign_in("head")
    for url in ("", "/1", "/1/use"):
        assert client.post(f"/office/departments{url}", data={}).status_code == 403


def test_renamed_and_added(db, page):
    here = page("office")
    old = departments.get_department(db, DEPARTMENT)
    here.send(the_form(here), name="市数据和政务服务局", status=303)
    assert departments.get_department(db, DEPARTMENT)["name"] == "市数据和政务服务局"
    assert departments.get_department(db, DEPARTMENT)["keywords"] == old["keywords"]
    form = here.get("/office/departments/new").one("form#department-form")
    here.send(form, name="市新设局", short_name=old["short_name"], name_en="New bureau", status=422)
    here.send(form, name="市新设局", short_name="新设局", name_en="New bureau", status=303)
    assert "新设局" in [row["short_name"] for row in departments.list_departments(db)]
    details = [r["detail"] for r in fetch_all(db, "SELECT detail FROM audit_log WHERE action = 'department_changed'")]
    assert details == [f"{old['name']} → 市数据和政务服务局", "+ 市新设局"]


def test_two_people_at_once_one_is_told(db, page):
    here = page("office")
    form = the_form(here)
    here.send(form, name="先改的局", status=303)
    here.send(form, name="后改的局", status=409)
    assert departments.get_department(db, DEPARTMENT)["name"] == "先改的局"


def test_not_retired_while_cases_or_rules_are_its_own(db, page):
    issue = factories.make_issue(db, status="in_progress", department_id=DEPARTMENT)
    here = page("office")
    answer = here.client.post(f"/office/departments/{DEPARTMENT}/use", data={"is_active": "no"})
    assert answer.status_code == 409 and "还有 1 件在办问题" in answer.text
    free_of_rules(db)
    assert here.client.post(f"/office/departments/{DEPARTMENT}/use", data={"is_active": "no"}).status_code == 409
    execute(db, "UPDATE issues SET department_id = :to WHERE id = :id", {"to": DEPARTMENT + 1, "id": issue.id})
    here.client.post(f"/office/departments/{DEPARTMENT}/use", data={"is_active": "no"})
    assert not is_active(db)
    here.client.post(f"/office/departments/{DEPARTMENT}/use", data={"is_active": "yes"})
    assert is_active(db)


def test_a_rule_to_come_counts_too(db, page):
    free_of_rules(db)
    soon = (today() + timedelta(days=9)).isoformat()
    execute(
        db,
        "INSERT INTO routing_rules (category_id, department_id, valid_from) VALUES (1, :id, :day)",
        {"id": DEPARTMENT, "day": soon},
    )
    shown = page("office").get(f"/office/departments/{DEPARTMENT}").read
    assert "0 件在办问题、1 条派单规则" in shown


def test_what_is_not_there(page):
    here = page("office")
    here.get("/office/departments/999", status=404)
    assert here.client.post("/office/departments/999/use", data={"is_active": "no"}).status_code == 404
