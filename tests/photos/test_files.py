"""A stored photo is whole and durable, or not there."""

import errno
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.photos import files

DATA = b"a picture" * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()


def everything(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_photo_lies_under_the_first_two_digits_of_its_name(tmp_path):
    root = tmp_path / "not" / "there" / "yet"
    with pytest.raises(FileNotFoundError):  # made once: a folder that is gone is to be noticed
        files.save(root, SHA256, "main", DATA)
    files.prepare(root)
    path = files.save(root, SHA256, "main", DATA)
    assert path == files.path_of(root, SHA256, "main") == root / SHA256[:2] / f"{SHA256}.main.jpg"
    files.save(root, SHA256, "thumb", b"small")
    assert everything(root) == [f"{SHA256[:2]}/{SHA256}.main.jpg", f"{SHA256[:2]}/{SHA256}.thumb.jpg"]
    with files.open_photo(root, SHA256, "main") as file:
        assert file.read() == DATA
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_not_there_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.open_photo(tmp_path, SHA256, "main")
    assert not files.path_of(tmp_path, SHA256, "main").exists()


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA256[:-1], SHA256.upper(), SHA256 + "\n", "/" * 64])
def test_only_a_hash_is_a_name(tmp_path, name):
    for call in (
        lambda: files.path_of(tmp_path, name, "main"),
        lambda: files.save(tmp_path, name, "main", DATA),
        lambda: files.open_photo(tmp_path, name, "main"),
    ):
        with pytest.raises(ValueError, match="name of a photo"):
            call()
    assert everything(tmp_path) == []


@pytest.mark.parametrize("size_name", ["", "original", "../main", "main.jpg"])
def test_only_two_sizes(tmp_path, size_name):
    with pytest.raises(ValueError, match="name of a photo"):
        files.save(tmp_path, SHA256, size_name, DATA)


def test_twice_is_the_same_as_once(tmp_path):
    path = files.save(tmp_path, SHA256, "main", DATA)
    os.utime(path, (1, 1))
    before = path.stat()
    files.save(tmp_path, SHA256, "main", DATA)
    after = path.stat()
    assert (before.st_ino, before.st_size) == (after.st_ino, after.st_size)
    assert after.st_mtime > 1, "touched, so that an erasing run leaves it alone"


def test_a_damaged_file_is_mended_by_the_next_upload(tmp_path):
    path = files.save(tmp_path, SHA256, "main", DATA)
    path.write_bytes(DATA[:100])
    files.save(tmp_path, SHA256, "main", DATA)
    assert path.read_bytes() == DATA


def test_sixteen_at_once(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        paths = list(pool.map(lambda _: files.save(tmp_path, SHA256, "main", DATA), range(64)))
    assert set(paths) == {files.path_of(tmp_path, SHA256, "main")}
    assert paths[0].read_bytes() == DATA
    assert len(everything(tmp_path)) == 1


@pytest.mark.parametrize("call", ["fsync", "fdopen", "replace"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch, call):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / SHA256[:2]).mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(Path if call == "replace" else os, call, full)
        with pytest.raises(OSError, match="No space left"):
            files.save(tmp_path, SHA256, "main", DATA)
    assert everything(tmp_path) == []
    files.save(tmp_path, SHA256, "main", DATA)
    assert files.path_of(tmp_path, SHA256, "main").read_bytes() == DATA


def test_the_order_of_steps_survives_a_power_cut(tmp_path, monkeypatch):
    """File to disk, then its name, then the folder; and the folder also when the file was there already."""
    steps = []
    fsync, replace = os.fsync, Path.replace

    def seen_fsync(handle):
        target = Path(f"/proc/self/fd/{handle}").readlink()
        steps.append("folder " + target.name if target.is_dir() else "file")
        fsync(handle)

    def seen_replace(path, target):
        steps.append("name")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "replace", seen_replace)
    root = tmp_path / "photos"
    folder = f"folder {SHA256[:2]}"
    files.prepare(root)
    files.save(root, SHA256, "main", DATA)
    assert steps == [f"folder {tmp_path.name}", "folder photos", "file", "name", folder]
    steps.clear()
    files.save(root, SHA256, "main", DATA)
    assert steps == [folder]
