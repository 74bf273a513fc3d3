"""Every setting says why it is there, stands in docs/running.md, and is refused in words when it cannot be read."""

from dataclasses import fields
from pathlib import Path

import pytest

from app.config import Settings, from_environment, secret_key

RUNNING = "docs/running.md"
_BEGIN, _END = "<!-- settings -->\n", "<!-- /settings -->"


def table(root: Path) -> str:
    """The table of docs/running.md."""
    rows = ["| variable | default | why |", "|---|---|---|"]
    for item in fields(Settings):
        default = item.default
        if isinstance(default, str) and default.startswith(str(root)):
            default = Path(default).relative_to(root)
        shown = (
            {True: "1", False: "0", "": "(empty)"}.get(default, default) if not isinstance(default, int) else default
        )
        shown = int(shown) if isinstance(shown, bool) else shown
        rows.append(f"| `QIFANG_{item.name.upper()}` | {shown} | {item.metadata['why']} |")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("name", [item.name for item in fields(Settings)])
def test_every_setting_says_why(name):
    why = next(item for item in fields(Settings) if item.name == name).metadata.get("why", "")
    assert why.endswith(".") and len(why) > 15


def test_the_table_in_the_docs_is_todays(root, pytestconfig):
    """python -m pytest tests/house --write-generated rewrites it."""
    path = root / RUNNING
    before, _, rest = path.read_text(encoding="utf-8").partition(_BEGIN)
    shown, _, after = rest.partition(_END)
    if pytestconfig.getoption("--write-generated"):
        shown = table(root)
        path.write_text(f"{before}{_BEGIN}{shown}{_END}{after}", encoding="utf-8")
    assert shown == table(root)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("QIFANG_PORT", "http"), ("QIFANG_HTTPS", "maybe"), ("QIFANG_LINK_DAYS", ""), ("QIFANG_THREADS", "1.5")],
)
def test_what_cannot_be_read_is_named(variable, value):
    with pytest.raises(ValueError, match=variable):
        from_environment({variable: value})


@pytest.mark.parametrize(
    ("typed", "read"), [("1", True), ("true", True), ("ON", True), ("0", False), ("no", False), ("", False)]
)
def test_yes_and_no(typed, read):
    assert from_environment({"QIFANG_HTTPS": typed}).https is read


def test_defaults_without_an_environment():
    assert from_environment({}) == Settings()


def test_the_environment_is_read_by_name():
    settings = from_environment(
        {"QIFANG_PORT": "9000", "QIFANG_INSTANCE": "/srv/qifang", "PORT": "1", "QIFANG_NONSENSE": "x"}
    )
    assert (settings.port, settings.database) == (9000, "/srv/qifang/qifang.db")


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path):
    settings = Settings(instance=str(tmp_path / "new"))
    key = secret_key(settings)
    assert len(key) >= 43
    assert secret_key(settings) == key
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600
    assert secret_key(Settings(instance=str(tmp_path), secret_key="given")) == "given"
