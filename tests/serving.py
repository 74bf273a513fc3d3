"""The server as it runs in earnest, in a process of its own, and a phone that sends to it until it has its receipt."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from socketserver import BaseServer
from urllib.parse import urlencode

from app.config import Settings
from app.db import connect
from app.photos import files
from app.visits.forms import new_key
from tests import factories

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN_S = 60  # a busy machine that tests in parallel; test_random_kills measures what a city sees


def ask(port: int, method: str, path: str, body: bytes = b"", *, timeout: float = 30, **headers: str):
    """Status, headers and content of an answer. Raises OSError or HTTPException as a network does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def sign_in(port: int, username: str = "officer") -> str:
    """The cookie of a new session."""
    form = urlencode({"username": username, "password": factories.PASSWORD}).encode()
    status, headers, _content = ask(port, "POST", "/login", form, Content_Type="application/x-www-form-urlencoded")
    assert status == 303, status
    return headers["Set-Cookie"].split(";")[0]


@contextmanager
def standing(server: BaseServer) -> Iterator[None]:
    """A server of the test's own process, in a thread for as long as the block lasts; it looks often whether to end."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class Server:
    """A server on a folder of data; start and kill it as often as you like."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen | None = None

    @property
    def log(self) -> Path:
        """What it wrote to its standard output and error."""
        return self.folder.with_name(f"{self.folder.name}.log")

    def start(self, *, wait: bool = True) -> "Server":
        """Start it on a free port, the same one after a kill, and wait until it answers."""
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        environment = {
            **os.environ,
            "QIFANG_INSTANCE": str(self.folder),
            "QIFANG_PORT": str(self.port),
            "QIFANG_SECRET_KEY": "of-no-worth",
            **self.environment,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "wsgi.py"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        if wait:
            self.wait_until_it_answers()
        return self

    def wait_until_it_answers(self) -> None:
        """Until /healthz answers, in whatever way."""
        assert self.process is not None
        end = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < end:
            try:
                ask(self.port, "GET", "/healthz", timeout=15)
                return
            except (OSError, http.client.HTTPException):
                assert self.process.poll() is None, f"it ended by itself:\n{self.log.read_text()[-2000:]}"
                time.sleep(0.05)
        raise AssertionError("the server did not answer")

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it, without a word of warning unless told otherwise."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None


def flask(instance: Path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    """A command of the app on a folder of data."""
    environment = {"QIFANG_INSTANCE": str(instance), "PATH": "/usr/bin:/bin", **environment}
    line = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    return subprocess.run(line, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def furnish(folder: Path, migrated: Path) -> int:
    """A data folder with an officer and a firm of hers; the firm's id."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(migrated, folder / "qifang.db")
    (folder / "photos").mkdir()
    db = connect(folder / "qifang.db")
    firm = factories.make_firm(db, officer=factories.the_user(db, "officer"))
    db.conn.close()
    return firm.id


@dataclass
class Record:
    """A visit as a phone keeps it until the receipt names it and all its photos."""

    firm_id: int
    photo_count: int = 1
    notes: str = "断电前"
    key: str = field(default_factory=new_key)
    photos: dict[str, bytes] = field(default_factory=dict)
    has_text: bool = False
    received: set[str] = field(default_factory=set)
    tries: int = 0

    def __post_init__(self):
        for _nth in range(self.photo_count):
            colour = tuple(random.randrange(256) for _ in range(3))
            self.photos[new_key()] = factories.jpeg_bytes(size=(40 + random.randrange(300), 40), colour=colour)

    @property
    def body(self) -> bytes:
        """What is sent first: the record, and which photos will follow."""
        lines = [{"key": key, "sha256": sha256(raw).hexdigest(), "field": "photos"} for key, raw in self.photos.items()]
        record = {"firm_id": str(self.firm_id), "notes": self.notes}
        return json.dumps({"schema": 1, "record": record, "photos": lines}).encode()

    @property
    def is_acknowledged(self) -> bool:
        """Whether receipts named it and every photo."""
        return self.has_text and self.received == set(self.photos)

    def send(self, port: int, cookie: str, *, timeout: float = 30) -> int:
        """Send what has no receipt yet; the last status. Raises as a network does."""
        self.tries += 1
        status, _headers, content = ask(
            port,
            "PUT",
            f"/outbox/visits/{self.key}",
            self.body,
            timeout=timeout,
            Cookie=cookie,
            Content_Type="application/json",
        )
        if status != 200:
            return status
        self._read(content)
        for key, raw in self.photos.items():
            if key not in self.received:
                path = f"/outbox/photos/{key}?visit={self.key}"
                status, _headers, content = ask(
                    port, "PUT", path, raw, timeout=timeout, Cookie=cookie, Content_Type="image/jpeg"
                )
                if status != 200:
                    return status
                self._read(content)
        return status

    def _read(self, content: bytes) -> None:
        receipt = json.loads(content)
        assert receipt["client_key"] == self.key
        self.has_text = True
        self.received |= set(receipt["photos"]["have"])


def what_is_lost(folder: Path, records) -> list[str]:
    """What was acknowledged and is not there exactly once with its photos unchanged; nothing when all is well."""
    db = connect(folder / "qifang.db")
    root = Settings(instance=str(folder)).photos
    lost = []
    for record in records:
        rows = db.conn.execute("SELECT id FROM visits WHERE client_key = ?", [record.key]).fetchall()
        if record.has_text and len(rows) != 1:
            lost.append(f"{record.key}: {len(rows)} visits")
            continue
        for key in record.received:
            photos = db.conn.execute(
                "SELECT p.sha256, p.original_sha256 FROM outbox_photos o JOIN photos p ON p.id = o.photo_id"
                " WHERE o.key = ? AND p.visit_id = ?",
                [key, rows[0]["id"]],
            ).fetchall()
            if len(photos) != 1 or photos[0]["original_sha256"] != sha256(record.photos[key]).hexdigest():
                lost.append(f"{record.key}: {len(photos)} rows of photo {key}")
                continue
            for size in files.SIZE_NAMES:
                path = files.path_of(root, photos[0]["sha256"], size)
                if not path.exists():
                    lost.append(f"{record.key}: no file {path.name}")
                elif size == "main" and sha256(path.read_bytes()).hexdigest() != photos[0]["sha256"]:
                    lost.append(f"{record.key}: another content in {path.name}")
        count = db.conn.execute(
            "SELECT count(*) FROM photos WHERE visit_id = ?", [rows[0]["id"]] if rows else [0]
        ).fetchone()[0]
        if count > len(record.photos):
            lost.append(f"{record.key}: {count} photos instead of {len(record.photos)}")
    db.conn.close()
    return lost
