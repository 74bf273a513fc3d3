"""Draw the six roles' first pages, on a phone and on a desk, from a fresh demo city: `make screenshots`."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ROLES = ("officer", "handler", "dispatcher", "head", "office", "auditor")
SIZES = {390: 844, 1280: 800}


def main() -> None:
    """Load a city, serve it, look at it, put everything away."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("Chromium is needed (apt install chromium fonts-noto-cjk).")
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {**os.environ, "QIFANG_INSTANCE": folder, "QIFANG_PORT": str(port)}
        flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
        for command in (["migrate"], ["demo", "load"]):
            subprocess.run([*flask, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([sys.executable, "wsgi.py"], cwd=ROOT, env=environment)
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_for(f"{base}/healthz")
            with sync_playwright() as playwright:
                arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
                browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
                for role in ROLES:
                    for width, height in SIZES.items():
                        page = _signed_in(browser, base, role, width, height)
                        _draw(page, f"{role}-{width}")
                        if role == "officer" and width == 390:
                            _visit_form(page, base)
                        page.context.close()
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 (our own server)
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not answer.")


def _signed_in(browser: Browser, base: str, role: str, width: int, height: int) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if width < 600 else 1,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        geolocation={"latitude": 33.7, "longitude": 113.25, "accuracy": 12},
        permissions=["geolocation"],
    )
    page = context.new_page()
    page.goto(f"{base}/login")
    if role == "officer":
        _draw(page, f"login-{width}")
    page.locator(f"form:has(input[value={role}]) button").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.wait_for_load_state("networkidle")
    return page


def _visit_form(page: Page, base: str) -> None:
    page.goto(f"{base}/firms/")
    page.locator("#firms-list a:has(strong)").first.click()
    page.locator(".actions a.main").click()
    page.locator("#place p", has_text="±").wait_for()
    page.locator("[data-add-problem]").click()
    page.locator("#problem-0").get_by_text("水电气暖用能", exact=True).click()
    page.locator("input[name=issues-0-title]").fill("变压器增容申请两个月没有答复")
    page.locator("#problem-0 .forecast:visible").scroll_into_view_if_needed()
    page.mouse.move(0, 0)
    _draw(page, "visit-390")


def _draw(page: Page, name: str) -> None:
    path = HERE / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
    print(path.relative_to(ROOT), path.stat().st_size // 1024, "KB")


if __name__ == "__main__":
    main()
