"""SQL stands in the stores and nowhere else, and nothing typed by a person is ever put into its text."""

import ast
import re

_SQL = re.compile(
    r"\bSELECT\b.+\bFROM\b|\bINSERT\s+INTO\b|\bUPDATE\s+\w+\s+SET\b|\bDELETE\s+FROM\b|\bON CONFLICT\b|\bPRAGMA\b"
    r"|\b(CREATE|ALTER|DROP)\s+(TABLE|INDEX|TRIGGER|VIEW)\b|\bBEGIN IMMEDIATE\b|\bORDER BY\b",
    re.DOTALL,
)


def _may(path) -> bool:
    """A room's store, or one of its stores: store.py, list_store.py, rules.py."""
    return path.name in {"store.py", "rules.py"} or path.name.endswith("_store.py")


_MAY_TOO = {"app/db.py", "app/settings.py", "app/reference.py"}


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
        if not _may(source.path) and source.name not in _MAY_TOO
        for line, text in _strings(source)
        if _SQL.search(text)
    ]
    assert not found, "\n".join(found)


def test_no_parameter_is_put_into_sql(sources):
    """Values go by :name. What a public function is given may choose among our words (`_ORDERS[order]`), not be one."""
    found = []
    for source in sources:
        for function in source.tree.body:
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("_"):
                found += [f"{source.name}:{line}: {text}" for line, text in _given_to_sql(function)]
    assert not found, "\n".join(found)


def _given_to_sql(function: ast.FunctionDef):
    arguments = function.args
    given = {each.arg for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]} - {"db"}
    for _round in range(3):  # a = given; b = f"{a}"; …
        for node in ast.walk(function):
            if isinstance(node, ast.Assign | ast.AugAssign) and _carries(node.value, given):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                given |= {target.id for target in targets if isinstance(target, ast.Name)}
    for node in ast.walk(function):
        if isinstance(node, ast.JoinedStr):
            text = " ".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            if _SQL.search(text):
                for part in node.values:
                    if isinstance(part, ast.FormattedValue) and _carries(part.value, given):
                        yield part.value.lineno, ast.unparse(part.value)


def _carries(value: ast.expr, given: set[str]) -> bool:
    """Whether this text is, or is made of, something given."""
    match value:
        case ast.Name():
            return value.id in given
        case ast.JoinedStr():
            return any(_carries(part.value, given) for part in value.values if isinstance(part, ast.FormattedValue))
        case ast.BinOp():
            return _carries(value.left, given) or _carries(value.right, given)
        case ast.IfExp():
            return _carries(value.body, given) or _carries(value.orelse, given)
        case ast.Call(func=ast.Attribute()):
            return _carries(value.func.value, given) or any(_carries(each, given) for each in value.args)
        case ast.Attribute():
            return _carries(value.value, given)
    return False


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
        if not _may(source.path):
            continue
        for _line, text in _strings(source):
            for table in writes.findall(text):
                homes.setdefault(table, set()).add(source.path.parent.name)
    shared = {table: folders for table, folders in homes.items() if len(folders) > 1}
    assert not shared, shared


def test_no_module_is_named_for_nothing(sources):
    empty = {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "misc",
        "service",
        "services",
        "manager",
        "managers",
        "base",
    }
    assert not [source.name for source in sources if set(source.module.split(".")) & empty]
