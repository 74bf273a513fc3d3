"""A small reader of HTML for tests, and what every page of ours must satisfy.

`page.get("/issues/").one("form[action=/logout]").field("note")` … see the fixture `page` in conftest.py.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from html.parser import HTMLParser
from pathlib import Path

_STATIC = Path(__file__).resolve().parent.parent / "static"
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_LABELLESS = frozenset({"hidden", "submit", "button", "reset", "image"})
_SIMPLE = re.compile(r"([a-z0-9*]*)((?:[#.][\w-]+|\[[\w:-]+(?:[\^*$]?=[^\]]*)?\])*)", re.IGNORECASE)
_PART = re.compile(r"([#.])([\w-]+)|\[([\w:-]+)(?:([\^*$]?)=([^\]]*))?\]")


class Node:
    """One element; `children` are Nodes and texts."""

    def __init__(self, tag: str, attrs: dict[str, str], parent: "Node | None"):
        self.tag, self.attrs, self.parent = tag, attrs, parent
        self.children: list[Node | str] = []
        self._read: list[Node] = []  # every element of the document in order, this one and those below it among them
        self._from = self._to = 0

    def __repr__(self) -> str:
        attrs = "".join(f' {name}="{value}"' for name, value in self.attrs.items())
        return f"<{self.tag}{attrs}>"

    def get(self, name: str, default: str | None = None) -> str | None:
        """An attribute's value ('' when it has none)."""
        return self.attrs.get(name, default)

    @property
    def text(self) -> str:
        """What is read, with single spaces."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in ("script", "style", "template"):
                yield from child._texts()

    def walk(self) -> list["Node"]:
        """Every element below, in order."""
        return self._read[self._from : self._to]

    def begins(self, read: list["Node"]) -> None:
        """What is read from here on is below it, until it ends."""
        self._read, self._from = read, len(read)

    def ends(self) -> None:
        """What is read from here on is no longer below it."""
        self._to = len(self._read)

    def all(self, selector: str) -> list["Node"]:
        """Every element below that fits: tag, #id, .class, [name], [name=value], [name^=value], inner ones by space."""
        first, *rest = selector.split(" ", 1)
        fits = _fitting(first)
        found = [node for node in self.walk() if fits(node)]
        if not rest:
            return found
        below = [inner for node in found for inner in node.all(rest[0])]
        return list(dict.fromkeys(below))

    def one(self, selector: str) -> "Node":
        """The only element that fits."""
        found = self.all(selector)
        assert len(found) == 1, f"{selector}: {len(found)} found, {found[:5]}"
        return found[0]

    def has(self, selector: str) -> bool:
        """Whether any element fits."""
        return bool(self.all(selector))

    def link(self, text: str) -> str:
        """The address of the first link that reads so (or whose label does)."""
        for node in self.all("a"):
            if text in node.text or text in (node.get("aria-label") or "", node.get("title") or ""):
                return node.attrs["href"]
        raise AssertionError(f"no link {text!r} among {[node.text for node in self.all('a')]}")

    def field(self, name: str) -> "Node":
        """The first input, select or textarea of that name."""
        for node in self.walk():
            if node.tag in ("input", "select", "textarea", "button") and node.get("name") == name:
                return node
        raise AssertionError(f"no field {name!r} in {self}")

    @property
    def values(self) -> dict[str, str | list[str]]:
        """What this form would send as it stands (without pressing any named button)."""
        sent: dict[str, str | list[str]] = {}
        for name, value in self._pairs():
            held = sent.get(name)
            sent[name] = value if held is None else [*(held if isinstance(held, list) else [held]), value]
        return sent

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for node in self.walk():
            name = node.get("name")
            if not name or "disabled" in node.attrs:
                continue
            if node.tag == "textarea":
                yield name, "".join(node._texts()).replace("\r\n", "\n").removeprefix("\n")
            elif node.tag == "select":
                options = node.all("option")
                chosen = [option for option in options if "selected" in option.attrs] or options[:1]
                yield from ((name, option.get("value", option.text) or "") for option in chosen)
            elif node.tag == "input":
                kind = node.get("type", "text")
                if kind in ("checkbox", "radio"):
                    if "checked" in node.attrs:
                        yield name, node.get("value", "on") or ""
                elif kind not in ("file", "submit", "button", "image", "reset"):
                    yield name, node.get("value", "") or ""


@cache
def _fitting(selector: str) -> Callable[[Node], bool]:
    match = _SIMPLE.fullmatch(selector)
    assert match, f"cannot read {selector!r}"
    tag, parts = match.groups()
    wanted = [
        (kind, name, attr, how, None if f"[{attr}]" in parts else value.strip("'\""))
        for kind, name, attr, how, value in _PART.findall(parts)
    ]

    def fits(node: Node) -> bool:
        if tag not in ("", "*", node.tag):
            return False
        for kind, name, attr, how, value in wanted:
            if kind == "#" and node.get("id") != name:
                return False
            if kind == "." and name not in (node.get("class") or "").split():
                return False
            if attr:
                held = node.get(attr)
                if held is None or (value is not None and not _compares(held, how, value)):
                    return False
        return True

    return fits


def _compares(held: str, how: str, wanted: str) -> bool:
    return {"": held == wanted, "^": held.startswith(wanted), "$": held.endswith(wanted), "*": wanted in held}[how]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("#root", {}, None)
        self.read: list[Node] = []
        self.root.begins(self.read)
        self.at = self.root
        self.problems: list[str] = []

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in reversed(attrs)}
        if len(values) < len(attrs):
            for name, times in Counter(name for name, _value in attrs).items():
                if times > 1:
                    self.problems.append(f"<{tag}> at line {self.getpos()[0]} has {name} twice")
        node = Node(tag, values, self.at)
        self.at.children.append(node)
        self.read.append(node)
        node.begins(self.read)
        if tag in _VOID:
            node.ends()
        else:
            self.at = node

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in _VOID:
            return
        if self.at.tag != tag:
            self.problems.append(f"</{tag}> at line {self.getpos()[0]} closes {self.at!r}")
            above: Node | None = self.at
            while above is not None and above.tag != tag:
                above = above.parent
            if above is None:
                return
            while self.at is not above:
                self.leave()
        self.leave()

    def leave(self) -> None:
        self.at.ends()
        self.at = self.at.parent or self.root

    def close(self) -> None:
        super().close()
        if self.at is not self.root:
            self.problems.append(f"{self.at!r} is not closed")
        while self.at is not self.root:
            self.leave()
        self.root.ends()

    def handle_data(self, data):
        self.at.children.append(data)


def read_html(text: str) -> tuple[Node, list[str]]:
    """The tree of a page or a piece of one, and what is not well formed in it."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.root, reader.problems


def problems_of(root: Node) -> list[str]:
    """What is wrong with an HTML answer. A piece of a page (no <html>) is not asked for a title or an h1."""
    problems = list(_page(root)) if root.has("html") else []
    ids = [node.attrs["id"] for node in root.walk() if "id" in node.attrs]
    problems += [f"id {each!r} {times} times" for each, times in sorted(Counter(ids).items()) if times > 1]
    labelled = {node.get("for") for node in root.all("label")}
    for node in root.walk():
        problems += _attributes(node)
        if node.tag in ("input", "select", "textarea"):
            problems += _label(node, labelled, ids)
        elif node.tag == "form":
            problems += [f"{node!r} has no {name}" for name in ("method", "action") if not node.get(name)]
        elif node.tag in ("button", "a") and "aria-hidden" not in node.attrs and not _name(node):
            problems.append(f"{node!r} has no name")
        elif node.tag == "script" and "src" not in node.attrs and not (node.get("type") or "").endswith("json"):
            problems.append("an inline script")
        elif node.tag == "style":
            problems.append("an inline <style>")
        elif node.tag == "img" and "alt" not in node.attrs:
            problems.append(f"{node!r} has no alt")
    return problems


def _page(root: Node) -> Iterator[str]:
    if not root.one("html").get("lang"):
        yield "no lang on <html>"
    headings = [node.text for node in root.all("h1")]
    titles = root.all("head title")
    title = titles[0].text if len(titles) == 1 else ""
    if len(headings) != 1:
        yield f"{len(headings)} h1: {headings}"
    elif not headings[0] or not title.startswith(headings[0]):
        yield f"the title {title!r} does not begin with the h1 {headings[0]!r}"
    if len(root.all("main")) != 1:
        yield f"{len(root.all('main'))} main"


def _attributes(node: Node) -> Iterator[str]:
    for name, value in node.attrs.items():
        if name == "style" or (name.startswith("on") and name != "on"):
            yield f"{node!r}: inline {name}"
        if name in ("href", "src", "action") and value.strip().lower().startswith("javascript:"):
            yield f"{node!r}: javascript address"
        if name in ("href", "src") and value.startswith("/static/"):
            yield from _static(value)
        if name in ("aria-labelledby", "aria-describedby", "aria-controls") and not value.strip():
            yield f"{node!r}: empty {name}"


@cache
def _static(url: str) -> tuple[str, ...]:
    path, _, part = url.partition("#")
    file = _STATIC / path.split("?")[0].split("/", 3)[3]
    if not file.is_file():
        return (f"{path} is not there",)
    if part and f'id="{part}"' not in file.read_text(encoding="utf-8"):
        return (f"no {part!r} in {file.name}",)
    return ()


def _label(node: Node, labelled: set, ids: list[str]) -> Iterator[str]:
    if node.tag == "input" and node.get("type", "text") in _LABELLESS:
        return
    by = (node.get("aria-labelledby") or "").split()
    if node.get("aria-label") or (by and all(each in ids for each in by)) or node.get("id") in labelled - {None}:
        return
    above = node.parent
    while above is not None:
        if above.tag == "label" and above.text:
            return
        above = above.parent
    yield f"{node!r} has no label"


def _name(node: Node) -> str:
    named = [inner.get("aria-label") or inner.get("alt") or inner.get("title") or "" for inner in node.walk()]
    titles = [inner.text for inner in node.walk() if inner.tag == "title"]
    return (
        node.text
        or node.get("aria-label")
        or node.get("aria-labelledby")
        or node.get("title")
        or "".join(named + titles)
    )


class Answer:
    """A response with its HTML read; unknown attributes are the werkzeug response's own."""

    def __init__(self, response):
        self.response = response

    @cached_property
    def _html(self) -> tuple[Node, list[str]]:
        is_html = self.response.mimetype == "text/html"
        return read_html(self.response.text) if is_html else (Node("#none", {}, None), [])

    @property
    def root(self) -> Node:
        """The page, or the piece of one; without anything in it where it is no HTML."""
        return self._html[0]

    @property
    def problems(self) -> list[str]:
        """What is wrong with it."""
        root, problems = self._html
        return problems + problems_of(root)

    def __getattr__(self, name):
        if hasattr(Node, name) and name not in ("text",):
            return getattr(self.root, name)
        return getattr(self.response, name)

    @property
    def read(self) -> str:
        """What a person reads."""
        return self.root.text


class Page:
    """A client that checks each HTML answer. `page.htmx` asks as htmx does, for a piece."""

    def __init__(self, client, headers: dict[str, str] | None = None, sign_in=None):
        self.client = client
        self._headers = headers or {}
        self._sign_in = sign_in

    def __call__(self, who) -> "Page":
        """The same for another client, or for a role or username that signs in."""
        is_client = hasattr(who, "open")
        return Page(who if is_client else self._sign_in(who), self._headers, self._sign_in)

    @property
    def htmx(self) -> "Page":
        """The same client, asking for pieces."""
        return Page(self.client, {**self._headers, "HX-Request": "true"}, self._sign_in)

    def get(self, url: str, *, status: int = 200, **more) -> Answer:
        """GET and check."""
        return self._open("GET", url, status, **more)

    def post(self, url: str, data=None, *, status: int | tuple[int, ...] = (200, 204, 303), **more) -> Answer:
        """POST and check; 303 is not followed."""
        return self._open("POST", url, status, data=data or {}, **more)

    def send(self, form: Node, *, status: int | tuple[int, ...] = (200, 204, 303), files=None, **typed) -> Answer:
        """Send a form of an earlier answer as it stands, with what is typed over it."""
        data = {**form.values, **{name.replace("__", "-"): value for name, value in typed.items()}, **(files or {})}
        return self._open(
            (form.get("method") or "get").upper(),
            form.get("action") or "",
            status,
            **({"data": data} if (form.get("method") or "get").lower() == "post" else {"query_string": data}),
        )

    def follow(self, answer: Answer) -> Answer:
        """The page that a 303 leads to."""
        return self.get(answer.headers["Location"])

    def _open(self, method: str, url: str, status, *, headers=None, **more) -> Answer:
        response = self.client.open(url, method=method, headers={**self._headers, **(headers or {})}, **more)
        wanted = status if isinstance(status, tuple) else (status,)
        assert response.status_code in wanted, (
            f"{method} {url}: {response.status_code}, not {status}: {_excerpt(response)}"
        )
        answer = Answer(response)
        is_ours = response.status_code not in (301, 302, 303, 307, 308)  # a redirect's text is werkzeug's
        if is_ours and response.mimetype == "text/html" and response.data:
            found = answer.problems
            assert not found, f"{method} {url}: " + "; ".join(found)
        return answer


def _excerpt(response) -> str:
    text = read_html(response.text)[0].text if response.mimetype == "text/html" else response.text
    return f"{response.headers.get('Location', '')} {text[:300]}"
