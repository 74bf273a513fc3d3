"""The app beside the floor on one machine, in turns: `python -m benchmarks.bench` makes a full city and prints a table.

Each page is asked over HTTP of the real server (waitress, one process) and, in turns with it, of the bare Flask page of
`floor.py` on the same kind of server. What counts is the ratio of requests a second, round by round: the machine's
own speed drifts. Everything runs on the loopback, for a bounded time.
"""

import argparse
import contextlib
import http.client
import json
import os
import queue
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from app import create_app
from app.config import Settings
from app.db import connect
from benchmarks.city import Size, make
from benchmarks.pages import PAGES
from benchmarks.pictures import photo
from benchmarks.signed_in import cookie_of, id_of

ROOT = Path(__file__).resolve().parent.parent
CALLERS = 4
ROUNDS, SECONDS = 5, 1.0
WANTED = (
    ("officer", "today"),
    ("officer", "firm list"),
    ("officer", "firm search"),
    ("officer", "firm page"),
    ("officer", "visit form"),
    ("officer", "issue page"),
    ("handler", "inbox"),
    ("head", "board"),
    ("office", "city board"),
)
"""Role and page, as `pages.py` names them; a visit, a move and a ledger are measured beside these."""

SERVE_FLOOR = """
import sys
from waitress import serve
from benchmarks.floor import create_floor
serve(create_floor(sys.argv[1], sys.argv[2]), host="127.0.0.1", port=int(sys.argv[3]), threads=16, ident=None)
"""


def free_port() -> int:
    """A port of the loopback that nobody holds."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@contextlib.contextmanager
def served(command: list[str], port: int, path: str, **environment: str) -> Iterator[int]:
    """A server of its own process, until it answers; ended with the block."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _nth in range(300):
            with contextlib.suppress(OSError, http.client.HTTPException):
                if ask(port, "GET", path)[0] < 500:
                    break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{command} did not answer")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def ask(port: int, method: str, path: str, *, headers: dict | None = None, body: bytes | None = None):
    """One request on a connection of its own: status and length."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, len(answer.read())
    finally:
        connection.close()


def rate(port: int, make: Callable[[], tuple], seconds: float) -> tuple[float, list[float]]:
    """Requests a second by so many callers, each on one kept connection, and how long each took (milliseconds)."""
    took: list[float] = []
    wrong: list[int] = []
    until = time.perf_counter() + seconds

    def call() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < until:
            method, path, headers, body = make()
            began = time.perf_counter()
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            answer.read()
            took.append((time.perf_counter() - began) * 1000)
            if answer.status >= 400:
                wrong.append(answer.status)
        connection.close()

    began = time.perf_counter()
    callers = [threading.Thread(target=call) for _ in range(CALLERS)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {len(took)} refused, such as {wrong[0]}")
    return len(took) / (time.perf_counter() - began), took


def form(fields: dict[str, str], photos: list[tuple[str, bytes]]) -> tuple[dict, bytes]:
    """A multipart form as a browser sends it: headers and body."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, raw in photos:
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="a.jpg"\r\n'
        parts.append(f"{head}Content-Type: image/jpeg\r\n\r\n".encode() + raw + b"\r\n")
    return {"Content-Type": f"multipart/form-data; boundary={mark}"}, b"".join(parts) + f"--{mark}--\r\n".encode()


def compare(name: str, ours: tuple[int, Callable], floor: tuple[int, Callable], *, rounds: int) -> dict:
    """Ours and the floor in turns; the ratio of their rates round by round."""
    for port, request in (ours, floor):
        rate(port, request, 0.3)
    ratios, rates, took = [], [], []
    for _nth in range(rounds):
        mine, times = rate(*ours, SECONDS)
        its, _times = rate(*floor, SECONDS)
        ratios.append(mine / its)
        rates.append(mine)
        took += times
    took.sort()
    return {
        "name": name,
        "ratio": statistics.median(ratios),
        "least": min(ratios),
        "most": max(ratios),
        "rate": statistics.median(rates),
        "p50": took[len(took) // 2],
        "p95": took[int(len(took) * 0.95)],
    }


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=50_000)
    parser.add_argument("--visits", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        city = Path(folder) / "city"
        make(city, Size(issues=asked.issues, visits=asked.visits), echo=lambda _line: None)
        found = measure(city, Path(folder) / "floor", rounds=asked.rounds)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    print(f"{'page':28s} {'of the floor':>22s} {'requests/s':>11s} {'p50 ms':>8s} {'p95 ms':>8s}")
    for row in found:
        spread = f"{row['ratio']:.2f} ({row['least']:.2f}–{row['most']:.2f})"
        print(f"{row['name']:28s} {spread:>22s} {row['rate']:11.0f} {row['p50']:8.1f} {row['p95']:8.1f}")


def measure(city: Path, floor_folder: Path, *, rounds: int) -> list[dict]:
    """Every page beside the bare page, then a visit beside a bare insert with the same photos, a move and a ledger."""
    settings = Settings(instance=str(city))
    app = create_app(settings)
    cookies = {role: f"qifang={cookie_of(app, id_of(settings.database, role))}" for role in PAGES}
    db = connect(settings.database)
    firm, issue = db.conn.execute(
        "SELECT firm_id, id FROM issues WHERE reported_by = (SELECT id FROM users WHERE username = 'officer')"
        " AND status = 'in_progress' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    running = db.conn.execute(
        "SELECT id, version FROM issues WHERE status = 'in_progress' ORDER BY id DESC LIMIT 200"
    ).fetchall()
    waiting: queue.Queue[tuple[int, int]] = queue.Queue()
    for row in running:
        waiting.put(tuple(row))
    category = db.conn.execute("SELECT min(id) FROM categories").fetchone()[0]
    db.conn.close()
    port, floor_port = free_port(), free_port()
    ours = served(["wsgi.py"], port, "/login", QIFANG_INSTANCE=str(city), QIFANG_PORT=str(port))
    bare = served(["-c", SERVE_FLOOR, settings.database, str(floor_folder), str(floor_port)], floor_port, "/")
    pictures = [photo(nth) for nth in range(2)]
    same_site = {"Sec-Fetch-Site": "same-origin", "Cookie": cookies["officer"]}

    def page(role: str, url: str) -> Callable[[], tuple]:
        path = quote(url.format(firm=firm, issue=issue), safe="/?=&%")
        return lambda: ("GET", path, {"Cookie": cookies[role]}, None)

    def visit() -> tuple:
        fields = {
            "client_key": str(uuid.uuid4()),
            "firm_id": str(firm),
            "mode": "on_site",
            "notes": "生产正常",
            "issues-0-category_id": str(category),
            "issues-0-title": "厂门口道路破损",
            "issues-0-description": "货车进出不便",
        }
        headers, body = form(fields, [("photos", each) for each in pictures])
        return "POST", "/visits/", {**headers, **same_site}, body

    def bare_visit() -> tuple:
        headers, body = form({"notes": "生产正常"}, [("photos", each) for each in pictures])
        return "POST", "/", headers, body

    def note() -> tuple:
        """A move that every open issue takes; each in its turn, so that no two meet on one."""
        issue_id, version = waiting.get()
        waiting.put((issue_id, version + 1))
        body = f"version={version}&note=%E5%B7%B2%E8%81%94%E7%B3%BB".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies["office"]}
        return "POST", f"/issues/{issue_id}/notes", {**headers, "Sec-Fetch-Site": "same-origin"}, body

    found = []
    with ours, bare:
        urls = {(role, name): url for role, pages in PAGES.items() for name, url in pages}
        floor = (floor_port, lambda: ("GET", "/", {}, None))
        for role, name in WANTED:
            found.append(compare(f"{role}: {name}", (port, page(role, urls[role, name])), floor, rounds=rounds))
        found.append(
            compare(
                "ledger of a week, CSV",
                (port, page("office", "/reports/visits.csv?from=2026-11-01&to=2026-11-07")),
                floor,
                rounds=2,
            )
        )
        found.append(compare("visit, 1 issue, 2 photos", (port, visit), (floor_port, bare_visit), rounds=rounds))
        found.append(compare("a move (note)", (port, note), floor, rounds=rounds))
    return found


if __name__ == "__main__":
    main()
