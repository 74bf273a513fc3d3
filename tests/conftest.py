"""Fixtures for every test: a migrated database, the app on a copy of it, signed-in clients, pages that are checked."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as examples
from jinja2 import FileSystemBytecodeCache
from sqlite_utils import Database
from werkzeug.routing import Rule

from app import create_app
from app.config import Settings
from app.db import close_all, connect, connection_to, migrate
from app.i18n import LANGUAGES
from app.people import store as people
from app.permissions import Role
from app.reference import load_reference
from tests import factories
from tests.page_checks import Page
from tests.serving import Server, furnish

# A machine that tests in parallel may be slow at any moment; that says nothing of the code.
examples.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("house")


def pytest_addoption(parser) -> None:
    """`python -m pytest tests/house --write-generated` after a wanted change of URLs or settings; read the diff."""
    parser.addoption("--write-generated", action="store_true", help="rewrite urls.txt and the table in docs/running.md")


MEMORY = Path("/dev/shm")  # noqa: S108 (pytest makes folders of its own there)
ROOM = 4 << 30
LONGEST = ("browser/test_restarts.py", "browser/test_access.py", "browser/", "faults/", "demo/", "test_hostile_walk.py")
"""What takes longest is begun first, so that no core waits for another's last test."""


def pytest_configure(config) -> None:
    """Folders of tests lie in memory where there is room: tests that write wait for a disk, and most of them write.

    What a disk does to what was not synced yet is played by tests/faults, wherever the folders are.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items) -> None:
    """The longest first, otherwise in the random order there is."""
    here = Path(__file__).parent

    def turn(item) -> int:
        name = item.path.relative_to(here).as_posix()
        return next((nth for nth, each in enumerate(LONGEST) if name.startswith(each)), len(LONGEST))

    items.sort(key=turn)


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[str, Callable[[Path], None]], Path]:
    """once("city", make): the folder that make(folder) filled, made once also where several processes share the tests.

    It is everybody's: whoever writes takes a copy.
    """
    common = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent

    def get(name: str, make: Callable[[Path], None]) -> Path:
        folder, unfinished = common / name, common / f"{name}.unfinished"
        with (common / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(folder)
        return folder

    return get


@pytest.fixture(scope="session")
def compiled(tmp_path_factory) -> Callable[[Flask], None]:
    """Lets an app share what the templates compile to: a third of all test time went into compiling them anew."""
    caches = {language: FileSystemBytecodeCache(str(tmp_path_factory.mktemp(language))) for language in LANGUAGES}

    def share(app: Flask) -> None:
        for language, environment in app.extensions["pages"].items():
            environment.bytecode_cache = caches[language]

    return share


@pytest.fixture(scope="session", autouse=True)
def _addresses_once():
    """Each app's 200 addresses are compiled once in a run: a quarter of all test time went into the same ones anew."""
    compile_anew, known = Rule.compile, {}

    def compile_once(rule: Rule) -> None:
        converters = tuple(rule.map.converters.items())
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, repr(rule.defaults), converters)
        if key not in known:
            compile_anew(rule)
            builders = {name: getattr(rule, name).__func__ for name in ("_build", "_build_unknown")}
            kept = {name: getattr(rule, name) for name in ("_parts", "_trace", "_converters")}
            known[key] = (kept, builders, frozenset(rule.arguments))
            return
        kept, builders, arguments = known[key]
        rule.__dict__.update(kept, **{name: builder.__get__(rule) for name, builder in builders.items()})
        rule.arguments |= arguments

    Rule.compile = compile_once
    yield
    Rule.compile = compile_anew


@pytest.fixture(scope="session")
def migrated(once) -> Path:
    """A database file with the whole schema and the reference tables, to be copied."""

    def make(folder: Path) -> None:
        migrate(folder / "qifang.db")
        db = connect(folder / "qifang.db")
        load_reference(db)
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.conn.close()

    return once("migrated", make) / "qifang.db"


@pytest.fixture
def instance(tmp_path, migrated) -> Path:
    """An instance folder of the test's own, with a copy of the migrated database."""
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copyfile(migrated, folder / "qifang.db")
    (folder / "photos").mkdir()
    return folder


@pytest.fixture
def settings(instance) -> Settings:
    """The settings of the app under test; override this fixture to change one."""
    return Settings(instance=str(instance), secret_key="test-key-of-no-worth")


@pytest.fixture
def app(settings, compiled) -> Iterator[Flask]:
    """The app on the test's own instance folder. Errors become answers, as in real use."""
    app = create_app(settings)
    compiled(app)
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    close_all()


@pytest.fixture
def db(settings) -> Iterator[Database]:
    """This thread's connection to the test's database, the same that a test client's requests use.

    It needs no app, which takes longer to make than most tests of actions and stores run.
    """
    yield connection_to(settings.database)
    close_all()


@pytest.fixture
def client(app) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def sign_in(app, db) -> Callable[..., FlaskClient]:
    """sign_in("officer") or sign_in("some-username") or sign_in(user): a client signed in through POST /login.

    A role's account is made on first use (factories.the_user).
    """

    def sign_in_as(who, password: str = factories.PASSWORD) -> FlaskClient:
        username = getattr(who, "username", None) or str(who)
        if people.get_user_by_username(db, username) is None:
            factories.the_user(db, Role(username))
        client = app.test_client()
        response = client.post("/login", data={"username": username, "password": password})
        assert response.status_code == 303, f"{username} could not sign in: {response.status_code}"
        return client

    return sign_in_as


@pytest.fixture
def page(client, sign_in) -> Page:
    """A client that checks each HTML answer (see page_checks.py): `page.get(…)` signed out, `page("officer").get(…)`.

    `page(a_client)` wraps a client that is there already. It takes the name of pytest-playwright's fixture: browser
    tests make their page from its `context`, or give this name back in their own conftest.
    """
    return Page(client, sign_in=sign_in)


@pytest.fixture
def served(tmp_path, migrated) -> Iterator[tuple[Server, int]]:
    """A server in a process of its own, not yet started, with an officer and the id of her firm; killed in the end."""
    server = Server(tmp_path / "served")
    firm_id = furnish(server.folder, migrated)
    yield server, firm_id
    server.kill()


@pytest.fixture(scope="session")
def now() -> datetime:
    """A fixed moment for actions and pure rules: Friday 2026-11-20, 10:00 in Pingdingshan.

    Requests run on the real clock: rows that a page shows are better made with the factories' own times.
    """
    return datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
