"""The firm's link: an address that names one issue and that nobody can guess or make. Pure but for the signing key."""

import hashlib
import io

import segno
from itsdangerous import BadSignature, Signer
from markupsafe import Markup


def token_for(link_id: int, secret: str) -> str:
    """The last part of the link's address: its id and an HMAC-SHA-256 over it, which only the key can make."""
    return _signer(secret).sign(str(link_id)).decode()


def link_id_of(token: str, secret: str) -> int | None:
    """Which link a token names, or None if it was not made here."""
    if not token.isascii():
        return None
    try:
        return int(_signer(secret).unsign(token))
    except (BadSignature, ValueError):
        return None


def qr_svg(url: str) -> Markup:
    """A QR code of the address as SVG to stand in a page: black on white in every theme, so that any phone reads it."""
    out = io.BytesIO()
    segno.make(url, error="m").save(
        out,
        kind="svg",
        scale=6,
        border=3,
        light="#fff",
        dark="#000",
        xmldecl=False,
        svgns=False,
        svgclass="qr",
        lineclass=None,
        omitsize=True,
    )
    return Markup(out.getvalue().decode())  # noqa: S704 (drawn here from our own address)


def _signer(secret: str) -> Signer:
    return Signer(secret, salt="firm-link", sep=".", digest_method=hashlib.sha256)
