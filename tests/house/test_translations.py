"""Every word on the screen has its English; nothing Chinese is written past the catalogue."""

import ast
import re

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "_l": None, "N_": None}
CATALOGUE = "app/translations/en/LC_MESSAGES/messages.po"
CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef]")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sd%]")
# A language is offered in its own words.
_AS_THEY_ARE = {"简体中文"}
_OF_FILES = {"app/boundaries/outlines.py", "app/firms/names.py", "app/rules/notice.py"} | {
    f"app/rosters/{name}.py"
    for name in "assignment_rows cells columns department_rows firm_rows lookups spreadsheets workbooks".split()
}
"""They read and write the words of the offices' own files and notices."""

_TAKEN = {"_", "gettext", "ngettext", "N_", "_l", "lazy_gettext"}


@pytest.fixture(scope="module")
def wanted(root):
    """{msgid: where}, of code and templates."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = {}
    for name, line, message, _comments, _context in extract_from_dir(
        root,
        methods,
        options,
        keywords=KEYWORDS,
        directory_filter=lambda path: not re.search(r"/(\.|tests|static)", path),
    ):
        found.setdefault(message[0] if isinstance(message, tuple) else message, f"{name}:{line}")
    return found


@pytest.fixture(scope="module")
def catalogue(root):
    """The English texts."""
    with (root / CATALOGUE).open("rb") as file:
        return read_po(file, locale="en")


def test_words_are_found(wanted):
    assert {"登录", "待受理", "没有找到"} <= set(wanted)


def test_every_word_has_its_english(wanted, catalogue):
    missing = []
    for msgid, where in wanted.items():
        entry = catalogue.get(msgid)
        texts = [] if entry is None else entry.string if isinstance(entry.string, tuple | list) else [entry.string]
        if entry is None or entry.fuzzy or not texts or not all(texts):
            missing.append(f"{where}: {msgid}")
    assert not missing, f"{len(missing)} of {len(wanted)}:\n" + "\n".join(missing)


def test_no_english_is_left_over(wanted, catalogue):
    ids = {entry.id[0] if isinstance(entry.id, tuple | list) else entry.id for entry in catalogue if entry.id}
    assert not ids - set(wanted)
    assert not catalogue.obsolete


def test_the_english_is_english_and_keeps_its_values(catalogue):
    wrong = []
    for entry in catalogue:
        ids = entry.id if isinstance(entry.id, tuple | list) else (entry.id,)
        texts = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
        values = {each for msgid in ids for each in _PLACEHOLDER.findall(msgid)}
        for text in texts:
            if entry.id and (CJK.search(text) or set(_PLACEHOLDER.findall(text)) - values):
                wrong.append(f"{ids[0]} → {text}")
            if entry.id and len(texts) == 1 and set(_PLACEHOLDER.findall(text)) != values:
                wrong.append(f"{ids[0]} → {text}")
    assert not wrong, "\n".join(wrong)


def test_templates_hold_no_chinese_past_the_catalogue(templates):
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    found = []
    for name, text in templates.items():
        tree = environment.parse(text)
        taken = {
            id(inner)
            for call in tree.find_all(nodes.Call)
            if isinstance(call.node, nodes.Name) and call.node.name in _TAKEN
            for inner in call.find_all(nodes.Const)
        }
        for node in tree.find_all(nodes.TemplateData):
            for nth, line in enumerate(node.data.splitlines()):
                if CJK.search(line) and line.strip() not in _AS_THEY_ARE:
                    found.append(f"templates/{name}:{node.lineno + nth}: {line.strip()[:60]}")
        found += [
            f"templates/{name}:{node.lineno}: {node.value!r}"
            for node in tree.find_all(nodes.Const)
            if isinstance(node.value, str)
            and CJK.search(node.value)
            and id(node) not in taken
            and node.value not in _AS_THEY_ARE
        ]
    assert not found, "\n".join(found)


def test_code_holds_no_chinese_past_the_catalogue(sources):
    """But for the demo city, single punctuation between translated words, what the server's keeper is told, and what
    offices write into their files.
    """
    found = []
    for source in sources:
        if source.module.startswith("app.demo") or source.name in _OF_FILES | {"app/config.py"}:
            continue
        taken = {
            id(inner)
            for call in ast.walk(source.tree)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _TAKEN
            for argument in call.args
            for inner in ast.walk(argument)
        }
        docstrings = source.docstrings()
        found += [
            f"{source.name}:{node.lineno}: {node.value[:40]!r}"
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and len(node.value.strip()) > 1
            and CJK.search(node.value)
            and id(node) not in taken | docstrings
        ]
    assert not found, "\n".join(found)


def test_messages_take_literals_only(sources):
    """_(variable) is not extracted unless N_ marked the words where they were written; f-strings never are."""
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _TAKEN
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert not found, found
