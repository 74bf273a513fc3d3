"""Templates, compiled once for each language.

A page is mostly the same words, addresses and icons each time. What in it is certain when a template is compiled is
worked out then, so that drawing a page is left with what differs: a text without values (and the text of one with
values), the address of a page that has no id, an icon. The templates are written as if nothing of this were so.
"""

from typing import Any

from flask import Flask, current_app
from flask.templating import Environment
from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from app.db import Row
from app.i18n import LANGUAGES
from app.translation import gettext, language, plural, speaking


class PageEnvironment(Environment):
    """Flask's own, that compiles for one language. Flask's copy of it (`app.jinja_env`) speaks Chinese."""

    app: Flask
    language = LANGUAGES[0]

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Jinja's own asks a row for an attribute before its column, and most of what a page reads are rows."""
        if type(obj) is Row:
            try:
                return obj[attribute]
            except IndexError:
                pass
        return super().getattr(obj, attribute)

    def _generate(self, source: nodes.Template, name, filename, defer_init=False) -> str:
        # Jinja's own hook. Only HTML: what is not escaped (a script, a mail) is drawn seldom.
        if self.autoescape(name) if callable(self.autoescape) else self.autoescape:
            with self.app.app_context(), speaking(self.language):
                source = _Certain(self).visit(source)
        return super()._generate(source, name, filename, defer_init)


class _Certain(NodeTransformer):
    """Puts in the place of calls what they come to."""

    def __init__(self, environment: PageEnvironment):
        self.addresses = environment.app.url_map.bind("localhost")  # the app stands at the root of its host
        self.icon: Any = environment.globals["icon"]

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 (so the visitor finds it)
        self.generic_visit(node)
        if not isinstance(node.node, nodes.Name) or node.dyn_args or node.dyn_kwargs:
            return node
        if node.node.name == "_":
            return self._text(node)
        if node.node.name in ("url_for", "icon") and all(map(_is_certain, (*node.args, *node.kwargs))):
            args = [each.as_const() for each in node.args]
            values = {each.key: each.value.as_const() for each in node.kwargs}
            if node.node.name == "icon":
                return nodes.Const(self.icon(*args, **values), lineno=node.lineno)
            # Left to Flask: a dot, which is the room that shows the page, and its own wishes, such as _anchor.
            if not args[0].startswith(".") and not any(name.startswith("_") for name in values):
                return nodes.Const(self.addresses.build(args[0], values), lineno=node.lineno)
        return node

    def _text(self, node: nodes.Call) -> nodes.Expr:
        """Jinja's new style, as at run time: the text is safe, its values are escaped."""
        if len(node.args) != 1 or not _is_certain(node.args[0]):
            return node
        text = Markup(gettext(node.args[0].as_const()))  # noqa: S704 (the catalogue is ours)
        if not node.kwargs:
            return nodes.Const(text % {}, lineno=node.lineno)
        pairs = [nodes.Pair(nodes.Const(each.key), each.value) for each in node.kwargs]
        return nodes.Mod(nodes.Const(text), nodes.Dict(pairs), lineno=node.lineno)


def _is_certain(node: nodes.Node) -> bool:
    return isinstance(node.value if isinstance(node, nodes.Keyword) else node, nodes.Const)


def register(app: Flask) -> None:
    """One environment a language; they share loader, filters and globals."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, plural, newstyle=True)  # type: ignore[attr-defined]
    english: Any = app.jinja_env.overlay()
    english.language = "en"
    app.extensions["pages"] = {"zh": app.jinja_env, "en": english}
    app.add_template_global(_icons(app), "icon")


def _icons(app: Flask):
    sprite = app.url_map.bind("localhost").build("static", {"filename": "vendor/lucide-1.62.0.svg"})

    def icon(name: str, label: str | None = None, cls: str = "") -> Markup:
        """One drawing from the sprite; with a label it speaks, without it is decoration."""
        says = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
        more = f" {escape(cls)}" if cls else ""
        return Markup(f'<svg class="icon{more}" {says}><use href="{sprite}#i-{escape(name)}"/></svg>')  # noqa: S704

    return icon


def render_template(template_name: str, /, **context) -> str:
    """The template, drawn in the page's language."""
    template = current_app.extensions["pages"][language()].get_template(template_name)
    current_app.update_template_context(context)
    return template.render(context)
