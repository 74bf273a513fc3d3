"""A backup is whole or says what is wrong with it; a restore puts back exactly that, and never over anything."""

import json
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from app.backup import actions, check_actions, restore_actions, store
from app.backup.copying import only_one
from app.backup.manifest import (
    LISTING,
    MANIFEST,
    UNFINISHED,
    BackupError,
    find_backup,
    from_json,
    list_backups,
    read_listing,
    read_manifest,
)
from app.db import close_all, connect, known_steps
from app.settings import get_setting
from tests import factories


@pytest.fixture
def lived_in(db, settings):
    """An instance with two visits that have a photo each."""
    for colour in ((9, 9, 9), (200, 1, 1)):
        factories.make_visit(db, pictures=[factories.make_picture(settings.photos, colour=colour)])
    return Path(settings.instance)


@pytest.fixture
def take(lived_in, tmp_path, now):
    """take(minutes=5) takes a backup at a moment that many minutes on."""

    def taken(minutes: int = 0, **more):
        moment = now + timedelta(minutes=minutes)
        return actions.take_backup(lived_in, tmp_path / "kept", release="r", now=moment, **more)

    return taken


def put_back(backup: Path, instance: Path, now, **more):
    return restore_actions.restore(backup, instance, known_steps=known_steps(), now=now, **more)


def run(app, *arguments: str):
    """A command; its outcome, with what it wrote."""
    return app.test_cli_runner().invoke(args=list(arguments), prog_name="flask")


def test_a_backup_says_what_is_in_it(take, db):
    taken = take()
    manifest = read_manifest(taken.folder)
    assert manifest == taken.manifest
    assert taken.folder.name == "2026-11-20T020000Z"
    assert manifest.counts["visits"] == 2 and manifest.photo_count == 4 and taken.copied == 4 and taken.is_whole
    assert manifest.schema == known_steps()[-1]
    assert manifest.heads == store.get_heads(db)
    assert actions.verify(taken.folder) == (manifest, [])
    assert not list(taken.folder.parent.glob(f"{UNFINISHED}*"))


def test_nobody_else_may_read_it(take):
    taken = take()
    assert [path for path in [taken.folder, *taken.folder.parent.rglob("*.jpg")] if path.stat().st_mode & 0o077] == []
    assert (taken.folder / "qifang.db").stat().st_mode & 0o777 == 0o600


def test_photos_are_copied_once(take, db, settings):
    first = take()
    before = {path: path.stat().st_ino for path in (first.folder.parent / "photos").rglob("*.jpg")}
    factories.make_visit(db, pictures=[factories.make_picture(settings.photos, colour=(1, 200, 1))])
    second = take(minutes=5)
    assert (second.copied, second.manifest.photo_count) == (2, 6)
    assert all(path.stat().st_ino == inode for path, inode in before.items())
    assert read_listing(first.folder).items() <= read_listing(second.folder).items()


def test_old_databases_go_and_photos_stay(take):
    folders = [take(minutes=nth, keep=2).folder for nth in range(4)]
    assert list_backups(folders[0].parent) == folders[2:]
    assert len(list((folders[0].parent / "photos").rglob("*.jpg"))) == 4
    assert [actions.verify(each)[1] for each in folders[2:]] == [[], []]


def test_a_photo_without_its_file_is_told(take, settings):
    next(settings.photos.rglob("*.main.jpg")).unlink()
    taken = take()
    assert not taken.is_whole and len(taken.manifest.missing) == 1 and taken.manifest.photo_count == 3
    assert actions.verify(taken.folder)[1] == []  # it holds what it says it holds


def test_a_lost_photo_comes_back_from_an_earlier_backup(take, settings, tmp_path, now):
    take()
    lost = next(settings.photos.rglob("*.main.jpg"))
    lost.unlink()
    taken = take(minutes=1)
    assert taken.manifest.missing and taken.manifest.photo_count == 4
    put_back(taken.folder, tmp_path / "new", now)
    assert (tmp_path / "new" / "photos" / lost.parent.name / lost.name).is_file()


@pytest.mark.parametrize("content", [b"rotten", b""])
def test_a_damaged_photo_is_told_and_a_good_copy_is_kept(take, settings, content):
    first = take()
    rotten = next(settings.photos.rglob("*.main.jpg"))
    good = rotten.read_bytes()
    rotten.write_bytes(content)
    second = take(minutes=1)
    name = f"{rotten.parent.name}/{rotten.name}"
    assert second.manifest.damaged == (name,)
    assert (first.folder.parent / "photos" / name).read_bytes() == good
    assert actions.verify(second.folder)[1] == []


def test_a_photo_damaged_before_any_backup_is_told(take, settings):
    rotten = next(settings.photos.rglob("*.main.jpg"))
    rotten.write_bytes(b"rotten")
    taken = take()
    assert taken.manifest.damaged == (f"{rotten.parent.name}/{rotten.name}",)
    assert not (taken.folder.parent / "photos" / rotten.parent.name / rotten.name).exists()


@pytest.mark.parametrize("where", ["database", "first photo", "last photo", "files"])
def test_an_interrupted_backup_is_no_backup_and_goes_on(take, lived_in, where):
    (lived_in / "boundaries.geojson").write_text("{}")

    def pull_the_plug(what, done, total):
        if what == "database" and where == "database":
            raise KeyboardInterrupt
        if what == "photos" and done == {"first photo": 1, "last photo": total}.get(where):
            raise KeyboardInterrupt

    if where == "files":
        (lived_in / "boundaries.geojson").chmod(0)
        if os.geteuid() == 0:
            shutil.rmtree(lived_in / "boundaries.geojson", ignore_errors=True)
            (lived_in / "boundaries.geojson").unlink()
            (lived_in / "boundaries.geojson").symlink_to("/proc/self/mem")  # opens, and fails when read
        with pytest.raises(BackupError):
            take()
        (lived_in / "boundaries.geojson").unlink()
    else:
        with pytest.raises(KeyboardInterrupt):
            take(progress=pull_the_plug)
    kept = lived_in.parent / "kept"
    assert list_backups(kept) == []
    assert len(list(kept.glob(f"{UNFINISHED}*"))) == 1
    with pytest.raises(BackupError, match="no finished backup"):
        find_backup(kept)
    taken = take(minutes=1)
    assert taken.copied == {"last photo": 1, "files": 0}.get(where, 4)
    assert actions.verify(taken.folder)[1] == []
    assert not list(kept.glob(f"{UNFINISHED}*"))


def test_what_an_interrupted_copy_left_is_not_trusted(take, settings, lived_in):
    """A power cut may leave a file of the right length with nothing in it."""
    for live in settings.photos.rglob("*.jpg"):
        left = lived_in.parent / "kept" / "photos" / live.parent.name / live.name
        left.parent.mkdir(parents=True, exist_ok=True)
        left.write_bytes(bytes(live.stat().st_size))
    taken = take()
    assert taken.copied == 4
    assert actions.verify(taken.folder)[1] == []


def test_two_at_once_are_refused(take, lived_in):
    with only_one(lived_in.parent / "kept"), pytest.raises(BackupError, match="under way"):
        take()


def test_not_into_what_it_backs_up(lived_in, now):
    for inside in (lived_in, lived_in / "backups"):
        with pytest.raises(BackupError, match="elsewhere"):
            actions.take_backup(lived_in, inside, release="r", now=now)


def test_without_a_database_there_is_nothing_to_back_up(tmp_path, now):
    with pytest.raises(BackupError, match="no database"):
        actions.take_backup(tmp_path / "none", tmp_path / "kept", release="r", now=now)


def test_a_damaged_database_makes_no_backup(lived_in, take):
    close_all()
    path = lived_in / "qifang.db"
    raw = bytearray(path.read_bytes())
    for page in range(4, len(raw) // 4096):
        raw[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    (lived_in / "qifang.db-wal").unlink(missing_ok=True)
    path.write_bytes(raw)
    with pytest.raises(BackupError, match=r"damaged|could not be copied"):
        take()
    assert list_backups(lived_in.parent / "kept") == []


def _spoil(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize("name", ["qifang.db", LISTING, "photos", "files/secret_key"])
@pytest.mark.parametrize("harm", [_spoil, Path.unlink])
def test_one_flipped_bit_is_found(take, lived_in, tmp_path, now, name, harm):
    (lived_in / "secret_key").write_text("k" * 64)
    taken = take()
    path = next(taken.folder.parent.rglob("*.thumb.jpg")) if name == "photos" else taken.folder / name
    harm(path)
    _manifest, wrong = actions.verify(taken.folder)
    assert len(wrong) == 1 and path.name in wrong[0]
    with pytest.raises(BackupError, match="nothing was restored"):
        put_back(taken.folder, tmp_path / "new", now)
    assert not (tmp_path / "new" / "qifang.db").exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1}', '{"format": 99}', "\x00"])
def test_another_manifest_is_refused_in_words(take, text):
    taken = take()
    (taken.folder / MANIFEST).write_text(text)
    with pytest.raises(BackupError, match=r"cannot be read|format 99"):
        actions.verify(taken.folder)
    with pytest.raises(BackupError):
        from_json(text)


@pytest.mark.parametrize("line", ["../../etc/passwd", "ab/../../x.main.jpg", "/etc/passwd"])
def test_a_list_leads_nowhere_else(take, line):
    taken = take()
    (taken.folder / LISTING).write_text(f"{'0' * 64}  {line}\n")
    with pytest.raises(BackupError, match="damaged"):
        read_listing(taken.folder)


def test_restored_is_what_was_backed_up(take, tmp_path, settings, now, db, lived_in):
    (lived_in / "tiles").mkdir()
    (lived_in / "tiles" / "0.png").write_bytes(b"tile")
    taken = take()
    new = tmp_path / "new"
    put_back(taken.folder, new, now)
    restored = connect(new / "qifang.db")
    counts = store.count_rows(restored)
    assert {**counts, "audit_log": 0} == {**taken.manifest.counts, "audit_log": 0}
    assert restored.conn.execute("SELECT action FROM audit_log ORDER BY id DESC").fetchone()[0] == "backup_restored"
    findings = check_actions.check(restored, new / "photos", pending=[], deep=True)
    assert [each for each in findings if each.count] == []
    restored.conn.close()
    live = {path.name: path.read_bytes() for path in settings.photos.rglob("*.jpg")}
    assert {path.name: path.read_bytes() for path in (new / "photos").rglob("*.jpg")} == live
    assert (new / "tiles" / "0.png").read_bytes() == b"tile"
    assert not (new / restore_actions.RESTORING).exists()


def test_who_had_signed_out_stays_signed_out(take, sign_in, tmp_path, now, db):
    client = sign_in("officer")
    taken = take()
    client.post("/logout")
    put_back(taken.folder, tmp_path / "new", now)
    restored = connect(tmp_path / "new" / "qifang.db")
    assert restored.conn.execute("SELECT count(*) FROM sessions WHERE ended_at IS NULL").fetchone()[0] == 0
    restored.conn.close()


@pytest.mark.parametrize("name", ["qifang.db", "photos/aa/x.jpg", "boundaries.geojson"])
def test_nothing_is_overwritten(take, tmp_path, now, name):
    there = tmp_path / "new" / name
    there.parent.mkdir(parents=True)
    there.write_text("mine")
    with pytest.raises(BackupError, match=r"There is a database|not empty"):
        put_back(take().folder, tmp_path / "new", now)
    assert there.read_text() == "mine"


def test_an_interrupted_restore_is_run_again(take, tmp_path, now):
    taken = take()

    def pull_the_plug(what, done, _total):
        if what == "restoring photos" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put_back(taken.folder, tmp_path / "new", now, progress=pull_the_plug)
    assert not (tmp_path / "new" / "qifang.db").exists()
    put_back(taken.folder, tmp_path / "new", now)
    assert len(list((tmp_path / "new" / "photos").rglob("*.jpg"))) == 4


def test_a_newer_schema_is_refused(take, tmp_path, now):
    with pytest.raises(BackupError, match="newer release"):
        restore_actions.restore(take().folder, tmp_path / "new", known_steps=known_steps()[:-1], now=now)


def test_the_commands(app, lived_in, db, tmp_path, settings):
    close_all()
    done = run(app, "backup", str(tmp_path / "kept"))
    assert done.exit_code == 0 and "4 photo files" in done.output, done.output
    assert "personal data" in done.output
    assert run(app, "backup", "verify", str(tmp_path / "kept"), "--quiet").output == ""
    assert "2 visits" in run(app, "backup", "list", str(tmp_path / "kept")).output
    again = connect(settings.database)
    remembered = json.loads(get_setting(again, actions.LAST_BACKUP))
    assert remembered["photo_count"] == 4 and remembered["problem_count"] == 0
    assert again.conn.execute("SELECT action FROM audit_log ORDER BY id DESC").fetchone()[0] == "backup_taken"
    again.conn.close()
    refused = run(app, "restore", str(tmp_path / "kept"))
    assert refused.exit_code == 1 and "never overwrites" in refused.output


def test_a_backup_that_is_not_whole_exits_with_one(app, lived_in, settings, tmp_path):
    next(settings.photos.rglob("*.main.jpg")).unlink()
    done = run(app, "backup", "take", str(tmp_path / "kept"), "--quiet")
    assert done.exit_code == 1 and "is missing" in done.output
    assert len(list_backups(tmp_path / "kept")) == 1


def test_verify_without_a_backup_says_so(app, lived_in, tmp_path):
    done = run(app, "backup", "verify", str(tmp_path))
    assert done.exit_code == 1 and "no finished backup" in done.output


def test_the_folder_beside_is_the_default(settings):
    assert settings.backups.name == "instance-backups" and settings.backups.parent == Path(settings.instance).parent
