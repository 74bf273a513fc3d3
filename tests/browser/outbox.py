"""For tests of the phone's outbox: a server that can go, a network that fails, records as the form freezes them."""

import base64
import http.client
import json
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Page

from tests import factories, serving

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


class Server(serving.Server):
    """A server on a copy of the demo city that can be killed and started again, at one address."""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def rows(self, sql: str, *values) -> list[sqlite3.Row]:
        """What is stored."""
        db = sqlite3.connect(self.folder / "qifang.db", timeout=10)
        db.row_factory = sqlite3.Row
        try:
            with db:
                return db.execute(sql, values).fetchall()
        finally:
            db.close()


LAST = "/offline"
"""The last page that a phone keeps: with it, all of hers are there."""


def sign_in(page: Page, *, until_kept: str | None = None) -> None:
    """Sign in as the demo's officer; wait until the phone keeps this page."""
    page.goto("/login")
    page.locator("form:has(input[value=officer]) button").tap()
    page.wait_for_url(lambda url: "/login" not in url)
    if until_kept:
        until(lambda: page.evaluate(IS_KEPT, until_kept))


def open_form(page: Page) -> None:
    """The visit form of the first firm that the picker shows."""
    page.goto("/visits/new")
    page.locator("#firms-list a:has(strong)").first.tap()


def until(what, seconds: float = 20) -> None:
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.1)


class Flaky(ThreadingHTTPServer):
    """A network that delays, cuts and drops what phones send, and answers itself like a hotel's sign-in page."""

    daemon_threads = True

    def __init__(self, port: int, seed: int):
        super().__init__(("127.0.0.1", 0), _Relay)
        self.upstream, self.dice, self.lock = port, random.Random(seed), threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.is_down = False  # no signal: nothing gets through
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
        if self.server.is_down:
            return
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


@contextmanager
def network_before(port: int) -> Iterator[Flaky]:
    """Such a network between the phones and the server at this port."""
    network = Flaky(port, seed=20261123)
    with serving.standing(network):
        yield network


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
