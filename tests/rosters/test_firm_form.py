"""A firm's record by hand: added, changed, never twice, never over somebody else's change."""

import pytest

from app.db import fetch_all, fetch_one, fetch_value
from app.firms import store as firms
from tests import factories
from tests.rosters.books import code


def stored(db, firm_id):
    return fetch_one(db, "SELECT * FROM firms WHERE id = :id", {"id": firm_id})


def latest(db):
    return fetch_one(db, "SELECT * FROM firms ORDER BY id DESC LIMIT 1")


@pytest.fixture
def office(page):
    return page("office")


@pytest.fixture
def firm(db):
    return factories.make_firm(db, name="鹰城甲有限公司", credit_code=code(1))


def test_a_firm_is_added_as_a_file_would_add_it(db, office):
    township = fetch_one(db, "SELECT * FROM townships WHERE district_id = :id LIMIT 1", {"id": factories.DISTRICT})
    typed = {
        "name": " 鹰城 新(集团)有限公司",
        "credit_code": code(5).lower(),
        "district_id": str(factories.DISTRICT),
        "township_id": str(township["id"]),
        "contact_phone": "138 3750-0005",
    }
    form = office.get("/firms/new").one("form[action=/firms/]")
    where = office.send(form, **typed).headers["Location"]
    row = latest(db)
    assert where.endswith(f"/firms/{row['id']}")
    assert (row["name"], row["credit_code"], row["township_id"]) == ("鹰城新（集团）有限公司", code(5), township["id"])
    assert row["contact_phone"] == "13837500005"
    found = firms.list_firms(db, visible_to=factories.the_user(db, "office"), now=factories.clock.now(), query="ycx")
    assert [each["id"] for each in found] == [row["id"]]
    entry = fetch_one(db, "SELECT * FROM audit_log WHERE action = 'firm_changed'")
    assert (entry["object"], entry["detail"]) == (f"firm:{row['id']}", "new")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "另一家有限公司", "credit_code": code(1)}, "登记的是“鹰城甲有限公司”"),
        ({"name": "鹰城甲有限公司"}, "请填信用代码来区分"),
        ({"name": "鹰城甲有限责任公司"}, "名称相近"),
        ({"name": "丙有限公司", "credit_code": "91410400MA40000000"}, "校验位不对"),
        ({"name": "丙有限公司", "contact_phone": "123456"}, "电话写法不对"),
        ({"name": "丙有限公司", "district_id": ""}, "请选择一项"),
        ({"name": "丙有限公司", "district_id": "77"}, "请从列表中选择"),
        ({"name": "丙有限公司", "township_id": "elsewhere"}, "不在"),
        ({"name": "\u200b "}, "请填写这一项"),
        ({"name": "丙" * 81}, "最多 80 字"),
        ({"name": "丙有限公司", "status": "bankrupt"}, "请从列表中选择"),
    ],
)
def test_what_cannot_be_stored_says_why(db, office, firm, typed, words):
    if typed.get("township_id") == "elsewhere":
        query = "SELECT id FROM townships WHERE district_id = :id LIMIT 1"
        typed = {**typed, "township_id": str(fetch_value(db, query, {"id": factories.OTHER_DISTRICT}))}
    data = {"district_id": str(factories.DISTRICT), "status": "operating", **typed}
    answer = office.post("/firms/", data=data, status=422)
    assert words in answer.one("[role=alert]").text
    assert fetch_value(db, "SELECT count(*) FROM firms") == 1


def test_a_near_name_is_stored_once_somebody_says_that_it_is_another(db, office, firm):
    form = office.get("/firms/new").one("form[action=/firms/]")
    typed = {"name": "鹰城甲有限责任公司", "district_id": str(factories.DISTRICT)}
    asked = office.send(form, **typed, status=422).one("form[action=/firms/]")
    office.send(asked, is_other="y")
    assert latest(db)["name"] == "鹰城甲有限责任公司"


def test_a_change_keeps_what_was_not_typed(db, office, firm):
    form = office.get(f"/firms/{firm.id}/edit").one("form[novalidate]")
    assert firm.contact_phone not in office.get(f"/firms/{firm.id}/edit").text
    office.send(form, address="矿工路9号", name="鹰城丁有限公司")
    row = stored(db, firm.id)
    assert (row["address"], row["name"], row["contact_phone"]) == ("矿工路9号", "鹰城丁有限公司", firm.contact_phone)
    assert row["version"] == firm.version + 1
    assert fetch_value(db, "SELECT detail FROM audit_log WHERE action = 'firm_changed'") == "address name"
    office.send(office.get(f"/firms/{firm.id}/edit").one("form[novalidate]"), contact_phone="无")
    assert stored(db, firm.id)["contact_phone"] == ""
    office.send(office.get(f"/firms/{firm.id}/edit").one("form[novalidate]"))
    assert stored(db, firm.id)["version"] == firm.version + 2, "nothing changed, nothing stored"


def test_of_two_who_change_it_the_second_sees_what_the_first_stored(db, office, firm):
    old = office.get(f"/firms/{firm.id}/edit").one("form[novalidate]")
    office.send(old, address="先到的地址")
    answer = office.send(old, address="后到的地址", status=409)
    assert "先到的地址" in answer.one("dl").text
    again = answer.one("form[novalidate]")
    assert again.field("address").get("value") == "后到的地址"
    assert stored(db, firm.id)["address"] == "先到的地址"
    office.send(again)
    assert stored(db, firm.id)["address"] == "后到的地址"


def test_a_closed_firm_has_no_officer_and_may_come_back(db, office, firm):
    form = office.get(f"/firms/{firm.id}/edit").one("form[novalidate]")
    office.post(form.get("action"), data={**form.values, "status": "closed"})
    assert stored(db, firm.id)["status"] == "closed"
    assert fetch_all(db, "SELECT 1 FROM firm_officers WHERE to_on IS NULL") == []
    form = office.get(f"/firms/{firm.id}/edit").one("form[novalidate]")
    office.post(form.get("action"), data={**form.values, "status": "operating"})
    assert stored(db, firm.id)["status"] == "operating"


def test_only_the_office_edits_records(page, firm):
    for role in ("officer", "dispatcher", "head", "auditor", "handler"):
        for url in ("/firms/new", f"/firms/{firm.id}/edit"):
            page(role).get(url, status=403)
        page(role).post(f"/firms/{firm.id}/edit", data={"name": "改名"}, status=403)
    page("office").get("/firms/987654/edit", status=404)
