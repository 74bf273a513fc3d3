"""The phone: a demo city on a real server, and Debian's Chromium at 390×844 looking at it."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.clock import now
from app.config import Settings
from app.db import connect, migrate
from app.demo.load import load_demo
from app.reference import load_reference
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
ZHANHE = {"latitude": 33.7, "longitude": 113.25, "accuracy": 12}
"""A point in 湛河区, the demo officer's district."""

expect.set_options(timeout=10_000)  # a machine with other work is slow, and waiting costs only where something is wrong


def pytest_collection_modifyitems(items):
    """Where Chromium cannot be had, these tests skip and say so."""
    for item in items:
        if ROOT / "tests" / "browser" in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed (apt install chromium)"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium, without the parts that look for the internet."""
    quiet = ("background-networking", "component-update", "sync", "gpu", "quic", "dev-shm-usage")
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox", *(f"--disable-{part}" for part in quiet)],
    }


@pytest.fixture(scope="session")
def loaded_city(tmp_path_factory) -> Path:
    """An instance folder with a small demo city, loaded once: also where several processes share the tests."""
    common = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent
    folder = common / "loaded-city"
    with (common / "loaded-city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            loading = common / "loading-city"
            _load(loading)
            loading.rename(folder)
    return folder


def _load(folder: Path) -> None:
    folder.mkdir()
    settings = Settings(instance=str(folder))
    migrate(settings.database)
    db = connect(settings.database)
    load_reference(db)
    load_demo(db, now=now(), photo_folder=settings.photos, scale=0.1)
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.conn.close()


@pytest.fixture
def city(loaded_city, tmp_path) -> Iterator[str]:
    """The address of a server of the test's own on a copy of the demo city."""
    folder = tmp_path / "city"
    shutil.copytree(loaded_city, folder)
    with serve(folder) as address:
        yield address


@pytest.fixture(scope="session")
def standing_city(loaded_city, tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A copy of the demo city for tests that only look: its folder, and the address of the server on it."""
    folder = tmp_path_factory.mktemp("standing") / "city"
    shutil.copytree(loaded_city, folder)
    with serve(folder) as address:
        yield folder, address


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """A real server on this instance folder, on a free port; its log lies beside the folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "QIFANG_INSTANCE": str(folder), "QIFANG_PORT": str(port)}
    with (folder.parent / "server.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen([sys.executable, "wsgi.py"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(url: str, server: subprocess.Popen) -> None:
    """Until the server answers, a minute at most: the machine may be busy."""
    for _ in range(600):
        assert server.poll() is None, "the server ended before it answered"
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 (our own server)
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer")


@pytest.fixture
def phone(browser: Browser, city: str) -> Iterator[Callable[..., Page]]:
    """phone("officer"): a phone of its own, signed in by one tap on the sign-in page; phone(None): a stranger."""
    contexts: list[BrowserContext] = []

    def pick_up(account: str | None, **more) -> Page:
        context = browser.new_context(
            **{
                "base_url": city,
                "viewport": {"width": 390, "height": 844},
                "device_scale_factor": 2,
                "has_touch": True,
                "is_mobile": True,
                "locale": "zh-CN",
                "timezone_id": "Asia/Shanghai",
                "geolocation": ZHANHE,
                "permissions": ["geolocation", "clipboard-write"],
                **more,
            }
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: "Content Security Policy" in line.text and complaints.append(line.text))
        page.complaints = complaints  # type: ignore[attr-defined]
        if account:
            page.goto("/login")
            page.locator(f"form:has(input[value={account}]) button").tap()
            page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield pick_up
    for context in contexts:
        for page in context.pages:
            assert page.complaints == [], "a script failed or broke the content security policy"  # type: ignore[attr-defined]
        context.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> list[str]:
    """Two photos as a phone's camera leaves them: 4,000 × 3,000 pixels."""
    folder = tmp_path_factory.mktemp("camera")
    paths = []
    for nth, colour in enumerate([(60, 110, 160), (150, 90, 60)]):
        path = folder / f"IMG_{nth}.jpg"
        path.write_bytes(factories.jpeg_bytes(size=(4000, 3000), colour=colour))
        paths.append(str(path))
    return paths
