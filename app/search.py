"""Text as the full-text index keeps it: single characters, so that any part of a Chinese name is found. Pure."""

import unicodedata

LONGEST_QUERY = 60


def spaced(text: str) -> str:
    """Letters and digits apart, in lower case and half width: '平煤 A1' → '平 煤 a 1'."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return " ".join(letter for letter in folded if letter.isalnum())


def phrases(query: str) -> str:
    """An FTS5 query: every word of the query as a phrase of characters, all of which must be found. '' if none."""
    words = (spaced(word) for word in unicodedata.normalize("NFKC", query[:LONGEST_QUERY]).split())
    return " AND ".join(f'"{word}"' for word in words if word)


def initials(name: str) -> str:
    """The first letters of a name's pinyin, apart: '平顶山' → 'p d s'."""
    from pypinyin import Style, lazy_pinyin

    return spaced("".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="default")))
