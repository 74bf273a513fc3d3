"""Gives tests the makers of photos. Tests are imported one by one, without packages, so by path."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def images():
    """The module make_images.py beside this file."""
    spec = importlib.util.spec_from_file_location("make_images", Path(__file__).with_name("make_images.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
