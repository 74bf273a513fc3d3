"""What every page costs on made-up cities, CPU time and queries: `python -m benchmarks.pages FOLDER …`

Several cities are asked in turns, page by page, so that whatever else the machine does meets them alike; what is
compared is the CPU time of this process (median, and the middle half), which others on the machine disturb least.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from flask import Flask

from app import create_app
from app.config import Settings
from app.db import get_db, migrate
from benchmarks.signed_in import client_of, id_of, reopen

PAGES: dict[str, tuple[tuple[str, str], ...]] = {
    "officer": (
        ("today", "/"),
        ("firm list", "/firms/"),
        ("firm search", "/firms/?q=机械"),
        ("firm page", "/firms/{firm}"),
        ("visit form", "/visits/new?firm_id={firm}"),
        ("visits", "/visits/"),
        ("issues", "/issues/"),
        ("issue page", "/issues/{issue}"),
        ("notices", "/notices/"),
    ),
    "handler": (("inbox", "/issues/"), ("inbox, late", "/issues/?due=overdue"), ("closed", "/issues/?status=closed")),
    "dispatcher": (
        ("board", "/review/"),
        ("issues", "/issues/"),
        ("search", "/issues/?q=道路"),
        ("firms", "/firms/"),
        ("firm search", "/firms/?q=机械"),
        ("visits", "/visits/"),
    ),
    "head": (("board", "/review/"), ("deck", "/review/deck"), ("map", "/review/map"), ("pins", "/review/map.json")),
    "office": (
        ("city board", "/review/"),
        ("city board, quarter", "/review/?period=quarter"),
        ("city board, departments", "/review/?by=department"),
        ("issues", "/issues/"),
        ("issues, closed", "/issues/?status=closed"),
        ("search", "/issues/?q=道路"),
        ("firms", "/firms/"),
        ("firms, not visited", "/firms/?show=unvisited"),
        ("firm search", "/firms/?q=机械"),
        ("visits", "/visits/"),
        ("map", "/review/map"),
        ("pins", "/review/map.json"),
        ("ledgers", "/reports/"),
        ("triage", "/issues/?status=submitted"),
        ("rules", "/office/routing"),
        ("accounts", "/office/accounts/"),
        ("accounts, search", "/office/accounts/?q=officer-4104"),
        ("assignments", "/office/assignments/"),
        ("assignments, district", "/office/assignments/?district=410411"),
        ("firms without an officer", "/office/assignments/unassigned"),
        ("an officer's firms", "/office/assignments/officers/{officer}"),
        ("coverage", "/office/campaigns/1"),
        ("coverage, firms", "/office/campaigns/1/firms?state=unvisited"),
        ("rosters", "/office/rosters/"),
        ("health", "/office/health"),
    ),
    "auditor": (("audit log", "/office/audit/"), ("audit log, one action", "/office/audit/?action=ledger_exported")),
}


class City:
    """A made-up city with a client for each role."""

    def __init__(self, folder: Path):
        self.folder = folder
        migrate(folder / "qifang.db")
        reopen(str(folder / "qifang.db"))
        self.app: Flask = create_app(Settings(instance=str(folder)))
        self.clients = {role: client_of(self.app, role) for role in PAGES}
        with self.app.app_context():
            self.db = get_db()
        firm, issue = self.db.conn.execute(
            "SELECT firm_id, id FROM issues WHERE reported_by = (SELECT id FROM users WHERE username = 'officer')"
            " AND status = 'in_progress' ORDER BY id DESC LIMIT 1"
        ).fetchone()
        self.ids = {"firm": firm, "issue": issue, "officer": id_of(self.app.config["DATABASE"], "officer")}
        self.statements: list[str] = []

    def ask(self, role: str, url: str) -> tuple[float, int, float]:
        """One page: CPU seconds, queries, seconds on the clock."""
        client, url = self.clients[role], url.format(**self.ids)
        cpu, clock = time.process_time(), time.perf_counter()
        answer = client.get(url, follow_redirects=True)
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        if answer.status_code != 200 or answer.request.path == "/login":
            raise RuntimeError(f"{role} {url}: {answer.status_code} {answer.request.path}")
        return cpu, len(answer.data), clock

    def queries(self, role: str, url: str) -> list[tuple[float, str]]:
        """Each statement of one page with the seconds it takes alone, read to the end."""
        found: list[str] = []
        self.db.conn.set_trace_callback(found.append)
        self.ask(role, url)
        self.db.conn.set_trace_callback(None)
        timed = []
        for sql in found:
            if not sql.lstrip().upper().startswith(("SELECT", "WITH")):
                timed.append((0.0, sql))
                continue
            began = time.process_time()
            self.db.conn.execute(sql).fetchall()
            timed.append((time.process_time() - began, sql))
        return timed


def measure(cities: list[City], *, rounds: int, only: str = "") -> dict[str, dict]:
    """For each page: queries, and milliseconds of CPU in each city."""
    found = {}
    for role, pages in PAGES.items():
        for name, url in pages:
            if only and only not in f"{role} {name}":
                continue
            for city in cities:
                city.ask(role, url)
            times: list[list[float]] = [[] for _ in cities]
            for _nth in range(rounds):
                for city, list_ in zip(cities, times, strict=True):
                    list_.append(city.ask(role, url)[0] * 1000)
            found[f"{role}: {name}"] = {
                "queries": len(cities[-1].queries(role, url)),
                "ms": [round(statistics.median(each), 2) for each in times],
                "half": [[round(q, 2) for q in statistics.quantiles(each, n=4)[::2]] for each in times],
            }
    return found


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="")
    parser.add_argument(
        "--slow", type=float, default=0, help="show the statements that take more milliseconds than this"
    )
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    cities = [City(folder) for folder in asked.folders]
    found = measure(cities, rounds=asked.rounds, only=asked.only)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, row in found.items():
        times = "  ".join(
            f"{ms:8.1f} ms ({low:.1f}–{high:.1f})" for ms, (low, high) in zip(row["ms"], row["half"], strict=True)
        )
        ratio = f"  ×{row['ms'][-1] / row['ms'][0]:.2f}" if len(cities) > 1 else ""
        print(f"{name:32s} {row['queries']:3d} queries {times}{ratio}")
        if asked.slow:
            role, page = name.split(": ")
            for seconds, sql in cities[-1].queries(role, dict(PAGES[role])[page]):
                if seconds * 1000 > asked.slow:
                    print(f"    {seconds * 1000:.1f} ms {' '.join(sql.split())[:600]}")


if __name__ == "__main__":
    main()
