"""The head's phone: a case decided with one thumb, and the map without a tile server."""

import re

import docx
from playwright.sync_api import expect


def test_decide_and_look_at_the_map(phone):
    page = phone("head")
    page.locator(".tabs a", has_text="待我定夺").tap()
    page.wait_for_url("**/review/deck")
    total = int(page.locator(".bar small").inner_text().split("/")[1].split()[0])
    first = page.locator("#case").inner_text()
    page.locator(".answers > details > summary", has_text="催办").tap()
    page.locator("form[action$='/urging'] button").tap()
    expect(page.locator(".bar small")).to_contain_text(f"第 1 / {total - 1} 件")
    assert page.url.endswith("/review/deck") and page.locator("#case").inner_text() != first
    page.locator("button", has_text="先放一放").tap()
    expect(page.locator(".bar small")).to_contain_text(f"第 2 / {total - 1} 件")

    page.locator(".tabs a", has_text="地图").tap()
    page.wait_for_selector(".pin")
    pins = page.locator(".pin > div").evaluate_all("all => all.map(each => each.firstChild?.data)")
    shown = sum(int(text or 1) for text in pins)
    listed = page.evaluate("fetch('/review/map.json').then(r => r.json()).then(d => d.points.length)")
    assert 0 < shown <= listed
    assert page.locator(".place-name").inner_text() == "湛河"


def test_take_a_ledger_and_a_bulletin_along(phone):
    """From a real server, whose headers are latin-1: the files arrive under their Chinese names."""
    page = phone("office", accept_downloads=True)
    page.goto("/reports/")
    with page.expect_download() as ledger:
        page.locator("button", has_text="下载 Excel").first.tap()
    assert ledger.value.suggested_filename.startswith("问题台账_")
    page.goto("/reports/bulletins/")
    page.locator("button", has_text="取数并起草").tap()
    page.wait_for_url(re.compile(r"/reports/bulletins/\d+$"))
    page.locator("summary", has_text="更多").last.tap()
    with page.expect_download() as paper:
        page.locator("a", has_text="下载草稿 Word").tap()
    assert paper.value.suggested_filename.endswith("的通报.docx")
    assert docx.Document(paper.value.path()).tables


def test_without_scripts_the_list_says_the_same(phone):
    page = phone("head", java_script_enabled=False)
    page.goto("/review/map")
    assert page.locator(".bars a").first.is_visible()
    page.goto("/review/deck")
    page.locator(".answers > details > summary").first.tap()
    assert page.locator(".answers form").first.is_visible()
