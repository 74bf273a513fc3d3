"""Canned answers: each department keeps its own, the office the city's; put into an answer, edited, then sent."""

import io
from datetime import timedelta

import pytest

from app import clock
from app.db import fetch_all, fetch_one, fetch_value
from app.registers import canned_store as store
from tests import factories
from tests.factories import DEPARTMENT, OTHER_DEPARTMENT, ROUTED

BODY = "您反映的事项已受理。\n我们将在三个工作日内上门。"


@pytest.fixture
def keep(db):
    """keep(title, …): one that is there already; its id."""

    def made(title, *, department_id=DEPARTMENT, category_id=None, body=BODY):
        return store.insert_answer(db, department_id=department_id, category_id=category_id, title=title, body=body)

    return made


@pytest.fixture
def issue(db):
    return factories.make_issue(db, status="in_progress", category_id=ROUTED, department_id=DEPARTMENT)


def written(db) -> list[tuple]:
    rows = fetch_all(db, "SELECT object, detail FROM audit_log WHERE action = 'canned_changed' ORDER BY id")
    return [tuple(row) for row in rows]


def test_a_department_keeps_its_own_and_the_office_the_citys(db, page):
    for role, department_id in (("handler", DEPARTMENT), ("office", None)):
        here = page(role)
        form = here.get("/answers/new").one("form#answer-form")
        here.send(form, title="已受理", body=BODY, category_id=str(ROUTED), status=303)
        row = fetch_one(db, "SELECT * FROM canned_answers ORDER BY id DESC LIMIT 1")
        assert (row["department_id"], row["category_id"], row["body"]) == (department_id, ROUTED, BODY)
        assert "已受理" in here.get("/answers/").one("section[aria-labelledby=own]").text
    assert [detail for _object, detail in written(db)] == ["+ 已受理"] * 2


def test_a_name_is_taken_within_a_department_only(db, page, keep):
    keep("已受理", department_id=OTHER_DEPARTMENT)
    here = page("handler")
    form = here.get("/answers/new").one("form#answer-form")
    here.send(form, title="已受理", body=BODY, status=303)
    assert "已有同名" in here.send(form, title="已受理", body=BODY, status=422).text
    assert "请填写这一项" in here.send(form, title="", body=" ", status=422).text
    assert "从列表中选择" in here.send(form, title="又", body=BODY, category_id="999", status=422).text


def test_others_do_not_change_them_and_do_not_see_other_departments(db, page, sign_in, keep):
    own, other, city = (
        keep("本单位"),
        keep("别单位", department_id=OTHER_DEPARTMENT),
        keep("全市的", department_id=None),
    )
    shown = page("handler").get("/answers/").read
    assert "本单位" in shown and "全市的" in shown and "别单位" not in shown
    assert all(title in page("office").get("/answers/").read for title in ("本单位", "别单位", "全市的"))
    assert "别单位" in page("auditor").get("/answers/").read
    handler, office, auditor = sign_in("handler"), sign_in("office"), sign_in("auditor")
    before = [tuple(row) for row in fetch_all(db, "SELECT * FROM canned_answers")]
    typed = {"title": "x", "body": "x", "version": "1"}
    for client, ids, status in ((handler, (other, city, 999), 404), (office, (own, 999), 404), (auditor, (own,), 403)):
        for answer_id in ids:
            assert client.get(f"/answers/{answer_id}").status_code == status
            assert client.post(f"/answers/{answer_id}", data=typed).status_code == status
            assert client.post(f"/answers/{answer_id}/use", data={"is_active": "no"}).status_code == status
    assert [tuple(row) for row in fetch_all(db, "SELECT * FROM canned_answers")] == before
    for role in ("officer", "dispatcher", "head"):
        assert sign_in(role).get("/answers/").status_code == 403


def test_two_people_at_once_one_is_told(db, page, keep):
    here, answer_id = page("handler"), keep("已受理")
    form = here.get(f"/answers/{answer_id}").one("form#answer-form")
    here.send(form, title="先改的", status=303)
    here.send(form, title="后改的", status=409)
    assert fetch_value(db, "SELECT title FROM canned_answers") == "先改的"
    assert written(db) == [(f"canned:{answer_id}", "已受理 → 先改的")]


def test_a_retired_one_is_not_offered_and_comes_back(db, page, keep, issue):
    here, answer_id = page("handler"), keep("已受理")
    for word in ("no", "no"):
        here.client.post(f"/answers/{answer_id}/use", data={"is_active": word})
    assert not here.get(f"/issues/{issue.id}/answer").has("[data-canned-for]")
    assert "已受理" in here.get("/answers/").one("section[aria-labelledby=retired]").text
    here.client.post(f"/answers/{answer_id}/use", data={"is_active": "yes"})
    assert here.get(f"/issues/{issue.id}/answer").has("[data-canned-for]")
    assert [detail for _object, detail in written(db)] == ["已受理: retired", "已受理: in use"]


def test_what_fits_best_stands_first(page, keep, issue):
    keep("别类的", category_id=1)
    keep("别单位的", department_id=OTHER_DEPARTMENT)
    keep("全市各类", department_id=None)
    keep("全市这类", department_id=None, category_id=ROUTED)
    keep("本单位各类")
    keep("本单位这类", category_id=ROUTED)
    box = page("handler").get(f"/issues/{issue.id}/answer").one("[data-canned-for]")
    assert [each.text for each in box.all("strong")] == ["本单位这类", "全市这类", "本单位各类", "全市各类"]


def test_one_is_put_into_the_answer_without_scripts_and_nothing_is_sent(db, page, keep, issue):
    here, answer_id = page("handler"), keep("已受理")
    form = here.get(f"/issues/{issue.id}/answer").one("#move-form")
    assert form.one("button[name=canned]").get("value") == str(answer_id)
    assert form.all("button")[0].get("name") is None, "the Enter key puts nothing in"
    shown = here.send(form, status=200, note="现场看过", public_answer="您好：", canned=str(answer_id))
    again = shown.one("#move-form")
    assert again.values["public_answer"] == f"您好：\n{BODY}" and again.values["note"] == "现场看过"
    assert not again.has(".err") and fetch_value(db, "SELECT status FROM issues") == "in_progress"
    here.send(
        again,
        status=303,
        outcome="explained",
        contact_mode="phone",
        contacted_on=clock.today().isoformat(),
        public_answer=f"{BODY}\n联系人已约好。",
    )
    assert fetch_value(db, "SELECT public_answer FROM issues") == f"{BODY}\n联系人已约好。"


def test_photos_that_a_reload_loses_are_told_of(page, keep, issue):
    here, answer_id = page("handler"), keep("已受理")
    form = here.get(f"/issues/{issue.id}/answer").one("#move-form")
    photo = {"photos": (io.BytesIO(factories.jpeg_bytes()), "a.jpg")}
    assert "照片" in here.send(form, files=photo, canned=str(answer_id)).one("[role=alert]").text


def test_only_what_is_offered_goes_in(db, page, keep, issue):
    here = page("handler")
    form = here.get(f"/issues/{issue.id}/answer").one("#move-form")
    for wrong in (str(keep("别", department_id=OTHER_DEPARTMENT)), str(keep("别类", category_id=1)), "999", "x", ""):
        here.send(form, status=404, canned=wrong)
    note = here.get(f"/issues/{issue.id}/notes").one("#move-form")
    here.send(note, status=404, canned=str(keep("本单位")))
    assert fetch_value(db, "SELECT version FROM issues") == issue.version


def test_on_the_spot_an_officer_is_offered_the_citys(db, page, keep):
    keep("本单位的"), keep("全市的", department_id=None)
    now = clock.now() - timedelta(minutes=5)
    issue = factories.make_issue(db, status="submitted", officer=factories.the_user(db, "officer"), at=now)
    box = page("officer").get(f"/issues/{issue.id}/spot-answer").one("[data-canned-for]")
    assert [each.text for each in box.all("strong")] == ["全市的"]
