"""Who may import whom. The table is in docs/architecture.md; this is how it is kept.

The kind of a file follows from its name. Any other module of a domain is *pure* if it touches neither Flask nor the
database, else a *view* module (what a page shows), which only routes, forms and other view modules may import.
"""

import ast

import pytest

ORDER = (
    "places departments audit people accounts jobs firms assignments photos rules boundaries issues clocks registers "
    "campaigns visits outbox rosters notices review reports backup privacy"
).split()
READERS = {"review", "reports", "home"}  # read all; reports writes its bulletins and who exported what, the others none

FLASK = {"flask", "flask_login", "flask_babel", "htmx_flask", "wtforms", "whitenoise"}
DATABASE = {"sqlite_utils", "sqlite3", "pysqlite3"}
# Of our own foundation, what needs a request, and what a pure module may use.
OF_FLASK = {
    "app.htmx",
    "app.guard",
    "app.forms",
    "app.pickers",
    "app.spans",
    "app.filters",
    "app.navigation",
    "app.http_errors",
    "app.logs",
    "app.security",
    "app.templating",
    "app.translation",
}
PURE_FOUNDATION = {"app.chain", "app.clock", "app.disk", "app.i18n", "app.permissions", "app.search"}
TOP = {"app", "app.home", "app.commands"}  # they join the domains; the rest of the foundation knows none

# (importer, imported): reason. Each is a breach that we live with.
ALLOWED = {
    ("app.photos.routes", "app.issues.store"): "a photo is seen by whoever sees the issue it belongs to",
    ("app.photos.routes", "app.visits.store"): "a photo is seen by whoever sees the visit it belongs to",
    ("app.jobs.runner", "app.db"): "its thread closes the connection that it opened",
    ("app.outbox.reading", "app.visits.forms"): "a phone's record is read by the form that it was typed into",
    ("app.outbox.reading", "app.issues.forms"): "a move that waited on a phone is read by its own form",
}
_READING = ("get_", "list_", "count_", "is_", "find_", "first_", "scope", "sum_", "has_", "read_", "opened")
_NAMED = {"routes", "actions", "store", "models", "forms"}


@pytest.fixture(scope="module")
def modules(sources):
    """Every module but the demo city's, which plays all the people and may do what they may."""
    return {each.module: each for each in sources if not each.module.startswith("app.demo")}


@pytest.fixture(scope="module")
def imports(modules):
    """For each module: what it imports, as [(module or package, name, line)]."""
    return {name: list(_imports(source, modules)) for name, source in modules.items()}


def _imports(source, modules):
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source.name}:{node.lineno}: write the import in full"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner, "", node.lineno) if inner in modules else (node.module, alias.name, node.lineno)


def domain_of(module: str) -> str:
    """'issues' of app.issues.store; '' of the foundation."""
    parts = module.split(".")
    return parts[1] if len(parts) == 3 else ""


def kind_of(module: str, imports) -> str:
    """routes, actions, store, models, forms, pure or view; 'foundation' or 'top' outside the domains."""
    if not domain_of(module):
        return "top" if module in TOP else "foundation"
    last = module.rsplit(".", 1)[1]
    if last in _NAMED:
        return last
    if last.endswith(("_routes", "_actions", "_forms", "_store")):
        return last.rsplit("_", 1)[1]
    touches = any(
        each.split(".")[0] in FLASK | DATABASE or each in OF_FLASK or each == "app.db" or _is_store(each)
        for each, _name, _line in imports.get(module, ())
    )
    return "view" if touches else "pure"


def _is_store(module: str) -> bool:
    return module.endswith((".store", "_store"))


def breaches(modules, imports):
    """Every import that the table forbids."""
    for module, found in imports.items():
        for imported, name, line in found:
            if (module, imported) in ALLOWED:
                continue
            why = _why_not(module, imported, name, imports)
            if why:
                yield f"{modules[module].name}:{line}: {kind_of(module, imports)} imports {imported} {name}: {why}"


def _why_not(module: str, imported: str, name: str, imports) -> str | None:
    kind, package = kind_of(module, imports), imported.split(".", maxsplit=1)[0]
    if package != "app":
        return _outside(kind, imported, name)
    if kind == "top":
        return None
    if kind == "foundation":
        return "the foundation knows no domain" if domain_of(imported) or imported in TOP else None
    if imported == "app.db":
        return _database(kind, name)
    if imported in OF_FLASK and kind not in ("routes", "forms", "view"):
        return "that needs a request"
    if not domain_of(imported):
        if kind in ("pure", "models") and imported not in PURE_FOUNDATION:
            return "a pure module rests on pure ones"
        return "nothing rests on the top" if imported in TOP else None
    return _domains(module, imported, imports)


def _outside(kind: str, imported: str, name: str) -> str | None:
    package = imported.split(".", maxsplit=1)[0]
    if package in FLASK and kind in ("pure", "models", "store", "actions"):
        return "no Flask here"
    if package in DATABASE:
        if kind in ("pure", "models", "forms"):
            return "no database here"
        if kind == "routes" or (kind in ("actions", "view") and name != "Database"):
            return "SQL belongs into a store"
    return None


def _database(kind: str, name: str) -> str | None:
    may = {
        "store": {
            "BUSY_MS",
            "forget_connections",
            "is_read_only",
            "connect",
            "execute",
            "fetch_all",
            "fetch_in_batches",
            "fetch_one",
            "fetch_value",
            "insert",
            "Params",
            "IntegrityError",
        },
        "actions": {"transaction", "IntegrityError", "OperationalError"},
        "routes": {"get_db"},
        "view": {"DatabaseError", "get_db", "known_steps", "pending_migrations"},
    }
    return None if name in may.get(kind, ()) else "not from here"


def _domains(module: str, imported: str, imports) -> str | None:
    kind, other = kind_of(module, imports), kind_of(imported, imports)
    own = domain_of(module) == domain_of(imported)
    earlier = own or _place(imported) < _place(module)
    if other == "routes":
        return "nothing rests on routes"
    if other in ("view", "forms") and kind not in ("routes", "forms", "view"):
        return "what a page shows is its own business"
    if kind in ("pure", "models"):
        return None if other in ("pure", "models") and earlier else "pure modules rest on earlier pure ones"
    if kind == "store":
        if other in ("pure", "models"):
            return None if earlier else "a later domain"
        return None if own and other == "store" else "a store reads its own tables"
    if kind == "actions":
        return None if earlier else "a later domain"
    if other == "actions":
        if domain_of(module) in READERS and not own:
            return "review and reports change no other room"
        return None if earlier else "a later domain's actions"
    if other == "forms" and not own:
        return "another domain's form"
    return None


def _place(module: str) -> int:
    return ORDER.index(domain_of(module))


def test_every_domain_has_its_place(modules):
    unknown = {domain_of(module) for module in modules} - {"", *ORDER}
    assert not unknown, f"say in ORDER what {unknown} come after"


def test_imports_obey_the_table(modules, imports):
    found = list(breaches(modules, imports))
    assert not found, "\n".join(found)


def test_modules_that_say_they_are_pure_are(modules, imports):
    claimed = [
        name
        for name, source in modules.items()
        if "Pure" in (ast.get_docstring(source.tree) or "").split("\n\n")[0] and domain_of(name)
    ]
    assert {"app.issues.lifecycle", "app.rules.routing", "app.issues.deadlines"} <= set(claimed)
    wrong = [name for name in claimed if kind_of(name, imports) not in ("pure", "models")]
    assert not wrong, wrong


def test_the_exceptions_are_still_needed(imports):
    used = {(module, imported) for module, found in imports.items() for imported, _name, _line in found}
    assert set(ALLOWED) <= used, f"no longer there: {set(ALLOWED) - used}"


def test_views_only_read_from_stores(modules, imports):
    """Whatever changes a row is an action."""
    found = []
    for name, source in modules.items():
        if kind_of(name, imports) not in ("routes", "view", "forms") and name != "app.home":
            continue
        aliases = _aliases(source, _is_store)
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            reads = node.attr.startswith(_READING) or node.attr[0].isupper()
            if node.value.id in aliases and not reads:
                found.append(f"{source.name}:{node.lineno}: {node.value.id}.{node.attr}")
    assert not found, "\n".join(found)


def _aliases(source, wanted) -> set[str]:
    found = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names if wanted(f"{node.module}.{alias.name}")}
    return found


def test_every_action_is_one_transaction(modules):
    """A public function of actions.py that takes `db` and `now=` changes something, so it begins a transaction."""
    # Slow hashing lies between two transactions on purpose; the others only pass on or read.
    free = {"app.people.actions.resume_session", "app.issues.actions.accept_many", "app.issues.actions.open_link"}
    found = []
    for name, source in modules.items():
        if not name.endswith((".actions", "_actions")):
            continue
        for node in source.tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or f"{name}.{node.name}" in free:
                continue
            keywords = {arg.arg for arg in node.args.kwonlyargs}
            takes_db = bool(node.args.args) and node.args.args[0].arg == "db"
            calls = {
                each.func.id
                for each in ast.walk(node)
                if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
            }
            if takes_db and "now" in keywords and "transaction" not in calls:
                found.append(f"{source.name}:{node.lineno}: {node.name}")
    assert not found, "\n".join(found)
