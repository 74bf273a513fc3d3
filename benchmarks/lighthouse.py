"""Four pages under Lighthouse, as a phone loads them: `python -m benchmarks.lighthouse [--rounds 3]`.

Wants node 18 or newer, npm and Chromium; Lighthouse comes from npm into a folder that is thrown away. No test needs it.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks.bench import ROOT, free_port, served

SCRIPT = Path(__file__).with_suffix(".mjs")
VERSION = "12.8.2"


def main() -> None:
    """Bring Lighthouse, serve a demo city, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    chromium = shutil.which("chromium")
    if not (chromium and shutil.which("node") and shutil.which("npm")):
        raise SystemExit("node, npm and Chromium are needed (apt install nodejs npm chromium).")
    with tempfile.TemporaryDirectory() as folder:
        print(f"Lighthouse {VERSION} from npm …", file=sys.stderr)
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, f"lighthouse@{VERSION}"]
        subprocess.run(npm, check=True, env={**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"})
        shutil.copy(SCRIPT, folder)
        city = {"QIFANG_INSTANCE": f"{folder}/city"}
        for command in ("migrate", "demo load"):
            flask = [sys.executable, "-m", "flask", "--app", "wsgi", *command.split()]
            quiet = subprocess.DEVNULL
            subprocess.run(flask, cwd=ROOT, env={**os.environ, **city}, check=True, stdout=quiet, stderr=quiet)
        port = free_port()
        with served(["wsgi.py"], port, "/healthz", **city, QIFANG_PORT=str(port)):
            node = ["node", f"{folder}/{SCRIPT.name}", f"http://127.0.0.1:{port}", chromium]
            lines = [
                json.loads(line)
                for _ in range(rounds)
                for line in subprocess.run(node, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
            ]
    _print(lines)


def _print(lines: list[dict]) -> None:
    """The median of the rounds, and everything that any of them found."""
    pages = defaultdict(list)
    for line in lines:
        pages[line["name"]].append(line)
    print("| page | performance | accessibility | best practices | first paint | largest paint | blocked | shift |")
    print("|---|---|---|---|---|---|---|---|")
    for name, rounds in pages.items():
        scores = [statistics.median_low([each["scores"][nth] for each in rounds]) for nth in range(3)]
        times = [statistics.median([each["times"][nth] for each in rounds]) for nth in range(3)]
        shift = statistics.median(each["shift"] for each in rounds)
        cells = [*map(str, scores), f"{times[0] / 1000:.1f} s", f"{times[1] / 1000:.1f} s", f"{times[2]:.0f} ms"]
        print(f"| {name} | {' | '.join(cells)} | {shift:.3f} |")
    for name, rounds in pages.items():
        for finding in sorted({finding for each in rounds for finding in each["found"]}):
            print(f"{name}: {' '.join(finding.split())}")


if __name__ == "__main__":
    main()
