"""The page that says what is kept, and what the office takes out about one person."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from app import clock
from app.audit import store as audit
from app.audit.models import Search
from app.config import Settings
from app.issues import actions, links
from app.permissions import Role
from tests import factories as make


def sheets_of(data: bytes) -> dict[str, list[list]]:
    book = load_workbook(BytesIO(data))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def exported(db) -> list[tuple]:
    rows = audit.list_entries(db, Search(action="personal_data_exported"))
    return [(row["object"], row["by_username"], row["detail"]) for row in rows]


def test_anyone_reads_what_is_kept(page):
    said = page.get("/privacy").read
    for words in ("企业联系人", "保存多久", "3 年", "1 年", "180 天", "谁能看到", "您可以要求", "市营商办"):
        assert words in said
    for role in Role:
        assert page(role.value).get("/me").link("隐私说明") == "/privacy"
    assert page.get("/login").link("隐私说明") == "/privacy"


def test_the_firm_reaches_it_from_its_link(app, page, db):
    issue = make.make_issue(db, status="callback")
    link_id = actions.make_link(db, issue.id, by=make.the_user(db, "officer"), days=14, now=clock.now())
    token = links.token_for(link_id, app.config["SECRET_KEY"])
    assert page.get(f"/c/{token}").link("隐私说明") == "/privacy"


class TestWithAContact:
    """Where the city named whom to ask, and keeps some things for ever."""

    @pytest.fixture
    def settings(self, instance):
        return Settings(
            instance=str(instance), secret_key="x", privacy_contact="市营商办综合科 0375-7654321", keep_texts=0
        )

    def test_it_says_whom_and_for_ever(self, page):
        said = page.get("/privacy").read
        assert "0375-7654321" in said and "长期" in said


@pytest.mark.parametrize("role", list(Role))
def test_only_the_office_takes_out(page, db, role):
    here = page(role.value)
    allowed = role is Role.OFFICE
    assert here.client.get("/office/privacy").status_code == (200 if allowed else 403)
    sent = here.client.post("/office/privacy/exports", data={"kind": "account", "name": role.value})
    assert sent.status_code == (200 if allowed else 403)
    assert len(exported(db)) == allowed


def test_all_that_is_held_about_an_officer(page, db):
    officer, other = make.the_user(db, "officer"), make.make_user(db, "officer", name="另一人")
    firm = make.make_firm(db, officer=officer, name="平顶山导出测试有限公司")
    make.make_visit(db, firm=firm, latitude=33.71234, longitude=113.2)
    make.make_visit(db, by=other)
    make.make_issue(db, firm=firm, officer=officer)
    answer = page("office").client.post("/office/privacy/exports", data={"kind": "account", "name": "officer"})
    assert answer.status_code == 200 and answer.mimetype.endswith("sheet")
    sheets = sheets_of(answer.data)
    assert sheets["账号"][1][0] == "officer"
    assert [row[2] for row in sheets["走访记录"][1:]] == ["平顶山导出测试有限公司"]
    assert "33.71234" in sheets["走访记录"][1]
    assert any("上报" in str(row[2]) for row in sheets["办理经过"][1:])
    assert "另一人" not in str(sheets)
    assert exported(db) == [(f"user:{officer.id}", "office", "account")]


def test_all_that_is_held_about_a_contact(page, db):
    officer = make.the_user(db, "officer")
    firm = make.make_firm(db, officer=officer, contact_name="王经理", contact_phone="13837500009")
    make.make_firm(db, officer=officer, contact_name="别家的", contact_phone="13837500010")
    make.make_visit(db, firm=firm, contact_name="李会计", notes="=1+1")
    issue = make.make_issue(db, firm=firm, officer=officer)
    page("officer").client.post(f"/firms/{firm.id}/contact")
    names = (firm.name, firm.credit_code, firm.credit_code.lower(), "13837500009")
    for name in names:
        data = page("office").client.post("/office/privacy/exports", data={"kind": "contact", "name": name}).data
        sheets = sheets_of(data)
        assert sheets["企业联系人"][1][2:4] == ["王经理", "13837500009"]
        assert sheets["走访记录"][1][3:5] == ["李会计", "=1+1"]
        assert sheets["反映的问题"][1][0] == issue.number
        assert sheets["查看过联系电话的人"][1][1] == officer.name
        assert "别家的" not in str(sheets)
    assert len(exported(db)) == len(names)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"kind": "account", "name": "nobody"}, "没有找到"),
        ({"kind": "contact", "name": "13811112222"}, "不止一个"),
        ({"kind": "account", "name": ""}, "请填写"),
        ({"kind": "x", "name": "officer"}, "请"),
    ],
)
def test_who_cannot_be_found_is_said(page, db, typed, says):
    for _ in range(2):
        make.make_firm(db, contact_phone="13811112222")
    answer = page("office").post("/office/privacy/exports", typed, status=(404, 422))
    assert says in answer.read
    assert not exported(db)


def test_the_password_is_asked_for_after_a_while(page, db):
    here = page("office")
    db.conn.execute("UPDATE sessions SET confirmed_at = '2020-01-01T00:00:00Z'")
    typed = {"kind": "account", "name": "office"}
    assert "请输入您自己的登录密码" in here.post("/office/privacy/exports", typed, status=422).read
    assert here.client.post("/office/privacy/exports", data={**typed, "confirmation": "demo"}).status_code == 200


def test_from_the_command_line(app, db, tmp_path):
    make.the_user(db, "officer")
    file = tmp_path / "out.xlsx"
    said = app.test_cli_runner().invoke(args=["privacy", "export", "account", "officer", str(file)])
    assert said.exit_code == 0 and "测试" not in said.output
    assert sheets_of(file.read_bytes())["账号"][1][0] == "officer"
    assert exported(db)[0][1] is None
    assert app.test_cli_runner().invoke(args=["privacy", "export", "account", "nobody", str(file)]).exit_code == 1
