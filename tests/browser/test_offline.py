"""No signal: what a phone shows from what it kept, and keeps of what is recorded until there is one again."""

import json
import time
import zipfile

from playwright.sync_api import expect

from tests.browser.outbox import A_FORM, FORM, IS_KEPT, LAST, QUEUE, freeze, sign_in, until
from tests.serving import flask


def test_a_slow_network_shows_what_is_kept(flaky, phone_on):
    page = phone_on(flaky.url)
    sign_in(page, until_kept="/firms/")
    flaky.stall = 5.0
    begun = time.monotonic()
    page.goto("/firms/", wait_until="commit")
    assert 2.5 < time.monotonic() - begun < 4.9
    flaky.stall = 0.0
    expect(page.locator("#offline")).to_contain_text("离线内容")


def test_firms_are_found_without_a_signal(outbox_server, flaky, phone_on):
    page = phone_on(flaky.url)
    sign_in(page, until_kept=LAST)
    [firm] = outbox_server.rows(
        """SELECT f.id, f.name, f.credit_code FROM firms f JOIN firm_officers o ON o.firm_id = f.id AND o.to_on IS NULL
        JOIN users u ON u.id = o.user_id WHERE u.username = 'officer' ORDER BY f.id LIMIT 1"""
    )
    page.goto("/firms/")
    flaky.is_down = True
    rows = page.locator("#kept-firms > li:visible")
    page.locator("#q").press_sequentially(firm["name"][4:8])  # on the page itself, as with a signal
    page.wait_for_url("**/firms/?q=*")
    expect(page.get_by_role("heading", level=1)).to_have_text("手机里的企业")
    expect(page.locator("#offline")).to_contain_text("离线内容")
    expect(page.locator("#q")).to_have_value(firm["name"][4:8])
    expect(rows.filter(has_text=firm["name"])).to_have_count(1)
    for typed in (firm["credit_code"], firm["credit_code"].lower(), f" {firm['name'][:3]}  {firm['name'][5:7]} "):
        page.locator("#q").fill(typed)
        expect(rows.filter(has_text=firm["name"])).to_have_count(1)
        expect(page.locator("#found")).to_contain_text("找到")
    initials = rows.first.get_attribute("data-find").split()[1]
    page.locator("#q").fill(initials[:5].upper())
    expect(rows.filter(has_text=firm["name"])).to_have_count(1)
    page.locator("#q").fill("没有这一家")
    expect(rows).to_have_count(0)
    expect(page.locator("#found")).to_contain_text("没有找到")
    # From the picker too, and on to the form.
    page.goto(f"/visits/new?q={firm['name']}")
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name="记走访").tap()
    expect(page.locator(FORM)).to_be_visible()
    expect(page.locator("input[name=firm_id]")).to_have_value(str(firm["id"]))


def test_a_note_on_an_issue_waits_for_the_signal(outbox_server, flaky, phone_on):
    page = phone_on(flaky.url)
    sign_in(page, until_kept="/")
    page.goto("/issues/?status=in_progress")
    page.locator("#issues-list tbody tr a").first.tap()
    expect(page.locator("h1")).to_contain_text("-")
    issue = int(page.url.rsplit("/", 1)[1])
    page.goto(f"/issues/{issue}/notes")
    flaky.is_down = True
    page.locator("textarea[name=note]").fill("企业说已经来人看过")
    page.get_by_role("button", name="记进展").tap()
    expect(page.locator("#outbox-strip")).to_contain_text("1 条")
    flaky.is_down = False
    page.evaluate("() => outbox.drain()")
    until(lambda: page.evaluate(QUEUE) == [])
    notes = outbox_server.rows("SELECT note FROM issue_events WHERE issue_id = ? ORDER BY id", issue)
    assert [row["note"] for row in notes].count("企业说已经来人看过") == 1


def test_what_was_asked_is_answered_with_photos_without_a_signal(outbox_server, flaky, phone_on, pictures):
    """From the kept page of today to the kept form, photos included; sent with the next signal, each once."""
    page = phone_on(flaky.url)
    sign_in(page)
    until(lambda: page.evaluate(IS_KEPT, page.evaluate(A_FORM)))  # forms come after what waits for her
    page.goto("/")
    flaky.is_down = True
    page.locator("main a", has_text="请补充").first.tap()
    page.get_by_role("link", name="补充").first.tap()
    issue = int(page.url.split("/issues/")[1].split("/")[0])
    page.locator("textarea[name=note]").fill("建设路 5 号，已拍照")
    page.locator("input[type=file]").set_input_files(pictures)
    expect(page.locator(".shots .shot img")).to_have_count(2)
    page.get_by_role("button", name="补充").tap()
    expect(page.locator("#outbox-strip")).to_contain_text("1 条")
    flaky.is_down = False
    page.evaluate("() => outbox.drain()")
    until(lambda: page.evaluate(QUEUE) == [])
    [event] = outbox_server.rows(
        "SELECT id FROM issue_events WHERE issue_id = ? AND note = '建设路 5 号，已拍照'", issue
    )
    assert len(outbox_server.rows("SELECT id FROM photos WHERE event_id = ?", event["id"])) == 2
    assert outbox_server.rows("SELECT status FROM issues WHERE id = ?", issue)[0]["status"] == "submitted"


def test_what_waits_can_be_rescued(outbox_server, flaky, phone_on, tmp_path):
    """The ZIP is one that any tool reads, and the server imports it."""
    page = phone_on(flaky.url)
    sign_in(page, until_kept="/me")
    before = outbox_server.rows("SELECT count(*) AS n FROM visits")[0]["n"]
    firm = page.evaluate(A_FORM).split("=")[1]
    flaky.is_down = True  # before there is anything to send: a slow machine would see one go
    made = freeze(page, 2, firm=firm)
    page.goto("/me")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出到文件").tap()
    file = tmp_path / "rescued.zip"
    download.value.save_as(file)
    with zipfile.ZipFile(file) as held:
        assert held.testzip() is None
        assert len(json.loads(held.read("record.json"))["records"]) == 2
        assert len([name for name in held.namelist() if name.startswith("photos/")]) == 4
    for _time in range(2):  # twice is once
        done = flask(outbox_server.folder, "outbox", "import", str(file), "--officer", "officer")
        assert done.returncode == 0, done.stdout + done.stderr
    stored = outbox_server.rows("SELECT id, client_key FROM visits ORDER BY id")[before:]
    assert {row["client_key"] for row in stored} == {each["key"] for each in made}
    photos = "SELECT count(*) AS n FROM outbox_photos WHERE photo_id IS NOT NULL AND visit_id IN (?, ?)"
    assert outbox_server.rows(photos, *(row["id"] for row in stored))[0]["n"] == 4


def test_two_people_on_one_phone(outbox_server, flaky, phone_on):
    """A queue waits while another signs in: nothing leaks, nothing is lost, nothing is sent as somebody else."""
    with_officer = outbox_server.rows("SELECT id FROM users WHERE username = 'officer'")[0]["id"]
    other = outbox_server.rows(
        "SELECT id, username FROM users WHERE role = 'officer' AND username <> 'officer' LIMIT 1"
    )[0]
    outbox_server.rows(
        "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE username = 'officer') WHERE id = ?",
        other["id"],
    )
    page = phone_on(flaky.url)
    sign_in(page, until_kept="/")
    flaky.mishaps = 1.0
    flaky.dice.choice = lambda fates: "lost"  # type: ignore[method-assign]
    [made] = freeze(page, 1)
    page.locator("form[action='/logout'] button").last.evaluate("(button) => button.click()")
    page.wait_for_url("**/login")
    expect(page.locator("#sealed")).to_contain_text("这部手机上有 1 条记录待上传")
    until(lambda: not page.evaluate(IS_KEPT, "/"))

    page.locator("input#username").fill(other["username"])
    page.locator("input#password").fill("demo")
    page.locator("form:has(input#password) button").tap()
    page.wait_for_url(lambda url: "/login" not in url)
    flaky.mishaps = 0.0
    page.goto("/me")
    page.evaluate("() => outbox.drain()")
    expect(page.locator("#outbox")).to_contain_text("没有待上传的内容")
    # Not even a script that ignores whose it is gets it stored as hers.
    status = page.evaluate(
        """async () => { const [item] = await outbox.items();
        return (await fetch('/outbox/visits/' + item.client_key, {method: 'PUT', body: JSON.stringify(item.body),
          headers: {'Content-Type': 'application/json', 'X-Qifang-Account': item.account}})).status; }"""
    )
    assert status == 401
    assert len(page.evaluate(QUEUE)) == 1
    assert not outbox_server.rows("SELECT 1 FROM visits WHERE client_key = ?", made["key"])
    page.locator("form[action='/logout'] button").last.evaluate("(button) => button.click()")
    page.wait_for_url("**/login")
    sign_in(page)
    until(lambda: page.evaluate(QUEUE) == [])
    [row] = outbox_server.rows("SELECT officer_id FROM visits WHERE client_key = ?", made["key"])
    assert row["officer_id"] == with_officer


def test_a_new_version_waits_for_the_outbox(outbox_server, flaky, phone_on):
    page = phone_on(flaky.url)
    sign_in(page, until_kept="/")
    flaky.mishaps = 1.0
    flaky.dice.choice = lambda fates: "lost"  # type: ignore[method-assign]
    freeze(page, 1)
    shell = page.evaluate("caches.keys().then((names) => names.filter((name) => name.startsWith('shell-')))")
    assert len(shell) == 1
    flaky.rewrite = (f'RELEASE = "{shell[0].removeprefix("shell-")}"', 'RELEASE = "newer00000"')
    page.evaluate("navigator.serviceWorker.getRegistration().then((worker) => worker.update())")
    until(lambda: page.evaluate("navigator.serviceWorker.getRegistration().then((worker) => Boolean(worker.waiting))"))
    page.goto("/me")
    page.wait_for_timeout(500)
    assert page.evaluate("navigator.serviceWorker.getRegistration().then((worker) => Boolean(worker.waiting))")
    assert set(shell) <= set(page.evaluate("caches.keys()"))
    flaky.mishaps = 0.0
    page.evaluate("() => outbox.drain()")
    until(lambda: page.evaluate("navigator.serviceWorker.getRegistration().then((worker) => !worker.waiting)"))
