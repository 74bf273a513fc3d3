"""Uploads that crawl, and uploads that are cut."""

import http.client
import socket
import threading
import time

from app.db import connect
from tests.serving import Record, ask, sign_in, what_is_lost


def _begin(port: int, path: str, body: bytes, cookie: str, kind: str) -> socket.socket:
    """A connection that has sent the head of a request, and nothing of its body."""
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.sendall(
        f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
    )
    return line


def test_uploads_that_are_cut(served, dice):
    """The line breaks anywhere in the record or in a photo: nothing half-stored, and sent again it is there once."""
    server, firm_id = served
    server.start()
    cookie = sign_in(server.port)
    records = [Record(firm_id) for _ in range(8)]
    for record in records:
        line = _begin(server.port, f"/outbox/visits/{record.key}", record.body, cookie, "application/json")
        line.sendall(record.body[: dice.randrange(len(record.body))])
        line.close()
    time.sleep(0.2)
    db = connect(server.folder / "qifang.db")
    assert db.conn.execute("SELECT count(*) FROM visits").fetchone()[0] == 0
    for record in records:
        [(photo, raw)] = record.photos.items()
        text = ask(
            server.port,
            "PUT",
            f"/outbox/visits/{record.key}",
            record.body,
            Cookie=cookie,
            Content_Type="application/json",
        )
        assert text[0] == 200
        line = _begin(server.port, f"/outbox/photos/{photo}?visit={record.key}", raw, cookie, "image/jpeg")
        line.sendall(raw[: dice.randrange(len(raw))])
        line.close()
    time.sleep(0.2)
    assert db.conn.execute("SELECT count(*) FROM photos").fetchone()[0] == 0
    assert list((server.folder / "photos").rglob("*.jpg")) == []
    for record in records:
        assert record.send(server.port, cookie) == 200 and record.is_acknowledged
    assert db.conn.execute("SELECT count(*) FROM visits").fetchone()[0] == len(records)
    db.conn.close()
    assert what_is_lost(server.folder, records) == []


def test_an_answer_that_never_arrives(served):
    """The record came in, the line broke before its receipt: sent again, the same receipt and no twin."""
    server, firm_id = served
    server.start()
    cookie, records = sign_in(server.port), [Record(firm_id) for _ in range(8)]
    for record in records:
        line = _begin(server.port, f"/outbox/visits/{record.key}", record.body, cookie, "application/json")
        line.sendall(record.body)
        line.close()
    for record in records:
        assert record.send(server.port, cookie) == 200 and record.is_acknowledged
    db = connect(server.folder / "qifang.db")
    assert db.conn.execute("SELECT count(*) FROM visits").fetchone()[0] == len(records)
    db.conn.close()
    assert what_is_lost(server.folder, records) == []


def test_slow_uploads_hold_nobody_up(served):
    """More phones on a bad line than the server has threads: pages open meanwhile, and every upload arrives."""
    server, firm_id = served
    server.environment["QIFANG_THREADS"] = "4"
    server.start()
    cookie, records, statuses = sign_in(server.port), [Record(firm_id, photo_count=0) for _ in range(12)], []

    def crawl(record: Record) -> None:
        line = _begin(server.port, f"/outbox/visits/{record.key}", record.body, cookie, "application/json")
        step = max(1, len(record.body) // 10)
        for at in range(0, len(record.body), step):
            line.sendall(record.body[at : at + step])
            time.sleep(0.25)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        statuses.append(answer.status)
        line.close()

    crawling = [threading.Thread(target=crawl, args=(record,)) for record in records]
    for each in crawling:
        each.start()
    time.sleep(0.5)
    took = []
    while any(each.is_alive() for each in crawling) and len(took) < 10:
        began = time.monotonic()
        assert ask(server.port, "GET", "/me", Cookie=cookie)[0] == 200
        took.append(time.monotonic() - began)
    assert statuses == [] and len(took) == 10, "the uploads ended before the pages were tried"
    for each in crawling:
        each.join()
    assert statuses == [200] * len(records)
    for record in records:
        record.has_text = True
    assert what_is_lost(server.folder, records) == []


def test_phones_that_keep_their_connections_hold_nobody_up(served):
    """More phones stay connected after a page than waitress holds by itself (100): the next one is answered at once."""
    server, _firm_id = served
    server.start()
    idle = []
    for _nth in range(150):
        idle.append(line := socket.create_connection(("127.0.0.1", server.port), timeout=10))
        line.sendall(f"GET /login HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        assert line.recv(12) == b"HTTP/1.1 200", f"number {len(idle)} had no answer"
    assert ask(server.port, "GET", "/login", timeout=10)[0] == 200
    for line in idle:
        line.close()
