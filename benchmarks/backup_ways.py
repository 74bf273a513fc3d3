"""Three ways of copying a live database, while four threads write to it as fast as they can.

    python benchmarks/backup_ways.py instance/qifang.db        (works on a copy of it)

Says for each way how long it took, how many commits others made meanwhile, the slowest of those, and how large the log
beside the database grew. What it taught stands in docs/adr (backup).
"""

import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.db import connect  # noqa: E402

LONGEST_S = 60


def stepwise(live, target: Path) -> None:
    """The backup API, 256 pages at a time; starts anew whenever another connection commits."""
    copy = connect(target)
    started = time.monotonic()

    def stop(*_state) -> None:
        if time.monotonic() - started > LONGEST_S:
            raise TimeoutError("gave up")

    try:
        live.conn.backup(copy.conn, pages=256, progress=stop, sleep=0)
    finally:
        copy.conn.close()


def one_moment(live, target: Path) -> None:
    """The same under a read transaction of the copying connection: never starts anew. What `flask backup` does."""
    from app.backup.store import copy_database

    copy_database(path_of(live), target, progress=lambda *_state: None)


def path_of(live) -> Path:
    """The file behind a connection."""
    return Path(live.conn.execute("PRAGMA database_list").fetchone()["file"])


def vacuum(live, target: Path) -> None:
    """VACUUM INTO: builds every table anew."""
    live.conn.execute("VACUUM INTO ?", [str(target)])


def measure(way, source: Path, folder: Path) -> str:
    """One way on a fresh copy of the database."""
    path = folder / f"{way.__name__}.db"
    shutil.copyfile(source, path)
    stop, commits = threading.Event(), []

    def write() -> None:
        db = connect(path)
        while not stop.is_set():
            started = time.perf_counter()
            db.conn.execute("BEGIN IMMEDIATE")
            db.conn.execute(
                "INSERT INTO sign_in_attempts (username, at) VALUES (?, '2026-01-01T00:00:00Z')", [f"{started}"]
            )
            db.conn.commit()
            commits.append(time.perf_counter() - started)
        db.conn.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for each in writers:
        each.start()
    time.sleep(0.5)
    commits.clear()
    live, started = connect(path), time.monotonic()
    try:
        way(live, folder / f"{way.__name__}.copy.db")
        took = f"{time.monotonic() - started:6.2f} s"
    except TimeoutError:
        took = f"  not within {LONGEST_S} s"
    count, slowest = len(commits), max(commits, default=0)
    log = Path(f"{path}-wal").stat().st_size / 1e6
    stop.set()
    for each in writers:
        each.join()
    live.conn.close()
    return (
        f"{way.__name__:<12} {took}, {count} commits of others, the slowest {slowest * 1000:.0f} ms, log {log:.1f} MB"
    )


def main() -> None:
    """All ways in turn."""
    source = Path(sys.argv[1])
    live = connect(source)
    live.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    live.conn.close()
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        print(f"{source.stat().st_size / 1e6:.1f} MB")
        for way in (one_moment, vacuum, stepwise):
            print(measure(way, source, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
