"""What a first visit costs a phone: the page and every file it loads, gzip -6. Budgets in KB, +10 % fails."""

import gzip
from pathlib import Path

import pytest

from tests import factories

_STATIC = Path(__file__).resolve().parent.parent.parent / "static"
_ALREADY_PACKED = {".png", ".jpg", ".webp", ".woff2"}
KB = 1024


def files_of(answer) -> set[Path]:
    """The static files that a browser loads for this page."""
    addresses = [
        node.get("href") for node in answer.all("link") if node.get("rel") in ("stylesheet", "icon", "manifest")
    ]
    addresses += [node.get("src") for tag in ("script", "img") for node in answer.all(tag)]
    addresses += [node.get("href") for node in answer.all("use")]
    return {
        _STATIC / each.split("#")[0].split("?")[0].split("/", 3)[3]
        for each in addresses
        if each and each.startswith("/static/")
    }


def weight(path: Path) -> int:
    """Bytes on the wire."""
    raw = path.read_bytes()
    return len(raw) if path.suffix in _ALREADY_PACKED else len(gzip.compress(raw, 6))


@pytest.fixture
def city(db):
    """Full lists: 40 firms with a visit and an issue each."""
    officer = factories.the_user(db, "officer")
    firms = [factories.make_firm(db, officer=officer) for _ in range(40)]
    for firm in firms:
        factories.make_visit(db, firm=firm, by=officer)
    issues = [factories.make_issue(db, firm=firm, officer=officer, status="dispatched") for firm in firms]
    return {"firm": firms[0].id, "issue": issues[0].id}


@pytest.mark.parametrize(
    ("role", "url", "budget"),
    [
        (None, "/login", 16),
        ("officer", "/", 41),
        ("officer", "/firms/", 41),
        ("officer", "/firms/{firm}", 41),
        ("officer", "/issues/", 41),
        ("handler", "/issues/", 41),
        ("officer", "/issues/{issue}", 41),
        ("handler", "/issues/{issue}", 41),
        ("officer", "/me", 41),
        ("officer", "/visits/", 41),
        ("officer", "/visits/new?firm_id={firm}", 46),
        ("head", "/review/", 45),
        ("office", "/review/", 45),
        ("office", "/review/?by=department", 45),
        ("head", "/review/deck", 41),
        ("head", "/review/map", 90),
        ("office", "/reports/", 41),
        ("office", "/office/", 41),
    ],
)
def test_a_first_visit(page, city, role, url, budget):
    answer = (page(role) if role else page).get(url.format(**city))
    document = len(gzip.compress(answer.data, 6))
    parts = {path.relative_to(_STATIC).as_posix(): weight(path) for path in files_of(answer)}
    total = document + sum(parts.values())
    assert total <= budget * KB * 1.1, f"{total / KB:.1f} KB of {budget}: page {document}, {parts}"
    assert document <= 8 * KB * 1.1, f"a later page: {document / KB:.1f} KB of 8"
