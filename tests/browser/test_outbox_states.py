"""What the outbox says of each record, and what it does with it: sent again, parked, put right, once."""

import time

from playwright.sync_api import expect

from tests.browser.outbox import A_FORM, FORM, QUEUE, freeze, open_form, sign_in, until


def test_a_refused_record_is_parked_and_put_right(outbox_server, phone_on):
    page = phone_on(outbox_server.url)
    sign_in(page)
    open_form(page)
    page.locator(FORM).fill("内容")
    page.locator("#problem-0 > summary").tap()
    page.locator("textarea[name=issues-0-description]").fill("没有写标题")
    page.get_by_role("button", name="提交走访").tap()
    expect(page.get_by_role("alert")).to_contain_text("请选择问题类别")
    [item] = page.evaluate(QUEUE)
    assert item["state"] == "refused"
    page.goto("/me")
    expect(page.locator("#outbox")).to_contain_text("没有收下，请修改后再发")
    freeze(page, 1)  # another record is not held up
    page.evaluate("() => outbox.drain()")
    until(lambda: len(page.evaluate(QUEUE)) == 1)
    with page.expect_download() as download:
        page.get_by_role("button", name="导出到文件").tap()
    assert download.value.suggested_filename.endswith(".zip")
    page.get_by_role("link", name="打开修改").tap()
    expect(page.locator(FORM)).to_have_value("内容")
    page.locator("#problem-0").get_by_text("水电气暖用能", exact=True).tap()
    page.locator("input[name=issues-0-title]").fill("线路老化")
    page.get_by_role("button", name="提交走访").tap()
    expect(page.locator("#messages")).to_contain_text("已入库：走访 1 条，问题 1 件")
    assert page.evaluate(QUEUE) == []


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(outbox_server, flaky, phone_on):
    page = phone_on(flaky.url)
    sign_in(page)
    flaky.mishaps = 1.0
    flaky.dice.choice = lambda fates: "busy"  # type: ignore[method-assign]
    made = freeze(page, 2)
    page.goto("/me")
    begun = time.monotonic()
    expect(page.locator("#outbox [data-list] .row").first).to_contain_text("服务器忙，稍后自动再发")
    expect(page.locator("#outbox [data-list] .row")).to_have_count(2)
    page.evaluate("() => outbox.drain()")  # impatience does not help
    page.evaluate("() => outbox.drain()")
    assert flaky.log == ["busy"]
    page.goto("/")
    expect(page.locator("#outbox-strip")).to_contain_text("2 条记录待上传，服务器忙，稍后自动再发")
    flaky.mishaps = 0.0
    until(lambda: page.evaluate(QUEUE) == [])  # by itself
    assert time.monotonic() - begun > 2
    for each in made:
        assert len(outbox_server.rows("SELECT 1 FROM visits WHERE client_key = ?", each["key"])) == 1


def test_whatever_a_busy_server_says_of_when(flaky, phone_on):
    """An hour at the most, and none where it says nothing that can be read."""
    page = phone_on(flaky.url)
    sign_in(page)
    flaky.dice.choice = lambda fates: "busy"  # type: ignore[method-assign]
    for asked in ("", "nonsense", "Wed, 21 Oct 2015 07:28:00 GMT", "99999999"):
        flaky.mishaps, flaky.retry_after = 1.0, asked
        freeze(page, 1)
        page.evaluate("() => outbox.drain()")
        left = page.evaluate("async () => ((await outbox.items())[0].not_before || 0) - Date.now()")
        assert 3_500_000 < left <= 3_600_000 if asked.isdigit() else left <= 0, asked
        if not asked.isdigit():
            flaky.mishaps = 0.0
            page.evaluate("() => outbox.drain()")
            assert page.evaluate(QUEUE) == [], asked


_LOST = ("没有连上服务器，会自动再发", "Server not reached; it will be sent again by itself")
_BUSY = ("服务器忙，稍后自动再发", "The server is busy; it will be sent again by itself")
_SIGNED_OUT = ("等待用本账号登录", "Waits for this account to sign in")
STATES = (  # what the outbox keeps of the last try → what the row says of it
    ({"why": 0, "tries": 1}, _LOST),  # no network, a time-out, a cut, a lost reply, a hotel's page
    ({"why": 401}, _SIGNED_OUT),
    ({"why": 403}, _SIGNED_OUT),
    ({"why": 429}, _BUSY),
    ({"why": 500}, _BUSY),
    ({"why": 503}, _BUSY),
    ({"stored": True, "why": 503}, ("已入库 0/1 · " + _BUSY[0], "Photos stored 0/1 · " + _BUSY[1])),
    ({"why": 0, "tries": 1}, ("已入库 0/1 · " + _LOST[0], "Photos stored 0/1 · " + _LOST[1])),
    ({"state": "conflict"}, ("与已入库的内容不一致", "Differs from what is stored")),
    ({"state": "refused"}, ("没有收下，请修改后再发", "Refused, please change it and send again")),
)
KEEP_OF_A_TRY = """
async (kept) => { const [item] = await outbox.items(); await outbox.update(item.client_key, kept); outbox.tell(); }
"""
FORGET = """
async () => { for (const item of await outbox.items()) await outbox.remove(item.client_key); outbox.tell(); }
"""


def test_every_state_has_its_words(outbox_server, phone_on):
    page = phone_on(outbox_server.url)
    sign_in(page)
    firm = page.evaluate(A_FORM).split("=")[1]
    for nth, language in enumerate(("zh", "en")):
        page.goto("/me")
        with page.expect_navigation(wait_until="commit"):
            page.locator(f"button[name=value][value={language}]").tap()
        expect(page.locator("html")).to_have_attribute("lang", "en" if nth else "zh-Hans")
        page.context.set_offline(True)
        freeze(page, 1, photos=lambda nth: 1, firm=firm)
        row = page.locator("#outbox [data-list] .row")
        for kept, words in STATES:
            page.evaluate(KEEP_OF_A_TRY, kept)
            expect(row.locator("p").first).to_have_text(words[nth])
        page.evaluate(FORGET)
        expect(row).to_have_count(0)
        page.context.set_offline(False)


HASTE = """
(() => {
  const own = window.setTimeout;
  window.setTimeout = (work, ms, ...more) => own(work, ms >= 30000 && ms < 40000 ? 200 : ms, ...more);
})()
"""
"""The half minute that an answer may take passes in a fifth of a second."""


def test_what_is_not_answered_in_time_is_sent_again(outbox_server, phone_on):
    page = phone_on(outbox_server.url, service_workers="block")  # which would send it too, and wait for longer
    page.add_init_script(HASTE)
    sign_in(page)
    before = outbox_server.rows("SELECT count(*) AS n FROM visits")[0]["n"]
    page.route("**/outbox/visits/*", lambda route: None)  # taken, and no word since
    freeze(page, 1, photos=lambda nth: 1)
    page.goto("/me")
    expect(page.locator("#outbox [data-list] .row p").first).to_have_text(_LOST[0])
    assert len(page.evaluate(QUEUE)) == 1
    page.unroute("**/outbox/visits/*")
    until(lambda: page.evaluate("() => outbox.drain().catch(() => 1)") == 0)
    assert outbox_server.rows("SELECT count(*) AS n FROM visits")[0]["n"] == before + 1


TWO_UNDER_ONE_KEY = """
async (firm) => {
  const key = outbox.uuid(), headers = {"Content-Type": "application/json", "X-Qifang-Account": outbox.account};
  const body = {schema: 1, record: {firm_id: firm, mode: "phone", notes: "先到的一份", visited_at: "2026-11-20T10:00"}};
  const answer = await fetch("/outbox/visits/" + key, {method: "PUT", body: JSON.stringify(body), headers});
  const other = {...body, record: {...body.record, notes: "后到的一份"}};
  await outbox.freeze({client_key: key, kind: "visit", title: "第二份", edit: "/visits/new", photos: [], body: other});
  await outbox.drain();
  return [key, answer.status];
}
"""


def test_another_content_under_the_same_key_is_parked_with_a_link_to_it(outbox_server, phone_on):
    page = phone_on(outbox_server.url)
    sign_in(page)
    key, status = page.evaluate(TWO_UNDER_ONE_KEY, page.evaluate(A_FORM).split("=")[1])
    assert status == 200
    until(lambda: [item["state"] for item in page.evaluate(QUEUE)] == ["conflict"])
    [item] = page.evaluate(QUEUE)
    assert item["state"] == "conflict"
    page.goto("/me")
    row = page.locator("#outbox [data-list] .row")
    expect(row).to_contain_text("与已入库的内容不一致")
    expect(row).to_contain_text(item["message"])
    row.get_by_role("link", name="查看已入库的内容").tap()
    expect(page.locator("main")).to_contain_text("先到的一份")
    [stored] = outbox_server.rows("SELECT id FROM visits WHERE client_key = ?", key)
    assert page.url.endswith(f"/visits/{stored['id']}")
    assert page.evaluate(QUEUE) == [item]  # kept until she says otherwise


TOO_LARGE = """
async (firm) => {
  const key = outbox.uuid(), photo = outbox.uuid();
  const blob = new Blob([new Uint8Array(21 * 1024 * 1024)], {type: "image/jpeg"});
  const photos = [{key: photo, sha256: await outbox.sha256(blob), field: "photos"}];
  const body = {schema: 1, record: {firm_id: firm, mode: "phone", visited_at: "2026-11-20T10:00"}, photos};
  const item = {client_key: key, kind: "visit", title: "大照片", photos: [{key: photo}], body};
  await outbox.freeze(item, [{key: photo, item: key, blob}]);
  return key;
}
"""


def test_a_photo_that_is_too_large_is_parked_and_the_visit_stands(outbox_server, phone_on):
    page = phone_on(outbox_server.url)
    sign_in(page)
    key = page.evaluate(TOO_LARGE, page.evaluate(A_FORM).split("=")[1])
    page.evaluate("() => outbox.drain()")
    until(lambda: [item["state"] for item in page.evaluate(QUEUE)] == ["refused"])
    page.goto("/me")
    expect(page.locator("#outbox [data-list] .row")).to_contain_text("每张不超过 20 MB")
    page.get_by_role("button", name="去掉读不了的照片").tap()
    expect(page.locator("#outbox")).to_contain_text("没有待上传的内容")
    assert len(outbox_server.rows("SELECT 1 FROM visits WHERE client_key = ?", key)) == 1


AS_OLDER_PAGES_KEPT_THEM = """
async () => {
  const [item] = await outbox.items(), photos = await outbox.photosOf(item.client_key);
  await outbox.change(["blobs"], (store) => photos.forEach(({key, item, blob}) => store.put({key, item, blob})));
}
"""
KEPT_AS = """
async () => (await outbox.change(["blobs"], (store) => outbox.ask(store.getAll()))).map((row) =>
  Object.keys(row).sort())
"""


def test_photos_are_kept_as_bytes_and_those_of_older_pages_are_sent_too(outbox_server, phone_on):
    """WebKit keeps no Blob where a window is private: there a visit with photos could not wait."""
    page = phone_on(outbox_server.url)
    sign_in(page)
    firm = page.evaluate(A_FORM).split("=")[1]
    page.context.set_offline(True)
    [made] = freeze(page, 1, firm=firm)
    assert page.evaluate(KEPT_AS) == [["bytes", "item", "key", "type"]] * 2
    page.evaluate(AS_OLDER_PAGES_KEPT_THEM)
    assert page.evaluate(KEPT_AS) == [["blob", "item", "key"]] * 2
    page.context.set_offline(False)
    page.evaluate("() => outbox.drain()")
    until(lambda: page.evaluate(QUEUE) == [])
    stored = outbox_server.rows(
        "SELECT original_sha256 AS hash FROM photos p JOIN visits v ON v.id = p.visit_id WHERE v.client_key = ?",
        made["key"],
    )
    assert sorted(row["hash"] for row in stored) == made["hashes"]


def test_two_tabs_on_one_draft(outbox_server, phone_on):
    page = phone_on(outbox_server.url)
    sign_in(page)
    open_form(page)
    page.locator(FORM).fill("第一页写的")
    expect(page.locator("#draft-state")).to_contain_text("草稿已存")
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator(FORM)).to_have_value("第一页写的")
    keys = [each.locator("input[name=client_key]").input_value() for each in (page, second)]
    assert keys[0] == keys[1]
    page.get_by_role("button", name="提交走访").tap()
    expect(page.locator("#messages")).to_contain_text("已入库")
    expect(second.locator("#draft-note")).to_contain_text("已在另一个页面提交")
    expect(second.get_by_role("button", name="提交走访")).to_be_disabled()
    assert len(outbox_server.rows("SELECT 1 FROM visits WHERE client_key = ?", keys[0])) == 1


def test_an_old_browser_works_online(outbox_server, phone_on):
    page = phone_on(outbox_server.url)
    page.add_init_script("Object.defineProperty(self, 'indexedDB', {value: undefined})")
    sign_in(page)
    expect(page.locator("[data-unable]")).to_contain_text("这个浏览器不能离线使用")
    open_form(page)
    page.get_by_role("button", name="提交走访").tap()
    expect(page.locator("#messages")).to_contain_text("已入库：走访 1 条")
