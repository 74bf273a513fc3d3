"""The drill: officers write while a backup is taken; what was acknowledged before it began is in it."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from app.clock import from_text
from tests.serving import ROOT, Record, Server, ask, sign_in, what_is_lost


def flask(instance: Path, *command: str) -> subprocess.CompletedProcess:
    """A command of the app on a folder of data."""
    environment = {"QIFANG_INSTANCE": str(instance), "PATH": "/usr/bin:/bin"}
    line = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    return subprocess.run(line, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


class Officers:
    """Threads that record visits with a photo each, one after the other; each knows when it had its receipt."""

    def __init__(self, server: Server, firm_id: int, count: int = 3):
        self.server, self.firm_id = server, firm_id
        self.acknowledged: list[tuple[float, Record]] = []
        self.failures: list[object] = []
        self._stop = threading.Event()
        cookie = sign_in(server.port)
        self._threads = [threading.Thread(target=self._work, args=(cookie,)) for _ in range(count)]

    def _work(self, cookie: str) -> None:
        while not self._stop.is_set():
            record = Record(self.firm_id, notes="备份演练")
            status = record.send(self.server.port, cookie)
            if status == 200 and record.is_acknowledged:
                self.acknowledged.append((time.monotonic(), record))
            else:
                self.failures.append(status)

    def __enter__(self):
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_error):
        self._stop.set()
        for each in self._threads:
            each.join()


def test_the_drill(served, tmp_path):
    server, firm_id = served
    (server.folder / "boundaries.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    server.start()
    backups, restored = tmp_path / "backups", tmp_path / "restored"
    began = []
    with Officers(server, firm_id) as officers:
        for _nth in range(2):  # the second one copies only the new photos
            until = len(officers.acknowledged) + 8
            while len(officers.acknowledged) < until:
                time.sleep(0.02)
            began.append(time.monotonic())
            done = flask(server.folder, "backup", str(backups), "--json")
            assert done.returncode == 0, done.stderr
            time.sleep(1.1)  # a backup is named by its second
    assert officers.failures == []
    taken = json.loads(done.stdout)
    assert 0 < taken["copied"] < taken["photo_count"] and taken["wrong"] == []

    acknowledged = list(officers.acknowledged)
    during = [record for at, record in acknowledged if at > began[-1]]
    assert during, "nobody wrote while the backup was taken"
    server.kill()

    verified = flask(server.folder, "backup", "verify", str(backups), "--json")
    assert verified.returncode == 0 and json.loads(verified.stdout)["wrong"] == []
    done = flask(restored, "restore", str(backups))
    assert done.returncode == 0, done.stderr
    assert what_is_lost(restored, [record for at, record in acknowledged if at <= began[-1]]) == []
    checked = flask(restored, "check", "--deep", "--json")
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)["is_well"]
    assert (restored / "boundaries.geojson").read_text().startswith('{"type"')
    assert (restored / "secret_key").read_bytes() == (server.folder / "secret_key").read_bytes()
    assert (restored / "secret_key").stat().st_mode & 0o777 == 0o600

    again = Server(restored).start()
    try:
        after = Record(firm_id)
        assert after.send(again.port, sign_in(again.port)) == 200 and after.is_acknowledged
        resent = during[-1]  # what a phone sends again after the restore makes no twin either
        resent.received.clear()
        assert resent.send(again.port, sign_in(again.port)) == 200
        assert what_is_lost(restored, [after, resent]) == []
        assert ask(again.port, "GET", "/healthz")[0] == 200
    finally:
        again.kill()
    assert from_text(json.loads(verified.stdout)["taken_at"])
