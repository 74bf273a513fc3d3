"""What has a receipt survives a killed server: record, photo file and all."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app.config import Settings
from app.db import connect
from app.photos import files
from app.visits.forms import new_key
from tests import factories

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server(tmp_path, migrated):
    """start() gives a running server on one folder; whatever runs is killed in the end."""
    folder = tmp_path / "served"
    folder.mkdir()
    shutil.copyfile(migrated, folder / "qifang.db")
    db = connect(folder / "qifang.db")
    firm = factories.make_firm(db, officer=factories.the_user(db, "officer"))
    db.conn.close()
    running = []

    def start():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {**os.environ, "QIFANG_INSTANCE": str(folder), "QIFANG_PORT": str(port), "QIFANG_SECRET_KEY": "x"}
        process = subprocess.Popen(
            [sys.executable, "wsgi.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        running.append(process)
        for _ in range(200):
            try:
                assert ask(port, "GET", "/healthz")[0] == 200
                return process, port
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server did not answer")

    yield start, folder, firm
    for process in running:
        process.kill()
        process.wait(timeout=20)


def ask(port: int, method: str, path: str, body: bytes = b"", **headers: str):
    """Status, headers and content of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_killed_right_after_each_receipt(server):
    start, folder, firm = server
    process, port = start()
    form = urlencode({"username": "officer", "password": factories.PASSWORD}).encode()
    status, headers, _content = ask(port, "POST", "/login", form, Content_Type="application/x-www-form-urlencoded")
    assert status == 303
    cookie = headers["Set-Cookie"].split(";")[0]
    raw = factories.jpeg_bytes(size=(640, 480))
    key, photo = new_key(), new_key()
    record = {"firm_id": str(firm.id), "notes": "断电前"}
    line = {"key": photo, "sha256": sha256(raw).hexdigest(), "field": "photos"}
    body = json.dumps({"schema": 1, "record": record, "photos": [line]}).encode()

    status, _headers, content = ask(
        port, "PUT", f"/outbox/visits/{key}", body, Cookie=cookie, Content_Type="application/json"
    )
    process.kill()
    assert status == 200 and json.loads(content)["photos"]["missing"] == [photo]
    process.wait(timeout=20)

    process, port = start()
    status, _headers, content = ask(
        port, "PUT", f"/outbox/photos/{photo}?visit={key}", raw, Cookie=cookie, Content_Type="image/jpeg"
    )
    process.kill()
    assert status == 200 and json.loads(content)["photos"] == {"have": [photo], "missing": []}
    process.wait(timeout=20)

    db = connect(folder / "qifang.db")
    [visit] = db.conn.execute("SELECT id, notes FROM visits WHERE client_key = ?", [key]).fetchall()
    [stored] = db.conn.execute(
        "SELECT sha256, original_sha256 FROM photos WHERE visit_id = ?", [visit["id"]]
    ).fetchall()
    db.conn.close()
    assert visit["notes"] == "断电前" and stored["original_sha256"] == line["sha256"]
    with files.open_photo(Settings(instance=str(folder)).photos, stored["sha256"], "main") as file:
        assert sha256(file.read()).hexdigest() == stored["sha256"]
