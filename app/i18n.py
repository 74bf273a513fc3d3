"""Words in two languages: msgids are Chinese, the English catalogue is `app/translations/en`."""

LANGUAGES = ("zh", "en")


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for a marker)
    """Mark a text for translation where it is written; it is translated where it is shown. For pure modules."""
    return text
