"""What logs and figures cost a page: CPU of the same pages with and without them, in turns.

    QIFANG_INSTANCE=instance python benchmarks/log_cost.py        (a demo city)

Signs in as `office` and opens each page through Flask without a network; the log goes to /dev/null.
"""

import logging
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app, db, logs

PAGES = ("/issues/", "/firms/", "/office/")
ROUNDS, REQUESTS = 7, 50


def cpu_ms(client, page: str) -> float:
    """CPU milliseconds a request."""
    started = time.process_time()
    for _nth in range(REQUESTS):
        assert client.get(page).status_code == 200
    return (time.process_time() - started) / REQUESTS * 1000


def main() -> None:
    """Print a line a page."""
    with Path("/dev/null").open("w") as nowhere:
        compare(nowhere)


def compare(nowhere) -> None:
    """With the log going nowhere."""
    app = create_app()
    logging.getLogger().handlers = [logs.handler_of("json", nowhere)]
    logging.getLogger().setLevel(logging.INFO)
    client = app.test_client()
    assert client.post("/login", data={"username": "office", "password": "demo"}).status_code == 303
    watched, after = list(db._watchers), list(app.after_request_funcs[None])
    unlogged = [each for each in after if each.__name__ != "log_request"]
    assert len(unlogged) == len(after) - 1
    for page in PAGES:
        with_it, without = [], []
        for _round in range(ROUNDS):
            db._watchers[:], app.after_request_funcs[None] = watched, after
            with_it.append(cpu_ms(client, page))
            db._watchers[:], app.after_request_funcs[None] = [], unlogged
            without.append(cpu_ms(client, page))
        cost = median(with_it) - median(without)
        print(f"{page:<12} {median(without):6.2f} ms  + {cost:5.2f} ms  ({cost / median(without):.1%})")


if __name__ == "__main__":
    main()
