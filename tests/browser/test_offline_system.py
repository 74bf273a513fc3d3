"""No signal, the browser's own part: Background Sync with no page open, and a phone whose storage is full."""

import io
import os
import time

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.test_offline import (
    A_FORM,
    FORM,
    QUEUE,
    flaky,  # noqa: F401 (a fixture)
    freeze,
    phone_at,  # noqa: F401 (a fixture)
    server,  # noqa: F401 (a fixture)
    sign_in,
    until,
)

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


def test_background_sync_sends_with_no_page_open(server, phone_at):  # noqa: F811
    page = phone_at(server.url)
    sign_in(page)
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


def start_full(page, phone_at, url: str):  # noqa: F811
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


def test_a_full_phone_is_told_before_and_keeps_nothing_by_half(server, phone_at, heavy_pictures):  # noqa: F811
    page = phone_at(server.url)
    sign_in(page)
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


def test_a_full_phone_does_not_lose_a_note(server, phone_at, heavy_pictures):  # noqa: F811
    page = phone_at(server.url)
    sign_in(page)
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


def test_firms_are_found_without_a_signal(server, phone_at):  # noqa: F811
    page = phone_at(server.url)
    sign_in(page)
    [firm] = server.rows(
        """SELECT f.id, f.name, f.credit_code FROM firms f JOIN firm_officers o ON o.firm_id = f.id AND o.to_on IS NULL
        JOIN users u ON u.id = o.user_id WHERE u.username = 'officer' ORDER BY f.id LIMIT 1"""
    )
    page.goto("/firms/")
    server.kill()
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
