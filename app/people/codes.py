"""Codes of an authenticator app (RFC 6238) and the recovery codes for when it is gone. Pure: no Flask, no database.

The key that the app on the phone holds is derived, not stored: HMAC-SHA-256 of what the database keeps under the
installation's secret key. Why it is so: docs/adr/0010-authenticator-codes.md.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

from app.people.passwords import ONE_TIME_LETTERS

STEP_S = 30
_DRIFT = 1
"""So many steps a phone's clock may be off, either way."""
RECOVERY_CODES = 10
_GROUPS, _GROUP = 3, 4
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


def new_salt() -> str:
    """What the database keeps of one set-up: 160 random bits. Another set-up, another key."""
    return secrets.token_hex(20)


def key_of(secret_key: str, user_id: int, salt: str) -> str:
    """The key that goes into the app: 160 bits in base32, as RFC 4226 wants it."""
    text = f"authenticator key\n{user_id}\n{salt}"
    return base64.b32encode(hmac.digest(secret_key.encode(), text.encode(), "sha256")[:20]).decode()


def address_of(key: str, username: str, *, issuer: str) -> str:
    """The otpauth:// address that a QR code carries into the app, where the account stands under `issuer`."""
    return pyotp.TOTP(key, interval=STEP_S).provisioning_uri(name=username, issuer_name=issuer)


def step_of(key: str, code: str, *, now: datetime) -> int | None:
    """Which step of time this code belongs to, a step before or after now among them; None when it is wrong."""
    totp, here = pyotp.TOTP(key, interval=STEP_S), int(now.timestamp()) // STEP_S
    for step in range(here - _DRIFT, here + _DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            return step
    return None


def plain(typed: str) -> str:
    """A code as it was meant: without blanks and dashes, in small letters; figures of a Chinese keyboard too."""
    narrow = "".join(chr(ord(letter) - 0xFEE0) if 0xFF01 <= ord(letter) <= 0xFF5E else letter for letter in typed)
    return "".join(narrow.split()).replace("-", "").lower()


def is_recovery(code: str) -> bool:
    """Whether it looks like a recovery code rather than six figures."""
    return len(code) == _GROUPS * _GROUP and set(code) <= set(ONE_TIME_LETTERS)


def new_recovery_codes() -> list[str]:
    """Ten codes of about 59 bits each, as in 'abcd-efgh-jkmn'."""
    return [
        "-".join("".join(secrets.choice(ONE_TIME_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str, salt: str) -> str:
    """What is kept of a recovery code: scrypt, 16 MB and some 40 ms, salted with the set-up's salt."""
    return hashlib.scrypt(plain(code).encode(), salt=salt.encode(), **_SCRYPT).hex()
