"""The morning's rush: an hour that holds a fifth of a day's visits, at so many times a city.

    pip install '.[load]'
    python -m benchmarks.city FOLDER && python -m benchmarks.rush FOLDER --times 1 10 117 [--workers 4]

Visits arrive at a steady pace, whatever the server does (`people.py` says what a visit brings about); 117 cities are a
province of 76,000 officers. `--workers N` starts N servers behind nginx, which must be installed; else one process
answers for itself. What is recorded stays in FOLDER.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import ROOT, ask, free_port, served

VISITS_A_DAY = 2 * 650
"""Two visits an officer on a working day: more than the year's average, as the days of a campaign are."""

PEAK_SHARE = 0.2
VISITS_A_SECOND = VISITS_A_DAY * PEAK_SHARE / 3600
PAUSE_S = 20
"""From one story of a person to the next: more people, not hastier ones, make the greater load."""

NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1;
events {{ worker_connections 2048; }}
http {{
  access_log off; client_max_body_size 61m; client_body_buffer_size 8m;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream qifang {{ least_conn; {servers} keepalive 32; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://qifang; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}
}}
"""


@contextlib.contextmanager
def city_served(folder: Path, workers: int) -> Iterator[tuple[int, list[int]]]:
    """The port to ask and the ports of the servers: one process, or several behind nginx."""
    with contextlib.ExitStack() as stack:
        ports = []
        for _nth in range(workers):
            port = free_port()
            environment = {"QIFANG_INSTANCE": str(folder), "QIFANG_PORT": str(port)}
            if workers > 1:
                environment["QIFANG_PROXIES"] = "1"
            ports.append(stack.enter_context(served(["wsgi.py"], port, "/login", **environment)))
        if workers == 1:
            yield ports[0], ports
            return
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if nginx is None:
            sys.exit("Several workers need nginx in front of them: apt install nginx-light")
        own = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        own.chmod(0o755)  # where root starts nginx, its workers are nobody's, and keep what comes in there
        front = free_port()
        servers = " ".join(f"server 127.0.0.1:{port};" for port in ports)
        (own / "nginx.conf").write_text(NGINX.format(folder=own, port=front, servers=servers))
        process = subprocess.Popen([nginx, "-c", str(own / "nginx.conf")], stderr=subprocess.DEVNULL)
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        for _nth in range(100):
            with contextlib.suppress(OSError):
                ask(front, "GET", "/login")
                break
            time.sleep(0.1)
        yield front, ports


def rush(folder: Path, port: int, times: float, seconds: int) -> dict:
    """So many times a city's rush for so long: how much was asked, what failed, how long it took (milliseconds)."""
    rate = VISITS_A_SECOND * times
    people = max(1, round(rate * PAUSE_S))
    # They begin over one pause; all at once would be a rush of another kind.
    command = f"-m locust -f benchmarks/people.py --headless --json --reset-stats -u {people}"
    command += f" -r {max(people / PAUSE_S, 1)} -t {seconds + PAUSE_S}s --host http://127.0.0.1:{port}"
    answer = subprocess.run(
        [sys.executable, *command.split(), "--exit-code-on-error", "0"],
        cwd=ROOT,
        env={**os.environ, "QIFANG_CITY": str(folder), "QIFANG_STORIES_A_SECOND": str(rate / people)},
        check=False,
        capture_output=True,
        text=True,
    )
    if answer.returncode:
        sys.exit(answer.stderr)
    if "Error report" in answer.stderr:
        print(answer.stderr[answer.stderr.index("Error report") :])
    by_name = {each["name"]: each for each in json.loads(answer.stdout)}
    pages = [each for name, each in by_name.items() if not name.startswith("(")]
    visits = by_name.get("(visit)", {"num_requests": 0})["num_requests"]
    return {
        "times": times,
        "people": people,
        "visits": visits,
        "requests": sum(each["num_requests"] for each in by_name.values()),
        "failed": sum(each["num_failures"] for each in by_name.values()),
        "pages": percentile(pages, 0.5, 0.95, 0.99),
        "by_name": {name: percentile([each], 0.5, 0.95, 0.99) for name, each in sorted(by_name.items())},
    }


def percentile(kinds: list[dict], *shares: float) -> list[float]:
    """Of all answers of these kinds, how long so great a share took at most (milliseconds)."""
    counts: dict[float, int] = {}
    for each in kinds:
        for took, count in each["response_times"].items():
            counts[float(took)] = counts.get(float(took), 0) + count
    found = []
    for share in shares:
        left = share * sum(counts.values())
        took = 0.0
        for took in sorted(counts):
            left -= counts[took]
            if left <= 0:
                break
        found.append(took)
    return found


def main() -> None:
    """Print a line for each load, and the times of each kind of request."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=float, nargs="+", default=[1, 10, 117])
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    with city_served(asked.folder.resolve(), asked.workers) as (port, ports):
        print(f"{len(ports)} process(es); milliseconds: half, 95 %, 99 % of all took at most")
        for times in asked.times:
            found = rush(asked.folder.resolve(), port, times, asked.seconds)
            print(
                f"{times:g} × a city: {found['visits']} visits, {found['requests']} requests in {asked.seconds} s,"
                f" {found['failed']} failed; pages {found['pages']}"
            )
            for name, took in found["by_name"].items():
                print(f"    {name:14s} {took}")


if __name__ == "__main__":
    main()
