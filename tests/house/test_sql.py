"""SQL stands in the stores and nowhere else, and nothing typed by a person is ever put into its text."""

import ast
import re

_SQL = re.compile(
    r"\bSELECT\b.+\bFROM\b|\bINSERT\s+INTO\b|\bUPDATE\s+\w+\s+SET\b|\bDELETE\s+FROM\b|\bON CONFLICT\b|\bPRAGMA\b"
    r"|\b(CREATE|ALTER|DROP)\s+(TABLE|INDEX|TRIGGER|VIEW)\b|\bBEGIN IMMEDIATE\b|\bORDER BY\b",
    re.DOTALL,
)
_MAY = {"store.py", "rules.py"}
_MAY_TOO = {"app/db.py", "app/settings.py", "app/reference.py"}

# Names that may stand inside an f-string of SQL: constants (in capitals), and these, which hold our own words only.
_OURS = {"where", "source", "sets", "marks", "names", "name", "table", "columns", "order", "conditions", "condition"}
_METHODS = {"join", "replace"}


def _strings(source):
    """(line, text) of every string that is not a docstring, f-strings without what is put in."""
    docstrings = source.docstrings()
    inside = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            inside |= {id(part) for part in parts}
            yield node.lineno, " ".join(str(part.value) for part in parts)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | docstrings:
            yield node.lineno, node.value


def test_sql_only_in_stores(sources):
    found = [
        f"{source.name}:{line}: {' '.join(text.split())[:60]}"
        for source in sources
        if source.path.name not in _MAY and source.name not in _MAY_TOO
        for line, text in _strings(source)
        if _SQL.search(text)
    ]
    assert not found, "\n".join(found)


def test_only_our_own_words_are_put_into_sql(sources):
    """Values go by :name. A new name belongs into _OURS only if no person's text can reach it."""
    found = []
    for source in sources:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.JoinedStr):
                continue
            text = " ".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            if not _SQL.search(text):
                continue
            for part in node.values:
                if isinstance(part, ast.FormattedValue) and not _is_ours(part.value):
                    found.append(f"{source.name}:{part.value.lineno}: {ast.unparse(part.value)}")
    assert not found, "\n".join(found)


def _is_ours(expression: ast.expr) -> bool:
    for node in ast.walk(expression):
        if isinstance(node, ast.Name) and not (node.id.isupper() or node.id in _OURS):
            return False
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS):
            return False
        if isinstance(node, ast.Subscript):
            return False
    return True


def test_strings_of_sql_are_not_glued(sources):
    """No % and no .format on SQL: an f-string of the names above, or parameters."""
    found = []
    for source in sources:
        for node in ast.walk(source.tree):
            text = None
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
                text = node.left.value
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                text = getattr(node.func.value, "value", None)
            if isinstance(text, str) and _SQL.search(text):
                found.append(f"{source.name}:{node.lineno}")
    assert not found, "\n".join(found)


def test_only_the_store_of_a_table_writes_it(sources):
    """Each table is written from one folder."""
    writes = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+([a-z_]+)")
    homes: dict[str, set[str]] = {}
    for source in sources:
        if source.path.name not in _MAY:
            continue
        for _line, text in _strings(source):
            for table in writes.findall(text):
                homes.setdefault(table, set()).add(source.path.parent.name)
    shared = {table: folders for table, folders in homes.items() if len(folders) > 1}
    assert not shared, shared


def test_no_module_is_named_for_nothing(sources):
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "service", "services", "manager", "managers", "base"}
    assert not [source.name for source in sources if set(source.module.split(".")) & empty]
