"""What a city costs as it grows: size, start, memory, backup. `python -m benchmarks.scale FOLDER …`

Each city is served by a process of its own; its memory is looked at after every page of every role was asked for.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from app import create_app
from app.config import Settings
from app.db import connect, migrate
from benchmarks.bench import ROOT, ask, free_port
from benchmarks.pages import PAGES
from benchmarks.signed_in import cookie_of, id_of

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
    app, db = create_app(settings), connect(settings.database)
    firm, issue = db.conn.execute("SELECT firm_id, id FROM issues ORDER BY id DESC LIMIT 1").fetchone()
    db.conn.close()
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
                    path = quote(url.format(firm=firm, issue=issue), safe="/?=&%")
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


def main() -> None:
    """Print a line for each city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    print(f"{'city':>12s} {'database MB':>12s} {'start s':>8s} {'memory MB':>10s} {'at most':>8s} {'backup s':>9s}")
    for folder in parser.parse_args().folders:
        found = measure(folder.resolve())
        print(
            f"{folder.name:>12s} {found['size']:12,.0f} {found['start']:8.2f} {found['fresh']:10.0f}"
            f" {found['most']:8.0f} {found['backup']:9.1f}"
        )


if __name__ == "__main__":
    main()
