"""Phones and servers that die in the middle, a browser that sends with no page open, a phone without room."""

import io
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.outbox import A_FORM, FORM, HELD, LAST, QUEUE, freeze, network_before, sign_in, until


def kill_browser(folder: Path) -> None:
    """SIGKILL for every process of the browser that lives in this folder, and no other."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"--user-data-dir={folder}".encode() in path.read_bytes().split(b"\0"):
                os.kill(int(path.parent.name), signal.SIGKILL)
    time.sleep(0.5)
    for lock in folder.glob("Singleton*"):
        lock.unlink(missing_ok=True)


def test_from_the_factory_gate_to_the_next_signal(server, phone_at, tmp_path, pictures):
    page = phone_at(server.url)
    sign_in(page, until_kept=LAST)
    firm = page.evaluate(A_FORM)
    before = server.rows("SELECT count(*) AS n FROM visits")[0]["n"]

    # The signal is gone: the server cannot be reached, and the phone knows.
    server.kill()
    page.context.set_offline(True)
    for url, heading in (
        ("/", "今日"),
        ("/firms/", "企业"),
        (firm.replace("/visits/new?firm_id=", "/firms/"), None),
        (firm, "记走访"),
    ):
        page.goto(url)
        if heading:
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page.locator("#offline")).to_contain_text("离线内容")
        expect(page.locator("#offline")).to_contain_text("保存")
    page.goto("/review/")
    expect(page.get_by_role("heading", level=1)).to_have_text("这一页没有存在手机里")
    page.goto(firm)
    page.locator(FORM).fill("断网时记的走访")
    page.locator("input[name=photos]").set_input_files(pictures)
    expect(page.locator("[data-photos] .shot img").nth(1)).to_be_visible()
    page.get_by_role("button", name="报问题").tap()
    page.locator("#problem-0").get_by_text("水电气暖用能", exact=True).tap()
    page.locator("input[name=issues-0-title]").fill("线路老化经常停电")
    page.locator("input[name=issues-0-photos]").set_input_files(pictures[:1])
    expect(page.locator("#problem-0 .shot img")).to_be_visible()
    expect(page.locator("#draft-state")).to_contain_text("草稿已存")
    page.wait_for_timeout(1200)

    # The phone dies. After it is on again, without a signal still, everything is there.
    kill_browser(tmp_path / "phone")
    page = phone_at(server.url)
    page.context.set_offline(True)
    page.goto(firm)
    expect(page.locator("#draft-note")).to_contain_text("已恢复")
    expect(page.locator(FORM)).to_have_value("断网时记的走访")
    expect(page.locator("[data-photos] .shot img")).to_have_count(3)
    expect(page.locator("input[name=issues-0-title]")).to_have_value("线路老化经常停电")
    page.get_by_role("button", name="提交走访").tap()
    expect(page.locator("#outbox-strip")).to_contain_text("离线：1 条记录待上传，联网后自动发送")
    page.get_by_role("link", name="查看").tap()
    expect(page.locator("#outbox [data-list] .row")).to_have_count(1)
    held = page.evaluate(HELD)
    assert len(held) == 3

    # A signal again.
    server.start()
    page.context.set_offline(False)
    page.goto("/")
    if "/login" in page.url:  # the browser was killed before it wrote its cookies: the record waits for its own account
        expect(page.locator("#sealed")).to_contain_text("这部手机上有 1 条记录待上传")
        sign_in(page)
    until(lambda: page.evaluate(QUEUE) == [])
    visits = server.rows("SELECT id, notes FROM visits ORDER BY id")[before:]
    assert [row["notes"] for row in visits] == ["断网时记的走访"]
    issues = server.rows("SELECT id, title FROM issues WHERE visit_id = ?", visits[0]["id"])
    assert [row["title"] for row in issues] == ["线路老化经常停电"]
    stored = server.rows(
        "SELECT original_sha256 FROM photos WHERE visit_id = ? OR issue_id = ?", visits[0]["id"], issues[0]["id"]
    )
    assert sorted(row["original_sha256"] for row in stored) == held
    page.goto(firm)
    expect(page.locator("#draft-note")).to_be_hidden()
    expect(page.locator(FORM)).to_have_value("")


RECORDS = int(os.environ.get("QIFANG_TEST_RECORDS", "200"))


def test_many_records_through_a_bad_network_and_a_killed_server(server, phone_on):
    with network_before(server.port) as flaky:
        page = phone_on(flaky.url)
        sign_in(page)
        before = server.rows("SELECT count(*) AS n FROM visits")[0]["n"]
        made = freeze(page, RECORDS, photos=lambda nth: nth % 3)  # none, one, two
        page.evaluate("() => { outbox.drain(); }")
        until(lambda: server.rows("SELECT count(*) AS n FROM visits")[0]["n"] - before >= RECORDS // 3, 60)
        server.kill()
        time.sleep(0.5)
        server.start()
        for _ in range(200 + RECORDS * 4):
            left = page.evaluate("() => outbox.drain().catch(() => 1)")
            if not left:
                break
            time.sleep(0.05)
        assert page.evaluate(QUEUE) == []
    assert {"lost", "cut", "reply lost", "reply cut", "hotel"} <= set(flaky.log)
    stored = server.rows("SELECT id, client_key FROM visits ORDER BY id")[before:]
    assert len(stored) == RECORDS
    ids = {row["client_key"]: row["id"] for row in stored}
    assert set(ids) == {each["key"] for each in made}
    for each in made:
        rows = server.rows("SELECT original_sha256 FROM photos WHERE visit_id = ?", ids[each["key"]])
        assert sorted(row["original_sha256"] for row in rows) == each["hashes"]


STORES = """
async () => outbox.change(["queue", "blobs", "drafts"], async (...stores) =>
  Promise.all(stores.map((store) => outbox.ask(store.count()))), "readonly")
"""


@pytest.fixture(scope="module")
def heavy_pictures(tmp_path_factory) -> list[str]:
    """Photos that stay above a megabyte each however they are packed: noise."""
    folder = tmp_path_factory.mktemp("heavy")
    paths = []
    for nth in range(2):
        file = io.BytesIO()
        Image.frombytes("RGB", (1600, 1200), os.urandom(1600 * 1200 * 3)).save(file, "JPEG", quality=85)
        (folder / f"{nth}.jpg").write_bytes(file.getvalue())
        paths.append(str(folder / f"{nth}.jpg"))
    return paths


def settle(page) -> None:
    """Until the browser's own first sync has given up (its pauses are three seconds at most)."""
    tries, since = -1, time.monotonic()
    while time.monotonic() - since < 4:
        found = page.evaluate("async () => (await outbox.items()).reduce((sum, item) => sum + item.tries, 0)")
        if found != tries:
            tries, since = found, time.monotonic()
        page.wait_for_timeout(200)


def test_background_sync_sends_with_no_page_open(server, phone_at):
    page = phone_at(server.url)
    sign_in(page, until_kept=LAST)
    context = page.context
    firm = page.evaluate(A_FORM).split("=")[1]
    server.kill()
    made = freeze(page, 2, firm=firm)
    settle(page)
    blank = context.new_page()
    devtools = context.new_cdp_session(blank)
    found: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(
            each["registrationId"] for each in event["registrations"] if each["scopeURL"].startswith(server.url)
        ),
    )
    devtools.send("ServiceWorker.enable")
    page.close()
    server.start()
    until(lambda: blank.evaluate("1") and found)
    blank.wait_for_timeout(1500)
    count = "SELECT count(*) AS n FROM visits WHERE client_key IN (?, ?)"
    keys = [each["key"] for each in made]
    assert server.rows(count, *keys)[0]["n"] == 0, "something else than the sync has sent it"
    assert all(not each.url.startswith(server.url) for each in context.pages)
    devtools.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": server.url, "registrationId": found[0], "tag": "outbox", "lastChance": False},
    )
    until(lambda: blank.evaluate("1") and server.rows(count, *keys)[0]["n"] == 2)
    photos = "SELECT count(*) AS n FROM outbox_photos WHERE photo_id IS NOT NULL"
    until(lambda: blank.evaluate("1") and server.rows(photos)[0]["n"] == 4)
    page = context.new_page()
    page.goto(f"{server.url}/me")
    until(lambda: page.evaluate(QUEUE) == [])


KILLED_WHILE_IT_TRIED = """
async () => outbox.change(["blobs"], (blobs) => {
  blobs.put({key: "probe", item: "probe", blob: new Blob([new Uint8Array(100_000)])});
})
"""


def start_full(page, phone_at, url: str):
    """The same phone started again with 600 KB left for this site; its page, at the same address.

    A browser remembers for a while how much was free, so the limit must be there before the store is opened. It was
    killed while it tried how much room there is: what it tried with is still there.
    """
    address = page.url
    page.goto("/me")  # a page that does not try
    page.evaluate(KILLED_WHILE_IT_TRIED)
    usage = page.evaluate("async () => (await navigator.storage.estimate()).usage")
    page.context.close()
    page = phone_at(url)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": url, "quotaSize": usage + 600_000})
    page.devtools = devtools  # the limit holds as long as the session
    page.goto(address)
    return page


def test_a_full_phone_is_told_before_and_keeps_nothing_by_half(server, phone_at, heavy_pictures):
    page = phone_at(server.url)
    sign_in(page, until_kept=LAST)
    page.goto(page.evaluate(A_FORM))
    page.locator(FORM).fill("先写的")
    expect(page.locator("#draft-state")).to_contain_text("草稿已存")
    page = start_full(page, phone_at, server.url)
    expect(page.locator("#draft-note")).to_contain_text("手机存储快满了")  # before she goes on
    expect(page.locator(FORM)).to_have_value("先写的")
    before = page.evaluate(STORES)

    page.locator(FORM).fill("后写的")
    page.locator("input[name=photos]").set_input_files(heavy_pictures)
    expect(page.locator("[data-photos] .shot img")).to_have_count(2)
    expect(page.locator("#draft-state")).to_contain_text("手机存储快满了")
    assert page.evaluate(STORES) == before == [0, 0, 1]
    [draft] = page.evaluate(
        "async () => outbox.change(['drafts'], (drafts) => outbox.ask(drafts.getAll()), 'readonly')"
    )
    assert draft["fields"]["notes"][0] in ("先写的", "后写的") and draft["photos"] == []

    # No network and no room: told, nothing kept by half, and what she wrote is still in front of her.
    page.context.set_offline(True)
    page.evaluate(
        "document.querySelector('#draft-note b').textContent = ''"
    )  # it says so already: told anew is waited for
    page.get_by_role("button", name="提交走访").tap()
    expect(page.locator("#draft-note")).to_contain_text("请清理后再记，或联网直接提交")
    assert page.evaluate(STORES) == before
    expect(page.locator(FORM)).to_have_value("后写的")
    expect(page.locator("[data-photos] .shot img")).to_have_count(2)

    # With a network it goes the plain way, whole and once.
    page.context.set_offline(False)
    page.get_by_role("button", name="提交走访").tap()
    expect(page.locator("#messages")).to_contain_text("已入库：走访 1 条，照片 2 张")
    assert page.evaluate(QUEUE) == []
    assert len(server.rows("SELECT 1 FROM visits WHERE notes = '后写的'")) == 1


def test_a_full_phone_does_not_lose_a_note(server, phone_at, heavy_pictures):
    page = phone_at(server.url)
    sign_in(page, until_kept=LAST)
    page.goto("/")
    page.locator("main a", has_text="请补充").first.tap()
    page.get_by_role("link", name="补充").first.tap()
    expect(page.locator("textarea[name=note]")).to_be_visible()
    page = start_full(page, phone_at, server.url)
    expect(page.locator("#messages")).to_contain_text("手机存储快满了")  # before she goes on
    page.locator("textarea[name=note]").fill("建设路 5 号")
    page.locator("input[type=file]").set_input_files(heavy_pictures)
    expect(page.locator(".shots .shot img")).to_have_count(2)
    page.context.set_offline(True)
    address = page.url
    page.get_by_role("button", name="补充").tap()
    expect(page.locator("#messages")).to_contain_text("没有存上")
    assert page.url == address and page.evaluate(STORES)[:2] == [0, 0]
    expect(page.locator("textarea[name=note]")).to_have_value("建设路 5 号")
    page.context.set_offline(False)
    page.get_by_role("button", name="补充").tap()
    page.wait_for_url(lambda url: not url.endswith("/supplement"))
    [event] = server.rows("SELECT id FROM issue_events WHERE note = '建设路 5 号'")
    assert len(server.rows("SELECT id FROM photos WHERE event_id = ?", event["id"])) == 2
