"""What comes out of the printer: A4, nothing that only a screen needs, number and moment, nothing covers anything."""

import re
import shutil
import subprocess
import zipfile
from io import BytesIO
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler is missing (apt install poppler-utils)"
)
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</word>')
PRINTED = re.compile(r"2\d{3}-\d\d-\d\d \d\d:\d\d")
ONLY_ON_SCREENS = ("跳到正文", "消息", "退出登录", "更多", "返回", "搜索", "打印这页")


@pytest.fixture
def desk(standing_city, browser):
    """desk(role): a wide window on the city that only is looked at, signed in."""
    contexts = []

    def sit_down(role: str) -> Page:
        context = browser.new_context(
            base_url=standing_city[1],
            viewport={"width": 1280, "height": 800},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto("/login")
        page.locator(f"form:has(input[value={role}]) button").click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield sit_down
    for context in contexts:
        context.close()


def first_of(page: Page, list_url: str, pattern: str) -> str:
    """The first address on a list that looks like this."""
    page.goto(list_url)
    found = page.eval_on_selector_all("main a[href]", "links => links.map(each => each.getAttribute('href'))")
    return next(url for url in found if re.fullmatch(pattern, url))


def sheets(page: Page, url: str, folder: Path) -> list[list[tuple[float, float, float, float, str]]]:
    """The words of each sheet with their boxes, in points, as the page prints.

    A box is as high as the line asks of its typeface, about twice its letters: the middle of it is taken.
    """
    page.goto(url)
    page.evaluate("document.querySelectorAll('img[loading]').forEach(each => { each.loading = 'eager' })")
    page.wait_for_load_state("networkidle")
    path = folder / "printed.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert "A4" in told, told
    boxes = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    return [
        [
            (float(x1), float(y1) * 0.7 + float(y2) * 0.3, float(x2), float(y1) * 0.3 + float(y2) * 0.7, text)
            for x1, y1, x2, y2, text in WORD.findall(sheet)
        ]
        for sheet in boxes.split("<page ")[1:]
    ]


def covered(words) -> list[str]:
    """Pairs of words that lie on each other by more than a third of the smaller one."""
    found = []
    for (ax1, ay1, ax2, ay2, a), (bx1, by1, bx2, by2, b) in combinations(words, 2):
        wide, high = min(ax2, bx2) - max(ax1, bx1), min(ay2, by2) - max(ay1, by1)
        least = min((ax2 - ax1) * (ay2 - ay1), (bx2 - bx1) * (by2 - by1))
        if wide > 0 and high > 0 and wide * high > least / 3:
            found.append(f"{a} / {b}")
    return found


def texts_of(found) -> list[str]:
    """What each sheet says, without spaces."""
    return ["".join(word[4] for word in words) for words in found]


PAGES = [
    ("officer", "/issues/?status=closed", r"/issues/\d+"),
    ("handler", "/issues/?status=in_progress", r"/issues/\d+"),
    ("officer", "/visits/", r"/visits/\d+"),
    ("officer", "/firms/", r"/firms/\d+"),
    ("officer", "/issues/", None),
    ("officer", "/firms/", None),
    ("officer", "/visits/", None),
    ("office", "/issues/", None),
    ("office", "/review/", None),
    ("head", "/review/", None),
    ("auditor", "/office/audit/", None),
]


@pytest.mark.parametrize(("role", "url", "pattern"), PAGES)
def test_on_paper(desk, tmp_path, role, url, pattern):
    page = desk(role)
    address = first_of(page, url, pattern) if pattern else url
    found = sheets(page, address, tmp_path)
    title = page.locator("h1").inner_text().replace(" ", "")
    said = texts_of(found)
    assert title in said[0], "the title, with an issue's number"
    for nth, (words, text) in enumerate(zip(found, said, strict=True), start=1):
        assert len(words) > 8, f"sheet {nth} of {len(found)} is all but empty"
        assert not covered(words), f"sheet {nth}: {covered(words)[:5]}"
        assert f"{nth}/{len(found)}" in text, "each sheet says which it is of how many"
        for word in ONLY_ON_SCREENS:
            # The audit log tells of people who signed out, in the words of the button.
            assert word not in text or (word == "退出登录" and "/audit/" in url), word
        assert max(word[2] for word in words) < 595 - 30, "nothing runs out of the sheet"
    assert re.search(r"企访通.*2\d{3}-\d\d-\d\d\d\d:\d\d", said[-1]), "who printed it, and when"


def test_the_firms_slip(desk, tmp_path):
    """What is handed to the firm: the code, the address to type, until when; nothing of our own bookkeeping."""
    page = desk("officer")
    waiting = first_of(page, "/issues/?status=callback", r"/issues/\d+")
    page.goto(waiting)
    page.locator("form[action$='/firm-link'] button, a[href$='/firm-link']").first.click()
    page.wait_for_url("**/firm-link")
    link = page.locator("#firm-link").input_value()
    (words,) = sheets(page, page.url, tmp_path)
    text = "".join(word[4] for word in words)
    assert link.split("/c/")[1] in text and "前有效" in text and "扫码" in text
    assert "生成时间" not in text and "复制" not in text


def test_a_bulletin(desk, tmp_path):
    page = desk("office")
    page.goto("/reports/bulletins/")
    if not page.locator("main a[href^='/reports/bulletins/']").count():
        page.request.post("/reports/bulletins/", form={"from": "2026-09-01", "to": "2026-10-31"})
    found = sheets(page, first_of(page, "/reports/bulletins/", r"/reports/bulletins/\d+"), tmp_path)
    said = texts_of(found)
    assert "通报" in said[0] and "改文字" not in said[0] and "发送" not in said[0]
    assert not any(covered(words) for words in found)


def test_stamped_photos_of_an_issue(desk):
    """As the reader of the page gets them."""
    page = desk("office")
    page.goto("/issues/?status=closed")
    issues = page.eval_on_selector_all(
        "main a[href^='/issues/']", "links => links.map(each => each.getAttribute('href'))"
    )
    for url in dict.fromkeys(each for each in issues if re.fullmatch(r"/issues/\d+", each)):
        page.goto(url)
        if page.locator("a[href$='/photos.zip']").count():
            break
    answer = page.request.get(f"{url}/photos.zip")
    assert answer.status == 200
    assert zipfile.ZipFile(BytesIO(answer.body())).namelist()
