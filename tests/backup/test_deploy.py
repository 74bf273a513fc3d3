"""What docs/running.md has an administrator install: systemd accepts it, its settings exist, its sizes agree."""

import re
import shutil
import subprocess
from dataclasses import fields

import pytest

from app.config import Settings
from tests.serving import ROOT

DEPLOY = ROOT / "deploy"
MANUAL = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")


def test_systemd_accepts_the_units(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    binaries = tmp_path / "current" / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for name in ("python", "flask"):
        (binaries / name).write_text("#!/bin/sh\n")
        (binaries / name).chmod(0o755)
    units = []
    for unit in [each for kind in ("service", "timer", "target") for each in DEPLOY.glob(f"*.{kind}")]:
        units.append(tmp_path / unit.name)
        units[-1].write_text(unit.read_text(encoding="utf-8").replace("/opt/qifang/current", str(tmp_path / "current")))
    assert len(units) == 8
    verified = subprocess.run(["systemd-analyze", "verify", *units], check=False, capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("script", ["prepare", "upgrade", "qifang"])
def test_scripts_can_be_read_and_run(script):
    assert subprocess.run(["sh", "-n", DEPLOY / script], check=False).returncode == 0
    assert (DEPLOY / script).stat().st_mode & 0o111


def test_the_settings_exist():
    known = {f"QIFANG_{each.name.upper()}" for each in fields(Settings)}
    named = re.findall(r"^(QIFANG_\w+)=", (DEPLOY / "qifang.env").read_text(encoding="utf-8"), re.MULTILINE)
    assert named and set(named) <= known


def test_proxies_take_what_the_app_takes_and_refuse_the_figures():
    for name, size in (("Caddyfile", r"max_size (\d+)MB"), ("nginx.conf", r"client_max_body_size (\d+)m")):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        assert int(re.search(size, text)[1]) > Settings().upload_mb
        assert "/metrics" in text


def test_logs_are_kept_for_half_a_year():
    assert int(re.search(r"MaxRetentionSec=(\d+)day", (DEPLOY / "journald.conf").read_text(encoding="utf-8"))[1]) >= 183


def test_the_manual_names_every_file_of_deploy():
    assert [each.name for each in DEPLOY.iterdir() if each.name not in MANUAL] == []


def test_the_manuals_commands_exist(app):
    for command in set(re.findall(r"^ *(?:QIFANG_\S+ )?qifang ([a-z-]+)", MANUAL, re.MULTILINE)):
        assert command in app.cli.list_commands(None), command
