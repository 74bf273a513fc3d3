"""The server on a machine that fails on demand. QIFANG_FAULT_ROUNDS=50 makes the random ones long."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from app.db import connect
from tests.faults.machine import Machine
from tests.phones import Phones
from tests.serving import Server, flask, what_is_lost


@pytest.fixture(scope="session")
def rounds() -> int:
    """How often a random fault strikes."""
    return int(os.environ.get("QIFANG_FAULT_ROUNDS", "2"))


@pytest.fixture
def dice() -> random.Random:
    """Chance that can be had again: the seed is in the report of a test that fails."""
    seed = int(os.environ.get("QIFANG_FAULT_SEED", random.randrange(1 << 30)))
    print(f"QIFANG_FAULT_SEED={seed}")  # noqa: T201
    return random.Random(seed)


@pytest.fixture(scope="session")
def library(tmp_path_factory) -> Path:
    """forgetful.c, compiled."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler (apt install gcc)")
    built = tmp_path_factory.mktemp("library") / "forgetful.so"
    source = Path(__file__).with_name("forgetful.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", built, source, "-ldl", "-lpthread"], check=True)
    return built


@pytest.fixture
def machine(served, library) -> Machine:
    """The machine that `served` will run on."""
    server, _firm_id = served
    machine = Machine(server.folder, library)
    server.environment.update(machine.environment)
    return machine


def assert_all_is_there(server: Server, phones: Phones) -> None:
    """With what has no receipt sent again: each record there once, with all its photos, and the data sound."""
    phones.send_the_rest()
    server.kill()
    assert what_is_lost(server.folder, phones.records) == []
    db = connect(server.folder / "qifang.db")
    visits = db.conn.execute("SELECT count(*) FROM visits").fetchone()[0]
    photos = db.conn.execute("SELECT count(*) FROM photos").fetchone()[0]
    db.conn.close()
    assert (visits, photos) == (len(phones.records), sum(len(each.photos) for each in phones.records))
    assert_is_sound(server)


def assert_is_sound(server: Server) -> None:
    """`flask check --deep` finds nothing wrong."""
    checked = flask(server.folder, "check", "--deep", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["is_well"]
