"""The unified social credit code (统一社会信用代码) of a firm: its form and its check character. Pure.

Source: GB 32100-2015 《法人和其他组织统一社会信用代码编码规则》. Eighteen characters: one for the registering
authority, one for the kind of body, six digits for the place (GB/T 2260), nine for the body itself (GB 11714-1997 with
its own check character, which older codes do not always keep), one check character. Digits and capitals without I, O,
S, V and Z.
"""

import re

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")
_BODY = re.compile(rf"[{ALPHABET}]{{17}}")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def is_valid(code: str) -> bool:
    """Whether this is a credit code: 18 characters of the alphabet, a place in digits, the right check character."""
    return _CODE.fullmatch(code) is not None and check_character(code[:17]) == code[17]


def check_character(body: str) -> str:
    """The 18th character to the first 17: MOD 31 with the weights 3^i. ValueError unless 17 of the alphabet."""
    if not _BODY.fullmatch(body):
        raise ValueError("a credit code has 17 characters before its check character")
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return ALPHABET[-total % 31]


def organisation_check_character(body: str) -> str:
    """The ninth character to the eight of an organisation code (GB 11714-1997): MOD 11, ten being X."""
    if len(body) != 8 or not (body.isascii() and body.isalnum() and body.upper() == body):
        raise ValueError("an organisation code has 8 characters before its check character")
    total = sum(int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]
