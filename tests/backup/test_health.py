"""`/healthz` writes and says what it could not; `/metrics` is for this machine, and counts by endpoint."""

import json
import shutil
import threading

import pytest

from app.backup import actions, health
from app.clock import now
from app.db import connect
from tests import factories


@pytest.fixture(autouse=True)
def fresh_answers(monkeypatch):
    """Each question is answered anew."""
    monkeypatch.setattr(health, "KEPT_S", 0)


def parts(client, status=503):
    answer = client.get("/healthz")
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json["parts"]


def test_all_is_well(client, app, db):
    answer = client.get("/healthz").json
    assert answer["status"] == "ok" and answer["release"] == app.config["RELEASE"]
    assert answer["parts"] == {"database": "ok", "photos": "ok"}
    assert set(answer["waiting"].values()) == {0}


def test_it_leaves_nothing_behind(client, db, settings, instance):
    factories.make_picture(settings.photos)
    before = sorted(path.name for path in instance.rglob("*"))
    assert parts(client, 200) == {"database": "ok", "photos": "ok"}
    assert sorted(path.name for path in instance.rglob("*")) == before
    assert db.conn.execute("SELECT count(*) FROM settings WHERE name = 'health'").fetchone()[0] == 0
    assert db.conn.execute("PRAGMA busy_timeout").fetchone()[0] == 10_000


def test_another_writer_holds_the_database(client, settings, monkeypatch):
    monkeypatch.setattr(health, "_WITHIN_MS", 20)
    other = connect(settings.database)
    other.conn.execute("BEGIN IMMEDIATE")
    assert parts(client) == {"database": "locked", "photos": "ok"}
    other.conn.rollback()
    other.conn.close()
    assert parts(client, 200)["database"] == "ok"


def test_a_database_that_takes_no_writes(client, db):
    db.conn.execute("PRAGMA query_only = 1")
    assert parts(client)["database"] == "read-only"
    db.conn.execute("PRAGMA query_only = 0")
    assert parts(client, 200)["database"] == "ok"


def test_the_folder_of_photos_is_gone(client, db, settings, tmp_path):
    picture = factories.make_picture(settings.photos)
    factories.make_visit(db, pictures=[picture])
    settings.photos.rename(tmp_path / "elsewhere")
    assert parts(client) == {"database": "ok", "photos": "gone"}
    settings.photos.mkdir()  # a mount point without its disk
    assert parts(client)["photos"] == "gone"
    settings.photos.rmdir()
    (tmp_path / "elsewhere").rename(settings.photos)
    assert parts(client, 200)["photos"] == "ok"


def test_something_else_stands_where_the_photos_should(client, settings):
    shutil.rmtree(settings.photos, ignore_errors=True)
    settings.photos.symlink_to("/proc")  # a folder that takes no file, from root neither
    assert parts(client)["photos"] != "ok"


def test_many_who_ask_at_once_cost_one_try(app, db, settings, monkeypatch):
    monkeypatch.setattr(health, "KEPT_S", 60)
    tries = []
    real = health.probe
    monkeypatch.setattr(health, "probe", lambda *given: tries.append(1) or real(*given))
    probe = health.Probe()
    threads = [threading.Thread(target=probe.ask, args=(db, settings)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(tries) == 1


def test_metrics_are_for_this_machine(client, app):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 404
    wrong = {"Authorization": "Bearer "}  # no token is set: none opens
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"}, headers=wrong).status_code == 404


class TestToken:
    @pytest.fixture
    def settings(self, settings):
        from dataclasses import replace

        return replace(settings, metrics_token="of-no-worth")

    @pytest.mark.parametrize(("token", "status"), [("of-no-worth", 200), ("of-no-wort", 404), ("错", 404)])
    def test_a_token_opens_them_from_elsewhere(self, client, token, status):
        headers = {"Authorization": b"Bearer " + token.encode()}
        headers = {name: value.decode("latin-1") for name, value in headers.items()}
        assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"}, headers=headers).status_code == status


def figure(client, line: str) -> float:
    """The value that stands behind the name and labels."""
    [value] = [each.rsplit(" ", 1)[1] for each in client.get("/metrics").text.splitlines() if each.startswith(line)]
    return float(value)


def test_figures(client, db, sign_in, settings):
    officer = sign_in("officer")
    counted = 'qifang_requests_total{endpoint="firms.index",method="GET",status="2xx"}'
    officer.get("/firms/?q=王经理")
    before = figure(client, counted)
    officer.get("/firms/?q=王经理")
    assert figure(client, counted) == before + 1
    assert figure(client, 'qifang_health{part="database"}') == 1
    assert figure(client, 'qifang_waiting{what="photos"}') == 0
    assert figure(client, 'qifang_free_bytes{folder="instance"}') > 0
    assert figure(client, "qifang_commit_seconds_count") > 0


def test_the_age_of_the_last_backup(client, app, db, settings, tmp_path):
    taken = actions.take_backup(instance_of(settings), tmp_path / "out", release="r", now=now())
    actions.log_backup(db, taken, now=now())
    assert 0 <= figure(client, "qifang_backup_age_seconds") < 60
    assert health.last_backup(db)["photo_count"] == 0
    assert json.loads(json.dumps(health.last_backup(db)))


def instance_of(settings):
    from pathlib import Path

    return Path(settings.instance)
