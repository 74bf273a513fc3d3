"""What is not used at all, so that it cannot be misused."""

import ast
import re

FORBIDDEN = {
    "eval": "code from text",
    "exec": "code from text",
    "compile": "code from text",
    "os.system": "another program",
    "os.popen": "another program",
    "ssl._create_unverified_context": "certificates unchecked",
    "hashlib.md5": "a broken hash",
    "hashlib.sha1": "a broken hash",
    "render_template_string": "a template from text",
    "flask.render_template_string": "a template from text",
    "random.choice": "guessable",
    "random.random": "guessable",
    "random.randint": "guessable",
}
WITH_REASON = {"app/db.py: exec", "app/db.py: compile"}
"""The migrations are a file of ours beside the app, run by path."""
NO_MODULES = {"subprocess", "pickle", "marshal", "shelve", "yaml", "dill", "xml", "lxml"}
DRAWS = ("app/demo/",)
"""The demo city draws lots from a seed on purpose: it must come out the same each time."""
MARKUP = re.compile(
    r"\.(?:inner|outer)HTML\s*[+]?=(?!=)|insertAdjacentHTML|document\.write|\beval\(|new Function|__proto__"
)
PICTURE = re.compile(r"""\.innerHTML = (?P<mark>["'`])[^"'`$]*(?P=mark)""")
"""Markup that is written out in the script, with nothing put into it."""


def name_of(node: ast.expr) -> str:
    """As in 'os.system'."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "…"


def allowed(path: str, called: str) -> bool:
    """Whether this file may call it."""
    return f"{path}: {called}" in WITH_REASON or (called.startswith("random.") and path.startswith(DRAWS))


def unchecked(call: ast.Call) -> bool:
    """Whether it says shell=True or verify=False."""
    said = {each.arg: each.value.value for each in call.keywords if isinstance(each.value, ast.Constant)}
    return said.get("shell") is True or said.get("verify") is False


def test_no_dangerous_calls(sources):
    found = []
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                found += [f"{source.name}: {name}" for name in names if name.split(".")[0] in NO_MODULES]
            elif isinstance(node, ast.Call):
                called = name_of(node.func)
                if called in FORBIDDEN and not allowed(source.name, called):
                    found.append(f"{source.name}:{node.lineno}: {called}: {FORBIDDEN[called]}")
                if unchecked(node):
                    found.append(f"{source.name}:{node.lineno}: {called} through a shell or past certificates")
    assert not found, "\n".join(found)


def test_scripts_write_no_markup(root):
    paths = [*sorted((root / "static" / "js").glob("*.js")), root / "templates" / "outbox" / "sw.js"]
    assert len(paths) > 10
    found = [
        f"{path.name}: {each.group()}"
        for path in paths
        for each in MARKUP.finditer(PICTURE.sub("", path.read_text(encoding="utf-8")))
    ]
    assert not found, "\n".join(found)
