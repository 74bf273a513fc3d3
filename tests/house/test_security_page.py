"""docs/security.md tells of every requirement of ASVS 5.0.0 to level 2, and names only what is there."""

import re

import pytest

# How many of each section's requirements are of level 1 or 2 (they come first in each section): 253 altogether.
SECTIONS = {
    1: (2, 9, 11, 3, 2),
    2: (3, 3, 4, 1),
    3: (0, 2, 4, 6, 5, 0, 2),
    4: (3, 1, 2, 4),
    5: (1, 3, 2, 3),
    6: (3, 12, 4, 4, 5, 3, 0, 4),
    7: (3, 4, 2, 5, 2, 2),
    8: (2, 3, 1, 1),
    9: (3, 4),
    10: (2, 2, 4, 11, 5, 2, 3),
    11: (2, 3, 3, 4, 1, 1),
    12: (3, 2, 4),
    13: (1, 5, 2, 5),
    14: (2, 4, 3),
    15: (3, 3, 7),
    16: (1, 5, 4, 3, 3),
    17: (1, 4, 2),
}
ASKED = [
    f"V{chapter}.{section}.{nth}"
    for chapter, counts in SECTIONS.items()
    for section, count in enumerate(counts, start=1)
    for nth in range(1, count + 1)
]


@pytest.fixture
def page(root) -> str:
    """The page's text."""
    return (root / "docs" / "security.md").read_text(encoding="utf-8")


def numbers_in(cell: str) -> list[str]:
    """Each number of a first cell, a range spelled out: 'V1.2.6–V1.2.8' is three."""
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        stem, _, low = first.rpartition(".")
        high = last.rpartition(".")[2] if last else low
        assert not last or last.startswith(f"{stem}."), f"a range over two sections: {part}"
        found += [f"{stem}.{nth}" for nth in range(int(low), int(high) + 1)]
    return found


def test_every_requirement_is_told_of_once(page):
    rows = re.findall(r"^\| (V\d[^|]*) \|", page, flags=re.MULTILINE)
    told = [number for row in rows for number in numbers_in(row)]
    assert len(ASKED) == 253
    assert sorted(told) == sorted(ASKED)


def test_every_row_has_its_verdict(page):
    for row in re.findall(r"^\| V\d.*$", page, flags=re.MULTILINE):
        number, _asks, where, _test = (cell.strip() for cell in row.strip("|").split("|"))
        assert re.match(r"(met|partly|not met|deployment|n/a)\b", where), number


def test_what_it_names_is_there(page, root):
    for path, test in re.findall(r"`((?:tests|app)/[\w/.]+)(?:::(\w+))?`", page):
        assert (root / path).exists(), path
        assert not test or f"def {test}(" in (root / path).read_text(encoding="utf-8"), f"{path}::{test}"
    for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page):
        assert (root / "docs" / link).exists(), link
