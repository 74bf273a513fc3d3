"""Templates: whole pages and named pieces, forms that work without scripts, nothing inline."""

import re

import pytest
from jinja2 import Environment, nodes

_HX = {
    "boost", "confirm", "delete", "disabled-elt", "encoding", "get", "headers", "history", "history-elt", "include",
    "indicator", "params", "post", "preserve", "push-url", "put", "replace-url", "select", "select-oob", "swap",
    "swap-oob", "sync", "target", "trigger", "vals", "validate",
}  # fmt: skip


@pytest.fixture(scope="module")
def environment():
    """Enough of Jinja to parse our templates."""
    return Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def _matches(templates, pattern: str) -> list[str]:
    return [
        f"templates/{name}:{text[: match.start()].count(chr(10)) + 1}: {match[0][:60]}"
        for name, text in templates.items()
        for match in re.finditer(pattern, re.sub(r"{#.*?#}", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL))
    ]


def test_there_are_templates(templates):
    assert "base.html" in templates


def test_pieces_say_what_they_need_and_extend_nothing(templates):
    wrong = [
        name
        for name, text in templates.items()
        if name.rsplit("/", 1)[-1].startswith("_") and (not text.startswith("{#") or "{% extends" in text)
    ]
    assert not wrong, wrong


def test_pages_say_what_they_need(templates):
    assert not [name for name, text in templates.items() if not text.startswith("{#")]


def test_base_is_the_one_layout(templates):
    wrong = {}
    for name, text in templates.items():
        extended = re.findall(r"{%-?\s*extends\s+([^%]+?)\s*-?%}", text)
        is_part = name.startswith("_") or "/_" in name or name == "base.html"
        if extended != ([] if is_part else ['"base.html"']):
            wrong[name] = extended
    assert not wrong, wrong


def test_nothing_is_called_like_what_is_worked_out_once(environment, templates):
    """A macro's `icon` would hide the function of that name; app/templating.py could not tell them apart."""
    taken = {
        f"{name}:{found.lineno}: {found.name}"
        for name, text in templates.items()
        for found in environment.parse(text).find_all(nodes.Name)
        if found.ctx in ("store", "param") and found.name in ("icon", "_", "url_for")
    }
    assert not taken, taken


def test_every_form_has_method_and_action(templates):
    found = _matches(templates, r"<form\b")
    wrong = []
    for name, text in templates.items():
        for match in re.finditer(r"<form\b((?:[^>{]|{{.*?}}|{%.*?%}|{)*)>", text, re.DOTALL):
            if not re.search(r"\bmethod=", match[1]) or not re.search(r"\baction=", match[1]):
                wrong.append(f"templates/{name}: {match[0][:80]}")
    assert found and not wrong, wrong


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("unescaped text", r"\|\s*safe\b|{%-?\s*autoescape"),
        ("an inline style", r"<style\b|\sstyle\s*="),
        ("a handler", r"<[^>]*\son[a-z]+\s*="),
        ("an inline script", r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>"),
        ("a javascript address", r"javascript:"),
        ("a script in htmx", r"\bhx-on\b|hx-vals\s*=\s*[\"']\s*(?:js|javascript):|hx-trigger=[\"'][^\"']*\["),
        ("trouble with quotes", r"=\s*{{[^}]*}}[\s>]"),
        ("a new window", r"target=\"_blank\"(?![^>]*rel=)"),
    ],
)
def test_nothing_of(templates, what, pattern):
    found = _matches(templates, pattern)
    assert not found, f"{what}:\n" + "\n".join(found)


def test_only_known_attributes_of_htmx(templates):
    found = [each for each in _matches(templates, r"\bhx-[a-z-]+(?==)") if each.rsplit("hx-", 1)[1] not in _HX]
    assert not found, found


def test_whatever_is_loaded_is_there(templates, environment):
    missing = []
    for name, text in templates.items():
        tree = environment.parse(text)
        for node in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
            target = node.template
            if isinstance(target, nodes.Const) and target.value not in templates:
                missing.append(f"templates/{name}:{node.lineno}: {target.value}")
    assert not missing, missing


def test_views_name_templates_that_are_there(sources, templates):
    named = re.compile(r"[\"']([a-z_]+/_?[a-z_]+\.html)[\"']")
    missing = [
        f"{source.name}:{source.text[: match.start()].count(chr(10)) + 1}: {match[1]}"
        for source in sources
        for match in named.finditer(source.text)
        if match[1] not in templates
    ]
    assert not missing, "\n".join(missing)


def test_no_template_lies_about_unused(sources, templates):
    everything = "\n".join([source.text for source in sources] + list(templates.values()))
    unused = [name for name in templates if f'"{name}"' not in everything and f"'{name}'" not in everything]
    assert not unused, unused
