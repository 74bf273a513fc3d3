"""Templates are compiled once for all tests of this room, not once for each app."""

import pytest
from jinja2 import FileSystemBytecodeCache


@pytest.fixture(scope="session")
def compiled(tmp_path_factory) -> FileSystemBytecodeCache:
    """Where compiled templates are kept meanwhile."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def app(app, compiled):
    """The app of every test, with that store."""
    compiled(app)
    return app
