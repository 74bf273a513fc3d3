"""Gathering the texts to translate: `flask --app wsgi messages`. Pybabel would leave out folders like `_macros`."""

import io
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = _ROOT / "app" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "_l": None, "N_": None}
_HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Qifang\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
"""The same for everyone, so that gathering twice changes nothing."""


def gather() -> tuple[int, list[str]]:
    """Bring the English catalogue up to date with the sources; how many texts there are, and those without English.

    Texts that are no longer used go; no English is guessed from similar texts.
    """
    from babel.messages.catalog import Catalog, Message
    from babel.messages.extract import extract_from_dir
    from babel.messages.frontend import parse_mapping_cfg
    from babel.messages.pofile import read_po, write_po

    with CATALOGUE.open("rb") as file:
        before = read_po(file, locale="en")
    with (_ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalogue = Catalog(locale="en", charset="utf-8")
    for folder in ("app", "templates"):
        found = extract_from_dir(
            _ROOT / folder,
            [(pattern.removeprefix(f"{folder}/"), how) for pattern, how in methods],
            {pattern.removeprefix(f"{folder}/"): each for pattern, each in options.items()},
            keywords=KEYWORDS,
            directory_filter=lambda path: not Path(path).name.startswith((".", "__")),
        )
        for _name, _line, message, _comments, context in found:
            catalogue.add(message, context=context)
    missing = []
    messages: list[Any] = [each for each in catalogue if isinstance(each, Message) and each.id]
    for message in messages:
        known = before.get(message.id if isinstance(message.id, str) else message.id[0], context=message.context)
        if known and isinstance(known.id, tuple) == isinstance(message.id, tuple):
            message.string = known.string
        if not (all(message.string) if isinstance(message.string, tuple) else message.string):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    out = io.BytesIO()
    write_po(out, catalogue, no_location=True, sort_output=True, omit_header=True, width=100)
    CATALOGUE.write_text(_HEADER + out.getvalue().decode().lstrip("\n"), encoding="utf-8")
    return len(catalogue), missing
