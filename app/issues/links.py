"""The firm's link: an address that names one issue and that nobody can guess or make. Pure but for the signing key."""

from itsdangerous import BadSignature, Signer

import hashlib


def token_for(link_id: int, secret: str) -> str:
    """The last part of the link's address: its id and an HMAC-SHA-256 over it, 43 letters that only the key can make."""
    return _signer(secret).sign(str(link_id)).decode()


def link_id_of(token: str, secret: str) -> int | None:
    """Which link a token names, or None if it was not made here."""
    try:
        return int(_signer(secret).unsign(token))
    except (BadSignature, ValueError):
        return None


def _signer(secret: str) -> Signer:
    return Signer(secret, salt="firm-link", sep="-", digest_method=hashlib.sha256)
