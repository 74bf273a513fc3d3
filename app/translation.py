"""Texts in the language of the page: thin over Flask-Babel, which looks for the language anew with each text.

A page has a hundred texts and one language from its begin to its end, so it is looked for once (`_speech`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import NamedTuple

from flask import Flask, appcontext_popped, appcontext_pushed, has_app_context, request
from flask_babel import Babel, force_locale, get_locale, get_translations
from flask_babel.speaklater import LazyString

from app.i18n import LANGUAGES

_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


class _Speech(NamedTuple):
    """A language ('zh' or 'en') and its catalogue; Chinese, in which texts are written, has an empty one."""

    language: str
    catalogue: NullTranslations


_WRITTEN = _Speech(LANGUAGES[0], NullTranslations())
"""As the texts are written: what is said outside any page or job."""


_held: ContextVar[_Speech | None] = ContextVar("speech", default=None)
"""Looked for at the first text of a page or job, forgotten with it."""


def _speech() -> _Speech:
    return _held.get() or _listen()


def _listen() -> _Speech:
    if not has_app_context():
        return _WRITTEN
    locale = get_locale()
    speech = _Speech(locale.language if locale is not None else LANGUAGES[0], get_translations())
    _held.set(speech)
    return speech


def _forget(_app: Flask) -> None:
    _held.set(None)


def language() -> str:
    """The language of this page or job: 'zh' or 'en'."""
    return _speech().language


def is_english() -> bool:
    """Whether the page is in English."""
    return _speech().language == "en"


def gettext(text: str, /, **values) -> str:
    """The text in the page's language, with `%(name)s` filled in where there are values."""
    text = _speech().catalogue.gettext(text)
    return text % values if values else text


def ngettext(one: str, many: str, num: int, /, **values) -> str:
    """The text for so many, with `%(num)d` and the values filled in."""
    return plural(one, many, num) % {"num": num, **values}


def plural(one: str, many: str, num: int) -> str:
    """The text for so many as it stands, for whoever fills it in (Jinja does)."""
    return _speech().catalogue.ngettext(one, many, num)


def lazy_gettext(text: str, /, **values) -> LazyString:
    """A text that is translated when it is shown: for what is written once, such as a form's labels."""
    return LazyString(gettext, text, **values)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything inside is said in this language ('zh' or 'en'), whatever the page's is."""
    _held.set(None)
    try:
        with force_locale(_LOCALES[language]):
            yield
    finally:
        _held.set(None)


def register(app: Flask) -> None:
    """The page's language is what the reader chose, kept in a cookie; Chinese without a choice."""

    def choose_locale() -> str:
        chosen = request.cookies.get("language") if request else None
        return _LOCALES["en" if chosen == "en" else "zh"]

    Babel(app, locale_selector=choose_locale)
    appcontext_pushed.connect(_forget, app)
    appcontext_popped.connect(_forget, app)
