"""Officers, handlers, departments and who looks after which firm, from their files."""

from datetime import date

import pytest

from app import clock
from app.db import fetch_all, fetch_one, fetch_value
from app.people.models import NO_PASSWORD
from tests import factories
from tests.rosters.books import code, xlsx

OFFICERS = ("姓名", "手机号", "区县", "工作单位", "职务")
HANDLERS = ("姓名", "责任单位", "手机号")
ASSIGNMENTS = ("企业名称", "统一社会信用代码", "首席服务官", "手机号", "分工", "起始日期")


def user(db, **known):
    [(key, value)] = known.items()
    return fetch_one(db, f"SELECT * FROM users WHERE {key} = :value", {"value": value})  # noqa: S608


def district(db) -> str:
    return fetch_value(db, "SELECT name FROM districts WHERE id = :id", {"id": factories.DISTRICT})


def test_officers_become_accounts_that_nobody_can_sign_in_with_yet(db, desk, client):
    content = xlsx(
        [OFFICERS, ["甲 乙", "138 3750-0001", district(db), "发改委", "科长"], ["丙丁", "", district(db), "", ""]]
    )
    assert desk.take_in("officers", content) == {"new": 2}
    first, second = user(db, phone="13837500001"), user(db, name="丙丁")
    assert (first["name"], first["username"], first["role"], first["unit"]) == (
        "甲乙",
        "13837500001",
        "officer",
        "发改委",
    )
    assert first["password_hash"] == second["password_hash"] == NO_PASSWORD
    assert second["username"] == f"fwg-{factories.DISTRICT}-001"
    for password in (NO_PASSWORD, "demo", "13837500001"):
        assert client.post("/login", data={"username": "13837500001", "password": password}).status_code == 422
    assert fetch_value(db, "SELECT count(*) FROM audit_log WHERE action = 'account_created'") == 2
    assert desk.take_in("officers", content) == {"same": 2}


def test_an_officer_who_left_is_disabled_signed_out_and_her_firms_stand_without_a_lead(db, desk, sign_in):
    stays, gone = factories.the_user(db, "officer"), factories.make_user(db, "officer", name="走了")
    firm = factories.make_firm(db, officer=gone)
    client = sign_in(gone)
    content = xlsx([OFFICERS, [stays.name, "", district(db), "", ""]])
    page = desk.send("officers", content, is_full="y")
    assert desk.counts == {"same": 1, "leaving": 1}
    assert "1 家企业将无人包联" in page.one("tbody").text
    desk.store()
    assert user(db, id=gone.id)["is_active"] == 0 and user(db, id=stays.id)["is_active"] == 1
    assert client.get("/firms/").status_code == 302
    assert fetch_all(db, "SELECT 1 FROM firm_officers WHERE firm_id = :id AND to_on IS NULL", {"id": firm.id}) == []
    assert desk.take_in("officers", xlsx([OFFICERS, ["走了", "", district(db), "", ""]])) == {"doubtful": 1}
    assert user(db, id=gone.id)["is_active"] == 0, "an untouched doubt enables nobody"


def test_another_name_under_a_known_mobile_is_doubtful(db, desk):
    desk.take_in("officers", xlsx([OFFICERS, ["甲乙", "13837500001", district(db), "", ""]]))
    page = desk.send("officers", xlsx([OFFICERS, ["戊己", "13837500001", district(db), "", ""]]))
    assert desk.counts == {"doubtful": 1} and "现在登记的是“甲乙”" in page.one("tbody").text


def test_whoever_gets_another_district_signs_in_anew(db, desk, sign_in):
    officer = factories.the_user(db, "officer")
    client = sign_in(officer)
    other = fetch_value(db, "SELECT name FROM districts WHERE id = :id", {"id": factories.OTHER_DISTRICT})
    desk.take_in("officers", xlsx([("用户名", *OFFICERS), [officer.username, officer.name, "", other, "", ""]]))
    assert user(db, id=officer.id)["district_id"] == factories.OTHER_DISTRICT
    assert client.get("/firms/").status_code == 302


@pytest.mark.parametrize(
    ("kind", "rows", "reason"),
    [
        ("officers", [OFFICERS, ["甲乙", "", "", "", ""]], "C2 没有写区县"),
        (
            "officers",
            [OFFICERS, ["甲乙", "", "新华区", "", ""], ["甲乙", "", "新华区", "", ""]],
            "A3 第 2 行也叫“甲乙”",
        ),
        (
            "officers",
            [("用户名", *OFFICERS), ["office", "甲乙", "", "新华区", "", ""]],
            "A2 “office”已是别的岗位的账号",
        ),
        ("officers", [("用户名", *OFFICERS), ["甲", "甲乙", "", "新华区", "", ""]], "A2 用户名用字母"),
        ("handlers", [HANDLERS, ["甲乙", "市没有局", ""]], "B2 没有“市没有局”这个责任单位"),
        ("handlers", [HANDLERS, ["甲乙", "", ""]], "B2 这一格不能空"),
        ("assignments", [ASSIGNMENTS, ["没有的有限公司", "", "测试officer", "", "", ""]], "A2 没有找到企业"),
        ("assignments", [ASSIGNMENTS, ["", code(9), "测试officer", "", "", ""]], "B2 系统中没有这个统一社会信用代码"),
        ("assignments", [ASSIGNMENTS, ["包联测试有限公司", "", "", "", "", ""]], "没有写首席服务官"),
        ("assignments", [ASSIGNMENTS, ["包联测试有限公司", "", "没有这人", "", "", ""]], "C2 没有首席服务官“没有这人”"),
        ("assignments", [ASSIGNMENTS, ["包联测试有限公司", "", "测试officer", "", "站长", ""]], "E2 分工“站长”读不懂"),
        ("assignments", [ASSIGNMENTS, ["包联测试有限公司", "", "测试officer", "", "", "昨天"]], "F2 日期写法如"),
        (
            "assignments",
            [ASSIGNMENTS, ["包联测试有限公司", "", "测试officer", "", "协助", ""]],
            "E2 这位服务官现在是包联人",
        ),
    ],
)
def test_what_cannot_be_taken_says_why_and_where(db, desk, kind, rows, reason):
    factories.make_firm(db, name="包联测试有限公司", credit_code=code(1))
    desk.send(kind, xlsx(rows))
    assert desk.counts["refused"] == 1
    assert reason in desk.show("refused").one("tbody").text


def test_handlers_are_found_by_any_name_of_their_department(db, desk):
    row = fetch_one(db, "SELECT id, name, short_name FROM departments WHERE id = :id", {"id": factories.DEPARTMENT})
    content = xlsx([HANDLERS, ["甲乙", row["name"], "13837500001"], ["丙丁", row["short_name"], "0375-2861234"]])
    assert desk.take_in("handlers", content) == {"new": 2}
    for name in ("甲乙", "丙丁"):
        assert (user(db, name=name)["role"], user(db, name=name)["department_id"]) == ("handler", row["id"])
    assert desk.take_in("handlers", content) == {"same": 2}


def test_departments_are_added_changed_and_renamed_only_by_a_tick(db, desk, page):
    row = fetch_one(db, "SELECT * FROM departments WHERE id = :id", {"id": factories.DEPARTMENT})
    head = ("单位名称", "简称", "曾用名", "职责事项")
    content = xlsx([head, ["市数据测试局", "", "", "数据、审批"], [row["name"], "", "老名字局", ""]])
    assert desk.take_in("departments", content) == {"new": 1, "changed": 1}
    assert fetch_value(db, "SELECT matters FROM departments WHERE name = '市数据测试局'") == "数据;审批"
    assert fetch_value(db, "SELECT aliases FROM departments WHERE id = :id", {"id": row["id"]}) == "老名字局"
    assert desk.take_in("departments", content) == {"same": 2}
    shown = desk.send("departments", xlsx([head, ["老名字局", "", "", ""]]))
    assert desk.counts == {"doubtful": 1} and "现在用过这个名称" in shown.one("tbody").text
    form = shown.one("#ticks")
    page("office").send(form, line=form.one("[name=line]").get("value"))
    desk.store()
    assert fetch_value(db, "SELECT name FROM departments WHERE id = :id", {"id": row["id"]}) == "老名字局"


def current(db, firm_id):
    rows = fetch_all(
        db,
        "SELECT user_id, is_lead, from_on FROM firm_officers WHERE firm_id = :id AND to_on IS NULL ORDER BY 2 DESC",
        {"id": firm_id},
    )
    return [tuple(row) for row in rows]


def test_leads_and_deputies(db, desk):
    officer = factories.the_user(db, "officer")
    lead, deputy = (factories.make_user(db, "officer", name=name) for name in ("新包联", "新协助"))
    firm = factories.make_firm(db, officer=officer, credit_code=code(1))
    rows = [
        ASSIGNMENTS,
        ["", code(1).lower(), "新包联", "", "", 46000],
        [firm.name, "", deputy.username, "", "协助", "2026年1月5日"],
    ]
    page = desk.send("assignments", xlsx(rows))
    assert desk.counts == {"changed": 1, "new": 1}
    assert f"{officer.name} → 新包联" in desk.show("changed").one("tbody").text and page
    desk.store()
    assert current(db, firm.id) == [(lead.id, 1, "2025-12-09"), (deputy.id, 0, "2026-01-05")]
    past = fetch_one(db, "SELECT to_on FROM firm_officers WHERE user_id = :id", {"id": officer.id})
    assert past["to_on"] == clock.today().isoformat()
    assert desk.take_in("assignments", xlsx(rows)) == {"same": 2}
    assert desk.take_in("assignments", xlsx(rows[:2]), is_full="y") == {"same": 1, "leaving": 1}
    assert current(db, firm.id) == [(lead.id, 1, "2025-12-09")]


def test_a_lead_changes_places_with_a_deputy_within_one_file(db, desk):
    officer, deputy = factories.the_user(db, "officer"), factories.make_user(db, "officer", name="接任")
    firm = factories.make_firm(db, officer=officer, credit_code=code(1))
    factories.assignments.insert_assignment(db, firm.id, user_id=deputy.id, is_lead=False, from_on=date(2026, 1, 5))
    rows = [ASSIGNMENTS, ["", code(1), "接任", "", "包联人", ""], ["", code(1), officer.name, "", "协助", ""]]
    desk.take_in("assignments", xlsx(rows))
    assert [(who, lead) for who, lead, _on in current(db, firm.id)] == [(deputy.id, 1), (officer.id, 0)]


def test_of_several_officers_of_one_name_the_mobile_tells(db, desk):
    firm = factories.make_firm(db, credit_code=code(1))
    rows = [
        [OFFICERS[0], OFFICERS[1], OFFICERS[2]],
        ["同名", "13837500001", district(db)],
        ["同名", "13837500002", district(db)],
    ]
    assert desk.take_in("officers", xlsx(rows)) == {"new": 2}
    assert desk.take_in("assignments", xlsx([ASSIGNMENTS, ["", code(1), "同名", "", "", ""]])) == {"refused": 1}
    desk.take_in("assignments", xlsx([ASSIGNMENTS, ["", code(1), "同名", "13837500002", "", ""]]))
    assert current(db, firm.id)[0][0] == user(db, phone="13837500002")["id"]
