"""The office's page 备份与健康: what it warns of, and the check on demand."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.backup import actions, health, page
from app.clock import now
from tests import factories


@pytest.fixture(autouse=True)
def fresh_answers(monkeypatch):
    monkeypatch.setattr(health, "KEPT_S", 0)


@pytest.fixture
def backed_up(db, settings, tmp_path):
    """backed_up(days=3): a backup that was taken so long ago."""

    def take(**ago):
        moment = now() - timedelta(**ago)
        taken = actions.take_backup(Path(settings.instance), tmp_path / "out", release="r", now=moment)
        actions.log_backup(db, taken, now=moment)

    return take


def warnings(here) -> list[str]:
    return [node.text for node in here.get("/office/health").one("main").all(".note.red")]


def check(app, here) -> None:
    """Press the button, wait, and be led back to the page."""
    asked = here.post("/office/health/checks", status=303)
    app.extensions["jobs"].join()
    assert here.get(asked.headers["Location"], status=303).headers["Location"] == "/office/health"


def test_before_the_first_backup(page):
    assert any("还没有备份过" in text for text in warnings(page("office")))


def test_a_fresh_backup_is_well(page, backed_up):
    backed_up(hours=3)
    here = page("office").get("/office/health")
    assert here.one("main").one(".note.green").text == "一切正常。"
    assert "3 小时前" in here.text


@pytest.mark.parametrize(("days", "warns"), [(1, False), (3, True)])
def test_an_old_backup_is_warned_of(page, backed_up, days, warns):
    backed_up(days=days)
    assert any(f"{days} 天前" in text for text in warnings(page("office"))) is warns


def test_a_photo_that_was_not_there_is_warned_of(page, db, settings, backed_up):
    factories.make_visit(db, pictures=[factories.make_picture(settings.photos)])
    next(settings.photos.rglob("*.main.jpg")).unlink()
    backed_up(hours=1)
    assert warnings(page("office")) == ["最近一次备份时有照片缺失或损坏，请系统管理员尽快检查。"]


def test_what_cannot_be_written_comes_first(page, settings, backed_up):
    here = page("office")
    settings.photos.rmdir()
    assert warnings(here)[0] == "照片文件夹：找不到，可能是磁盘没有挂载。请系统管理员马上处理。"


def test_messages_that_wait_too_long_and_a_ticker_that_stopped(page, db):
    db.conn.execute(
        "INSERT INTO deliveries (channel, dedupe_key, body, is_digest, created_at, next_try_at)"
        " VALUES ('wecom', 'k', 'b', 0, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')"
    )
    db.conn.execute("INSERT INTO leases (name, holder, until) VALUES ('ticker', 'h', '2026-01-01T00:00:00Z')")
    red = [node.text for node in page("office").get("/office/health").one("main").all(".tag.red")]
    assert any(text.startswith("1 条，最早的已等") for text in red) and any(text.startswith("已停") for text in red)


def test_a_check_on_demand(app, page, db, settings, backed_up):
    backed_up(hours=1)
    factories.make_visit(db, pictures=[factories.make_picture(settings.photos)])
    here = page("office")
    check(app, here)
    assert warnings(here) == []
    next(settings.photos.rglob("*.thumb.jpg")).unlink()
    check(app, here)
    assert warnings(here) == ["最近一次检查发现数据有问题，请系统管理员处理。"]
    rows = db.conn.execute("SELECT object FROM audit_log WHERE action = 'data_checked'").fetchall()
    assert [row[0] for row in rows] == ["check", "check"]


def test_the_auditor_reads_and_starts_nothing(page):
    here = page("auditor")
    assert here.get("/office/health").one("main").all("form") == []
    here.post("/office/health/checks", status=403)


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head"])
def test_others_have_no_such_page(page, role):
    page(role).get("/office/health", status=403)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 KB"), (999_999, "1000 KB"), (3_210_000, "3.2 MB"), (3_210_000_000, "3.2 GB")]
)
def test_sizes(count, text):
    assert page.size(count) == text
