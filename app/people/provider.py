"""The city's identity provider (OpenID Connect), spoken to by Authlib: state, nonce, PKCE and the token's signature.

It is off by default: an installation without `QIFANG_OIDC_ISSUER` loads none of it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, session

from app.config import Settings
from app.errors import Unavailable
from app.i18n import N_

log = logging.getLogger("qifang")

NAME = "city"
TIMEOUT_S = 10
_SILENT = N_("统一身份认证没有回应或回应有误。请稍后再试，或用密码登录。")
_THERE = "oidc_there"
_LOCAL = ("localhost", "127.0.0.1", "::1")


def register(app: Flask, settings: Settings) -> None:
    """Get to know the provider, if one is set. Raises RuntimeError naming what is missing."""
    if not settings.oidc_issuer:
        return
    address = urlsplit(settings.oidc_issuer)
    if address.scheme != "https" and address.hostname not in _LOCAL:
        raise RuntimeError("QIFANG_OIDC_ISSUER must begin with https://")
    if not settings.oidc_client_id or not settings.oidc_client_secret:
        raise RuntimeError("QIFANG_OIDC_ISSUER needs QIFANG_OIDC_CLIENT_ID and QIFANG_OIDC_CLIENT_SECRET too")
    try:
        from authlib.integrations.flask_client import OAuth
    except ImportError as error:
        raise RuntimeError("QIFANG_OIDC_ISSUER needs Authlib: install requirements-sso.lock") from error
    OAuth(app).register(
        NAME,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": settings.oidc_scope,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_S,
        },
    )


def is_on() -> bool:
    """Whether people may sign in there."""
    return bool(current_app.config["SETTINGS"].oidc_issuer)


def go_there(callback_url: str):
    """The answer that sends the browser to the provider. Raises Unavailable when it cannot be reached."""
    for key in [key for key in session if key.startswith(f"_state_{NAME}_")]:
        session.pop(key)  # of tries that were left half-way: the cookie must not grow
    with _told():
        _refuse_another_issuer()
        return _client().authorize_redirect(callback_url)


def come_back() -> str:
    """Who the provider says it is, by the claim of QIFANG_OIDC_CLAIM; '' when the person or the provider refused.

    State, code, nonce, issuer, audience, time and signature have been checked. Raises Unavailable when it cannot be
    reached or answers nonsense.
    """
    from authlib.integrations.base_client import OAuthError

    settings = current_app.config["SETTINGS"]
    options = {"iss": {"essential": True, "value": settings.oidc_issuer}}
    try:
        with _told():
            token = _client().authorize_access_token(claims_options=options)
    except OAuthError as refusal:  # she pressed cancel, or state or code are not those that were given out
        log.info("the identity provider refused: %s", refusal.error)
        return ""
    found = (token.get("userinfo") or {}).get(settings.oidc_claim)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def note_sign_in() -> None:
    """This browser signed in there just now; it goes on being so when the person signs out here."""
    session[_THERE] = True


def may_be_signed_in() -> bool:
    """Whether somebody signed in there from this browser and has not been led out again."""
    return is_on() and _THERE in session


def way_out(back_url: str) -> str:
    """The address at the provider that signs out there and leads back; '' if it has none (RP-Initiated Logout 1.0).

    Raises Unavailable when the provider cannot be reached.
    """
    with _told():
        _refuse_another_issuer()
        address = _client().load_server_metadata().get("end_session_endpoint", "")
    session.pop(_THERE, None)
    if not address:
        return ""
    asked = {"client_id": current_app.config["SETTINGS"].oidc_client_id, "post_logout_redirect_uri": back_url}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _client():
    return current_app.extensions["authlib.integrations.flask_client"].create_client(NAME)


def _refuse_another_issuer() -> None:
    said = _client().load_server_metadata().get("issuer")
    if said != current_app.config["SETTINGS"].oidc_issuer:
        raise ValueError("the provider calls itself another issuer than QIFANG_OIDC_ISSUER")


@contextmanager
def _told() -> Iterator[None]:
    """Whatever goes wrong on the way is logged and told in words; a refusal of the provider passes through."""
    from authlib.integrations.base_client import OAuthError
    from joserfc.errors import JoseError
    from requests import RequestException

    try:
        yield
    except OAuthError:
        raise
    except (JoseError, RequestException, ValueError, KeyError, RuntimeError) as error:
        log.warning("the identity provider failed: %s", type(error).__name__)
        raise Unavailable(_SILENT) from error
