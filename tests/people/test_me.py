"""The page about oneself: who, how it looks, the password, the way out."""

import pytest

from app.permissions import Role
from tests import factories as make

NEW = "brand-new-pass"


@pytest.mark.parametrize("role", list(Role))
def test_it_says_who_one_is(page, role):
    me = page(role.value).get("/me")
    assert f"测试{role.value}" in me.read
    place = {
        Role.HANDLER: "国网平顶山供电公司",
        Role.OFFICE: "",
        Role.AUDITOR: "",
    }.get(role, "湛河区")
    assert place in me.read


@pytest.mark.parametrize(
    ("name", "values", "chosen"),
    [
        ("language", ["zh", "en"], "zh"),
        ("theme", ["auto", "light", "dark"], "auto"),
        ("text_size", ["normal", "large", "larger"], "normal"),
    ],
)
def test_settings_are_kept_and_shown(page, name, values, chosen):
    officer = page("officer")
    for picked in [*values, chosen]:
        form = next(form for form in officer.get("/me").all("form") if name in form.values.values())
        buttons = form.all("button")
        assert [button.get("value") for button in buttons] == values
        sent = officer.client.post(form.get("action"), data={**form.values, "value": picked})
        assert (sent.status_code, sent.location) == (303, "/me")
        form = next(form for form in officer.get("/me").all("form") if name in form.values.values())
        pressed = [button.get("value") for button in form.all("button[aria-pressed=true]")]
        assert pressed == [picked]


def test_a_dark_page_in_large_letters(page):
    officer = page("officer")
    officer.client.post("/settings", data={"name": "theme", "value": "dark"})
    officer.client.post("/settings", data={"name": "text_size", "value": "larger"})
    html = officer.get("/me").one("html")
    assert (html.get("data-theme"), html.get("data-text")) == ("dark", "larger")


def test_the_password_is_folded_away_until_it_is_wrong(page):
    officer = page("officer")
    me = officer.get("/me")
    assert not [each for each in me.all("details") if "open" in each.attrs]
    form = next(form for form in me.all("form") if form.get("action") == "/me/password")
    answer = officer.send(form, current="wrong", new=NEW, status=422)
    assert "现在的密码不对" in answer.read
    assert [each for each in answer.all("details.fold") if "open" in each.attrs]
    answer = officer.send(form, current=make.PASSWORD, new="short", status=422)
    assert "新密码至少 8 位" in answer.read
    assert NEW not in answer.response.text


def test_a_new_password_ends_the_other_sessions(page, sign_in):
    here, there = page("officer"), page("officer")
    form = next(form for form in here.get("/me").all("form") if form.get("action") == "/me/password")
    sent = here.client.post(form.get("action"), data={"current": make.PASSWORD, "new": NEW})
    assert sent.status_code == 303
    assert "密码已修改" in here.get(sent.location).read
    assert there.client.get("/me").status_code == 302
    assert sign_in("officer", NEW)


def test_the_way_out(page):
    officer = page("officer")
    form = next(form for form in officer.get("/me").one("main").all("form") if form.get("action") == "/logout")
    assert officer.client.post(form.get("action"), data=form.values).status_code == 303
    assert officer.client.get("/me").status_code == 302


def test_the_version_is_told(app, page):
    assert app.config["RELEASE"] in page("officer").get("/me").read


def test_officers_are_told_how_it_gets_onto_the_home_screen(page):
    """They alone keep records on the phone, which Safari clears away after days unless it stands there."""
    assert "添加到主屏幕" in page("officer").get("/me").read
    assert "添加到主屏幕" not in page("handler").get("/me").read
