"""Styles: nothing lies about that no page could ever show."""

import re

import pytest

FROM_LIBRARIES = ("htmx-", "leaflet-")
"""Classes that htmx and Leaflet put there themselves."""


@pytest.fixture(scope="module")
def styles(root):
    """All our styles, without comments."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((root / "static" / "css").glob("*.css"))]
    return re.sub(r"/\*.*?\*/", "", "\n".join(texts), flags=re.DOTALL)


def selectors(styles: str) -> str:
    """What stands before the braces."""
    return re.sub(r"{[^{}]*}", "{}", styles)


@pytest.fixture(scope="module")
def words(root, sources, templates) -> set[str]:
    """Every word of a template, a script or the code: what a class or an id may be named by."""
    scripts = [path.read_text(encoding="utf-8") for path in (root / "static" / "js").glob("*.js")]
    return set(re.findall(r"[\w-]+", "\n".join([*templates.values(), *scripts, *(source.text for source in sources)])))


def test_every_selector_is_met_somewhere(styles, words):
    named = set(re.findall(r"[.#](-?[a-z_][\w-]*)", selectors(styles), re.IGNORECASE))
    unmet = {name for name in named - words if not name.startswith(FROM_LIBRARIES)}
    assert len(named) > 100 and not unmet, unmet


def test_every_variable_and_animation_is_used(styles, words):
    defined = set(re.findall(r"(--[\w-]+)\s*:", styles))
    used = set(re.findall(r"var\((--[\w-]+)", styles)) | words
    assert len(defined) > 20 and not defined - used, defined - used
    assert not set(re.findall(r"var\((--[\w-]+)\)", styles)) - defined - words
    moving = re.findall(r"@keyframes ([\w-]+)", styles)
    assert moving and all(len(re.findall(rf"\b{name}\b", styles)) > 1 for name in moving), moving
