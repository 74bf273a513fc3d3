"""What the rules of the house are read from."""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Source:
    """One Python file of the app."""

    path: Path

    @property
    def name(self) -> str:
        """As in 'app/issues/store.py'."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        """As in 'app.issues.store'."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def text(self) -> str:
        """What it says."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The same, parsed."""
        return ast.parse(self.text, self.name)

    def docstrings(self) -> set[int]:
        """The ids of the nodes that are docstrings (of attributes too)."""
        found = set()
        for node in ast.walk(self.tree):
            for statement in getattr(node, "body", ()) if not isinstance(node, ast.Lambda | ast.IfExp) else ():
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    found.add(id(statement.value))
        return found


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    """Every Python file of the app."""
    return [Source(path) for path in sorted((ROOT / "app").rglob("*.py")) if "__pycache__" not in path.parts]


@pytest.fixture(scope="session")
def templates() -> dict[str, str]:
    """Every template by its name."""
    folder = ROOT / "templates"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))
    }
