"""No signal: the phone keeps what is recorded and sends it once, whatever network, browser and server do."""

import base64
import http.client
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import factories

ROOT = Path(__file__).resolve().parents[2]
RECORDS = int(os.environ.get("QIFANG_TEST_RECORDS", "200"))
FORM = "textarea[name=notes]"
IS_KEPT = """
async (key) => {
  for (const name of await caches.keys())
    if (name.startsWith('pages-') && await (await caches.open(name)).match(key)) return true;
  return false;
}
"""
QUEUE = """
async () => (await outbox.items()).map(
  ({client_key, account, state, stored, have, message}) => ({client_key, account, state, stored, have, message}))
"""
HELD = """
async () => {
  const found = [];
  for (const item of await outbox.items())
    for (const {blob} of await outbox.photosOf(item.client_key)) found.push(await outbox.sha256(blob));
  return found.sort();
}
"""
A_FORM = """
async () => (await (await fetch('/outbox/pages')).json()).pages.find((page) => page.startsWith('/visits/new?'))
"""


class Server:
    """A server of the test's own that can be killed and started again, on one port and one folder."""

    def __init__(self, folder: Path, log: Path):
        self.folder, self.log = folder, log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        environment = {**os.environ, "QIFANG_INSTANCE": str(self.folder), "QIFANG_PORT": str(self.port)}
        with self.log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "wsgi.py"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        for _ in range(600):
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=1):  # noqa: S310
                return
            time.sleep(0.1)
        raise AssertionError("the server did not answer")

    def kill(self) -> None:
        """As a power cut would: no time to finish anything."""
        if self.process:
            self.process.kill()
            self.process.wait(timeout=20)
            self.process = None

    def rows(self, sql: str, *values) -> list[sqlite3.Row]:
        """What is stored."""
        db = sqlite3.connect(self.folder / "qifang.db", timeout=10)
        db.row_factory = sqlite3.Row
        try:
            with db:
                return db.execute(sql, values).fetchall()
        finally:
            db.close()


@pytest.fixture
def server(loaded_city, tmp_path):
    folder = tmp_path / "city"
    shutil.copytree(loaded_city, folder)
    server = Server(folder, tmp_path / "server.log")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def phone_at(playwright, browser_type_launch_args, tmp_path):
    """phone_at(url): one phone whose storage lives on, each time with a fresh start of the browser."""
    running = []

    def start(url: str, name: str = "phone"):
        context = playwright.chromium.launch_persistent_context(
            tmp_path / name,
            **browser_type_launch_args,
            base_url=url,
            viewport={"width": 390, "height": 844},
            has_touch=True,
            is_mobile=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        running.append(context)
        page = context.pages[0]
        page.set_default_timeout(10_000)
        return page

    yield start
    for context in running:
        with suppress(Exception):
            context.close()


def sign_in(page: Page, account: str = "officer", *, is_to_keep: bool = True) -> None:
    page.goto("/login")
    page.locator(f"form:has(input[value={account}]) button").tap()
    page.wait_for_url(lambda url: "/login" not in url)
    if is_to_keep:  # wait until her own pages are on the phone
        for _ in range(150):
            if page.evaluate(IS_KEPT, "/offline"):
                return
            page.wait_for_timeout(100)
        raise AssertionError("the pages were not kept")


def kill_browser(folder: Path) -> None:
    """SIGKILL for every process of the browser that lives in this folder, and no other."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"--user-data-dir={folder}".encode() in path.read_bytes().split(b"\0"):
                os.kill(int(path.parent.name), signal.SIGKILL)
    time.sleep(0.5)
    for lock in folder.glob("Singleton*"):
        lock.unlink(missing_ok=True)


def until(what, seconds: float = 20) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.1)


def test_from_the_factory_gate_to_the_next_signal(server, phone_at, tmp_path, pictures):
    page = phone_at(server.url)
    sign_in(page)
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
        sign_in(page, is_to_keep=False)
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


class Flaky(ThreadingHTTPServer):
    """A network that delays, cuts and drops what phones send, and answers itself like a hotel's sign-in page."""

    daemon_threads = True

    def __init__(self, port: int, seed: int):
        super().__init__(("127.0.0.1", 0), _Relay)
        self.upstream, self.dice, self.lock = port, random.Random(seed), threading.Lock()
        self.mishaps = 0.45
        self.log: list[str] = []
        self.rewrite = ("", "")  # in the service worker
        self.retry_after = "3"  # what "busy" says
        self.stall = 0.0  # seconds that a page takes

    def fate(self) -> str:
        """What happens to the next sending."""
        with self.lock:
            bad = self.dice.random() < self.mishaps
            fate = self.dice.choice(["lost", "cut", "reply lost", "reply cut", "hotel", "slow"]) if bad else "well"
            self.log.append(fate)
            return fate

    def handle_error(self, request, client_address):
        """Phones hang up; that is the point."""


class _Relay(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Flaky

    def log_message(self, format, *args):
        pass

    def _pass_on(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fate = self.server.fate() if self.command == "PUT" else "well"
        if fate == "lost":
            return
        if fate == "hotel":
            self._answer(200, {"Content-Type": "text/html"}, b"<h1>Welcome to our hotel. Please sign in.</h1>")
            return
        if fate == "busy":
            key = self.path.split("?")[0].rsplit("/", 1)[1]
            said = {"error": 429, "message": "操作太频繁，请稍候再试。", "fields": {}, "key": key}
            headers = {"Content-Type": "application/json", "Retry-After": self.server.retry_after}
            self._answer(429, headers, json.dumps(said).encode())
            return
        if fate == "slow":
            time.sleep(0.05)
        try:
            reply = self._ask(body, cut=fate == "cut")
        except OSError:
            return
        if reply is None or fate == "reply lost":
            return
        status, headers, content = reply
        time.sleep(self.server.stall)
        if self.path == "/sw.js":
            content = content.replace(*(each.encode() for each in self.server.rewrite))
        self._answer(status, headers, content, cut=fate == "reply cut")

    def _ask(self, body: bytes, *, cut: bool):
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=30)
        try:
            if cut:
                upstream.connect()
                head = f"{self.command} {self.path} HTTP/1.1\r\n" + "".join(
                    f"{n}: {v}\r\n" for n, v in self.headers.items()
                )
                upstream.sock.sendall(head.encode() + b"\r\n" + body[: len(body) // 2])
                return None
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "keep-alive"):
                    upstream.putheader(name, value)
            upstream.endheaders(body)
            answer = upstream.getresponse()
            return answer.status, dict(answer.getheaders()) | _cookies(answer), answer.read()
        except http.client.HTTPException:
            return None
        finally:
            upstream.close()

    def _answer(self, status: int, headers: dict, content: bytes, *, cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                for each in value if isinstance(value, list) else [value]:
                    self.send_header(name, each)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)

    do_GET = do_POST = do_PUT = do_HEAD = _pass_on  # noqa: N815 (the library's names)


def _cookies(answer) -> dict:
    cookies = answer.headers.get_all("Set-Cookie")
    return {"Set-Cookie": cookies} if cookies else {}


@pytest.fixture
def flaky(server):
    proxy = Flaky(server.port, seed=20261123)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    yield proxy
    proxy.shutdown()
    proxy.server_close()


FREEZE = """
async ({firm, count, photos}) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const made = [];
  for (let nth = 0; nth < count; nth++) {
    const key = outbox.uuid(), blobs = [], lines = [];
    for (const text of photos[nth]) {
      const blob = new Blob([bytes(text)], {type: "image/jpeg"}), photo = outbox.uuid();
      blobs.push({key: photo, item: key, blob});
      lines.push({key: photo, sha256: await outbox.sha256(blob), field: "photos"});
    }
    const record = {firm_id: firm, mode: "phone", notes: "第" + nth + "条记录", visited_at: "2026-11-20T10:00"};
    const item = {client_key: key, kind: "visit", title: "第" + nth + "条", photos: lines.map(({key}) => ({key}))};
    await outbox.freeze({...item, body: {schema: 1, record, photos: lines}}, blobs);
    made.push({key, hashes: lines.map((line) => line.sha256).sort()});
  }
  return made;
}
"""


def freeze(page: Page, count: int, *, photos=lambda nth: 2, firm: str = "") -> list[dict]:
    """Records in the outbox of whoever is signed in, as the form freezes them; `firm` where the server is away.

    `photos` says how many the nth record has.
    """
    firm = firm or page.evaluate(A_FORM).split("=")[1]
    files = [
        [base64.b64encode(factories.jpeg_bytes(colour=(nth % 250, k * 40, 9))).decode() for k in range(photos(nth))]
        for nth in range(count)
    ]
    return page.evaluate(FREEZE, {"firm": firm, "count": count, "photos": files})


def test_many_records_through_a_bad_network_and_a_killed_server(server, flaky, phone_at):
    page = phone_at(f"http://127.0.0.1:{flaky.server_port}")
    sign_in(page, is_to_keep=False)
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


def test_two_people_on_one_phone(server, flaky, phone_at):
    """A queue waits while another signs in: nothing leaks, nothing is lost, nothing is sent as somebody else."""
    with_officer = server.rows("SELECT id FROM users WHERE username = 'officer'")[0]["id"]
    other = server.rows("SELECT id, username FROM users WHERE role = 'officer' AND username <> 'officer' LIMIT 1")[0]
    server.rows(
        "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE username = 'officer') WHERE id = ?",
        other["id"],
    )
    page = phone_at(f"http://127.0.0.1:{flaky.server_port}")
    sign_in(page)
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
    assert not server.rows("SELECT 1 FROM visits WHERE client_key = ?", made["key"])
    page.locator("form[action='/logout'] button").last.evaluate("(button) => button.click()")
    page.wait_for_url("**/login")
    sign_in(page, is_to_keep=False)
    until(lambda: page.evaluate(QUEUE) == [])
    [row] = server.rows("SELECT officer_id FROM visits WHERE client_key = ?", made["key"])
    assert row["officer_id"] == with_officer


def test_a_new_version_waits_for_the_outbox(server, flaky, phone_at):
    page = phone_at(f"http://127.0.0.1:{flaky.server_port}")
    sign_in(page)
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


def test_a_slow_network_shows_what_is_kept(flaky, phone_at):
    page = phone_at(f"http://127.0.0.1:{flaky.server_port}")
    sign_in(page)
    flaky.stall = 5.0
    begun = time.monotonic()
    page.goto("/firms/", wait_until="commit")
    assert 2.5 < time.monotonic() - begun < 4.9
    flaky.stall = 0.0
    expect(page.locator("#offline")).to_contain_text("离线内容")


def test_a_refused_record_is_parked_and_put_right(server, phone_at):
    page = phone_at(server.url)
    sign_in(page, is_to_keep=False)
    page.goto("/visits/new")
    page.locator("#firms-list a:has(strong)").first.tap()
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


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(server, flaky, phone_at):
    page = phone_at(f"http://127.0.0.1:{flaky.server_port}")
    sign_in(page, is_to_keep=False)
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
        assert len(server.rows("SELECT 1 FROM visits WHERE client_key = ?", each["key"])) == 1


def test_whatever_a_busy_server_says_of_when(flaky, phone_at):
    """An hour at the most, and none where it says nothing that can be read."""
    page = phone_at(f"http://127.0.0.1:{flaky.server_port}")
    sign_in(page, is_to_keep=False)
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


def test_every_state_has_its_words(server, phone_at):
    page = phone_at(server.url)
    sign_in(page, is_to_keep=False)
    firm = page.evaluate(A_FORM).split("=")[1]
    for nth, language in enumerate(("zh", "en")):
        page.goto("/me")
        with page.expect_navigation():
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


def test_what_is_not_answered_in_time_is_sent_again(server, phone_at):
    page = phone_at(server.url)
    page.add_init_script(HASTE)
    sign_in(page, is_to_keep=False)
    before = server.rows("SELECT count(*) AS n FROM visits")[0]["n"]
    page.route("**/outbox/visits/*", lambda route: None)  # taken, and no word since
    freeze(page, 1, photos=lambda nth: 1)
    page.goto("/me")
    expect(page.locator("#outbox [data-list] .row p").first).to_have_text(_LOST[0])
    assert len(page.evaluate(QUEUE)) == 1
    page.unroute("**/outbox/visits/*")
    until(lambda: page.evaluate("() => outbox.drain().catch(() => 1)") == 0)
    assert server.rows("SELECT count(*) AS n FROM visits")[0]["n"] == before + 1


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


def test_another_content_under_the_same_key_is_parked_with_a_link_to_it(server, phone_at):
    page = phone_at(server.url)
    sign_in(page, is_to_keep=False)
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
    [stored] = server.rows("SELECT id FROM visits WHERE client_key = ?", key)
    assert page.url.endswith(f"/visits/{stored['id']}")
    assert page.evaluate(QUEUE) == [item]  # kept until she says otherwise


PIXELS = """
async () => {
  const [file] = document.querySelector("input[name=photos]").files;
  const bitmap = await (self.decode || createImageBitmap)(file);
  const paper = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  paper.drawImage(bitmap, 0, 0);
  const at = (x, y) => [...paper.getImageData(x, y, 1, 1).data].slice(0, 3);
  const head = new TextDecoder("latin1").decode(await file.slice(0, 4096).arrayBuffer());
  return {size: [bitmap.width, bitmap.height], type: file.type, name: file.name, exif: head.includes("Exif"),
    top: at(20, 20), bottom: at(20, bitmap.height - 20)};
}
"""
NO_WORKER = {
    "own thread": "self.decode = createImageBitmap; self.createImageBitmap = () => Promise.reject(new Error())",
    "no such thing": "delete self.Worker",
    "broken": "self.Worker = class extends EventTarget { constructor() { throw new Error() } }",
    "does not load": "self.Worker = class extends Worker { constructor() { super('/static/none.js') } }",
}


@pytest.mark.parametrize("how", NO_WORKER)
def test_a_sideways_photo_comes_out_upright_and_small(server, phone_at, tmp_path, how):
    """As a phone's camera writes it: the picture lies on its side and a note says how to turn it."""
    from PIL import Image

    picture = Image.new("RGB", (2400, 1800), (200, 0, 0))  # shown turned to the right: red above, blue below
    picture.paste((0, 0, 200), (1200, 0, 2400, 1800))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif)
    page = phone_at(server.url)
    page.add_init_script(NO_WORKER[how])
    sign_in(page, is_to_keep=False)
    page.goto(page.evaluate(A_FORM))
    page.locator("input[name=photos]").set_input_files(tmp_path / "turned.jpg")
    expect(page.locator("[data-photos] .shot img").first).to_be_visible()
    assert [each.url.endswith("/js/shrink-worker.js") for each in page.workers] == (
        [True] if how == "own thread" else []
    )
    found = page.evaluate(PIXELS)
    assert (found["size"], found["type"], found["name"], found["exif"]) == (
        [1200, 1600],
        "image/jpeg",
        "turned.jpg",
        False,
    )
    assert found["top"][0] > 150 and found["top"][2] < 60
    assert found["bottom"][2] > 150 and found["bottom"][0] < 60


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


def test_a_photo_that_is_too_large_is_parked_and_the_visit_stands(server, phone_at):
    page = phone_at(server.url)
    sign_in(page, is_to_keep=False)
    key = page.evaluate(TOO_LARGE, page.evaluate(A_FORM).split("=")[1])
    page.evaluate("() => outbox.drain()")
    until(lambda: [item["state"] for item in page.evaluate(QUEUE)] == ["refused"])
    page.goto("/me")
    expect(page.locator("#outbox [data-list] .row")).to_contain_text("每张不超过 20 MB")
    page.get_by_role("button", name="去掉读不了的照片").tap()
    expect(page.locator("#outbox")).to_contain_text("没有待上传的内容")
    assert len(server.rows("SELECT 1 FROM visits WHERE client_key = ?", key)) == 1


def test_two_tabs_on_one_draft(server, phone_at):
    page = phone_at(server.url)
    sign_in(page, is_to_keep=False)
    page.goto("/visits/new")
    page.locator("#firms-list a:has(strong)").first.tap()
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
    assert len(server.rows("SELECT 1 FROM visits WHERE client_key = ?", keys[0])) == 1


def test_an_old_browser_works_online(server, phone_at):
    page = phone_at(server.url)
    page.add_init_script("Object.defineProperty(self, 'indexedDB', {value: undefined})")
    sign_in(page, is_to_keep=False)
    expect(page.locator("[data-unable]")).to_contain_text("这个浏览器不能离线使用")
    page.goto("/visits/new")
    page.locator("#firms-list a:has(strong)").first.tap()
    page.get_by_role("button", name="提交走访").tap()
    expect(page.locator("#messages")).to_contain_text("已入库：走访 1 条")


def test_what_waits_can_be_rescued(server, phone_at, tmp_path):
    """The ZIP is one that any tool reads, and the server imports it."""
    import zipfile

    page = phone_at(server.url)
    sign_in(page)
    server_rows = server.rows("SELECT count(*) AS n FROM visits")[0]["n"]
    made = freeze(page, 2)
    server.kill()
    page.goto("/me")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出到文件").tap()
    file = tmp_path / "rescued.zip"
    download.value.save_as(file)
    with zipfile.ZipFile(file) as held:
        assert held.testzip() is None
        assert len(json.loads(held.read("record.json"))["records"]) == 2
        assert len([name for name in held.namelist() if name.startswith("photos/")]) == 4
    environment = {**os.environ, "QIFANG_INSTANCE": str(server.folder)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "outbox", "import", str(file), "--officer", "officer"]
    for _time in range(2):  # twice is once
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    stored = server.rows("SELECT client_key FROM visits ORDER BY id")[server_rows:]
    assert {row["client_key"] for row in stored} == {each["key"] for each in made}
    assert server.rows("SELECT count(*) AS n FROM outbox_photos WHERE photo_id IS NOT NULL")[0]["n"] == 4


def test_a_note_on_an_issue_waits_for_the_signal(server, phone_at):
    page = phone_at(server.url)
    sign_in(page)
    page.goto("/issues/?status=in_progress")
    page.locator("#issues-list tbody tr a").first.tap()
    expect(page.locator("h1")).to_contain_text("-")
    issue = int(page.url.rsplit("/", 1)[1])
    page.goto(f"/issues/{issue}/notes")
    server.kill()
    page.locator("textarea[name=note]").fill("企业说已经来人看过")
    page.get_by_role("button", name="记进展").tap()
    expect(page.locator("#outbox-strip")).to_contain_text("1 条")
    server.start()
    page.evaluate("() => outbox.drain()")
    until(lambda: page.evaluate(QUEUE) == [])
    notes = server.rows("SELECT note FROM issue_events WHERE issue_id = ? ORDER BY id", issue)
    assert [row["note"] for row in notes].count("企业说已经来人看过") == 1


def test_what_was_asked_is_answered_with_photos_without_a_signal(server, phone_at, pictures):
    """From the kept page of today to the kept form, photos included; sent with the next signal, each once."""
    page = phone_at(server.url)
    sign_in(page)
    page.goto("/")
    server.kill()
    page.locator("main a", has_text="请补充").first.tap()
    page.get_by_role("link", name="补充").first.tap()
    issue = int(page.url.split("/issues/")[1].split("/")[0])
    page.locator("textarea[name=note]").fill("建设路 5 号，已拍照")
    page.locator("input[type=file]").set_input_files(pictures)
    expect(page.locator(".shots .shot img")).to_have_count(2)
    page.get_by_role("button", name="补充").tap()
    expect(page.locator("#outbox-strip")).to_contain_text("1 条")
    server.start()
    page.evaluate("() => outbox.drain()")
    until(lambda: page.evaluate(QUEUE) == [])
    [event] = server.rows("SELECT id FROM issue_events WHERE issue_id = ? AND note = '建设路 5 号，已拍照'", issue)
    assert len(server.rows("SELECT id FROM photos WHERE event_id = ?", event["id"])) == 2
    assert server.rows("SELECT status FROM issues WHERE id = ?", issue)[0]["status"] == "submitted"
