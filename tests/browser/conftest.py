"""The phone: a demo city on a real server, and Debian's Chromium at 390×844 looking at it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.clock import now
from app.config import Settings
from app.db import connect
from app.demo.load import load_demo
from tests import factories
from tests.browser.outbox import Flaky, Server, network_before

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
def loaded_city(once, migrated) -> Path:
    """An instance folder with a small demo city."""

    def load(folder: Path) -> None:
        settings = Settings(instance=str(folder))
        shutil.copyfile(migrated, settings.database)
        db = connect(settings.database)
        load_demo(db, now=now(), photo_folder=settings.photos, scale=0.1)
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.conn.close()

    return once("loaded-city", load)


@pytest.fixture(scope="session")
def standing_city(loaded_city, tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A copy of the demo city for tests that only look: its folder, and the address of the server on it."""
    folder = tmp_path_factory.mktemp("standing") / "city"
    shutil.copytree(loaded_city, folder)
    with serve(folder) as server:
        yield folder, server.url


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """A real server on this folder, which is thrown away: nobody waits for a tidy end. Its log lies beside it."""
    server = Server(folder)
    try:
        yield server.start()
    finally:
        server.kill()


@pytest.fixture
def server(loaded_city, tmp_path) -> Iterator[Server]:
    """A server of the test's own on a copy of the demo city, to be killed and started again."""
    folder = tmp_path / "city"
    shutil.copytree(loaded_city, folder)
    with serve(folder) as server:
        yield server


@pytest.fixture
def city(server: Server) -> str:
    """The address of such a server."""
    return server.url


@pytest.fixture(scope="session")
def outbox_server(loaded_city, tmp_path_factory) -> Iterator[Server]:
    """A server that stands for all tests that send records: each looks for its own."""
    folder = tmp_path_factory.mktemp("outbox") / "city"
    shutil.copytree(loaded_city, folder)
    with serve(folder) as server:
        yield server


@pytest.fixture
def flaky(outbox_server: Server) -> Iterator[Flaky]:
    """A bad network before it."""
    with network_before(outbox_server.port) as network:
        yield network


PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}


@pytest.fixture
def phone(browser: Browser, city: str) -> Iterator[Callable[..., Page]]:
    """phone("officer"): a phone of its own, signed in by one tap on the sign-in page; phone(None): a stranger."""
    contexts: list[BrowserContext] = []

    def pick_up(account: str | None, **more) -> Page:
        context = browser.new_context(
            **{
                **PHONE,
                "base_url": city,
                "device_scale_factor": 2,
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


@pytest.fixture
def phone_on(browser: Browser) -> Iterator[Callable[..., Page]]:
    """phone_on(url): a phone in the browser that all tests share, with a storage of its own."""
    contexts: list[BrowserContext] = []

    def pick_up(url: str, **more) -> Page:
        contexts.append(browser.new_context(**PHONE, base_url=url, **more))
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        return page

    yield pick_up
    for context in contexts:
        context.close()


@pytest.fixture
def phone_at(playwright, browser_type_launch_args, tmp_path) -> Iterator[Callable[[str], Page]]:
    """phone_at(url): one phone whose storage lives on, each time with a fresh start of the browser."""
    running = []

    def start(url: str) -> Page:
        running.append(
            playwright.chromium.launch_persistent_context(
                tmp_path / "phone", **browser_type_launch_args, **PHONE, base_url=url
            )
        )
        page = running[-1].pages[0]
        page.set_default_timeout(10_000)
        return page

    yield start
    for context in running:
        with suppress(Exception):
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
