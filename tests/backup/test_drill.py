"""The drill: officers write while a backup is taken; what was acknowledged before it began is in it."""

import json
import time

from app.clock import from_text
from tests.phones import Phones
from tests.serving import Record, Server, ask, flask, sign_in, what_is_lost


def test_the_drill(served, tmp_path):
    server, firm_id = served
    (server.folder / "boundaries.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    server.start()
    backups, restored = tmp_path / "backups", tmp_path / "restored"
    began = []
    with Phones(server, firm_id) as officers:
        for _nth in range(2):  # the second one copies only the new photos
            officers.wait_for(8)
            began.append(time.monotonic())
            done = flask(server.folder, "backup", str(backups), "--json")
            assert done.returncode == 0, done.stderr
            time.sleep(1.1)  # a backup is named by its second
    assert officers.refusals == {}
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
