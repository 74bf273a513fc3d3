"""What a city costs as it grows: size, start, memory, backup, ledger, tick. `python -m benchmarks.scale FOLDER …`

Each city is served by a process of its own; its memory is looked at after every page of every role was asked for.
A process of its own, too, writes the ledger of the last year's issues as .xlsx and does what falls due in a minute.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import quote

from werkzeug.datastructures import MultiDict

from app import create_app
from app.clock import now, today
from app.config import Settings
from app.db import connect, get_db, migrate
from app.notices import ticker
from app.people import store as people
from app.reports import exports
from benchmarks.bench import ROOT, ask, free_port
from benchmarks.pages import PAGES
from benchmarks.signed_in import cookie_of, id_of, reopen

ROUNDS = 5


def memory_mb(process_id: int, what: str) -> float:
    """Memory of a process (VmRSS now, VmHWM at most), in megabytes."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{process_id}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def measure(folder: Path) -> dict:
    """The figures of one city."""
    settings = Settings(instance=str(folder))
    migrate(settings.database)
    reopen(settings.database)
    app, db = create_app(settings), connect(settings.database)
    firm, issue = db.conn.execute("SELECT firm_id, id FROM issues ORDER BY id DESC LIMIT 1").fetchone()
    db.conn.close()
    officer = id_of(settings.database, "officer")
    port = free_port()
    environment = {"QIFANG_INSTANCE": str(folder), "QIFANG_PORT": str(port), "PATH": "/usr/bin:/bin"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "wsgi.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                ask(port, "GET", "/healthz")
                break
            except OSError:
                time.sleep(0.02)
        start = time.perf_counter() - began
        fresh = memory_mb(process.pid, "VmRSS")
        for _nth in range(ROUNDS):
            for role, pages in PAGES.items():
                cookie = f"qifang={cookie_of(app, id_of(settings.database, role))}"
                for _name, url in pages:
                    path = quote(url.format(firm=firm, issue=issue, officer=officer), safe="/?=&%")
                    ask(port, "GET", path, headers={"Cookie": cookie})
        most = memory_mb(process.pid, "VmHWM")
        with tempfile.TemporaryDirectory() as kept:
            began = time.perf_counter()
            command = [sys.executable, "-m", "flask", "--app", "wsgi", "backup", "take", kept]
            subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
            backup = time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(timeout=30)
    size = sum(each.stat().st_size for each in folder.glob("qifang.db*")) / 1e6
    return {"size": size, "start": start, "fresh": fresh, "most": most, "backup": backup}


def work(folder: Path) -> dict:
    """In a fresh process: the ledger of a year (lines, CPU seconds, memory) and the CPU seconds of a quiet minute."""
    settings = Settings(instance=str(folder))
    app = create_app(settings)
    with app.test_request_context(), tempfile.TemporaryFile() as file:
        office = people.get_user(get_db(), id_of(settings.database, "office"))
        asked = MultiDict({"reported_from": (today() - timedelta(days=365)).isoformat()})
        began = time.process_time()
        ledger = exports.issue_ledger(get_db(), asked, by=office, now=now())
        ledger.write(file, "xlsx")
        spent = time.process_time() - began
        most = memory_mb(os.getpid(), "VmHWM")
        ticker.tick(settings, at=now())  # what has waited since the city was made is done
        began = time.process_time()
        ticker.tick(settings, at=now())
        return {"rows": ledger.count, "ledger": spent, "ledger_mb": most, "tick": time.process_time() - began}


def main() -> None:
    """Print a line for each city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    print(
        f"{'city':>12s} {'database MB':>12s} {'start s':>8s} {'memory MB':>10s} {'at most':>8s} {'backup s':>9s}"
        f" {'ledger lines':>13s} {'CPU s':>6s} {'MB':>5s} {'tick CPU s':>11s}"
    )
    for folder in parser.parse_args().folders:
        found = measure(folder.resolve())
        with get_context("spawn").Pool(1) as pool:
            found |= pool.apply(work, (folder.resolve(),))
        print(
            f"{folder.name:>12s} {found['size']:12,.0f} {found['start']:8.2f} {found['fresh']:10.0f}"
            f" {found['most']:8.0f} {found['backup']:9.1f}"
            f" {found['rows']:13,d} {found['ledger']:6.1f} {found['ledger_mb']:5.0f} {found['tick']:11.2f}"
        )


if __name__ == "__main__":
    main()
