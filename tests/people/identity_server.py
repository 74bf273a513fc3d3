"""A small OpenID provider on this machine, for tests: authorization code with PKCE, RS256, one person who is asked."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.serving import standing

CLIENT_ID, CLIENT_SECRET = "qifang", "secret-of-no-worth"


@dataclass
class Provider:
    """What it says, and what it was asked; tests change the first and read the second."""

    claims: dict = field(default_factory=lambda: {"sub": "u-1001"})
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256", "use": "sig"}))
    signing_key: RSAKey | None = None
    issuer: str = ""
    said_issuer: str = ""
    is_silent: bool = False
    has_way_out: bool = True
    asked: list[dict] = field(default_factory=list)
    codes: dict[str, dict] = field(default_factory=dict)

    def __call__(self, environ, start_response):
        """Serve."""
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if self.is_silent:
            return Response("no", 500)
        if request.path == "/.well-known/openid-configuration":
            way_out = {"end_session_endpoint": f"{self.issuer}/logout"} if self.has_way_out else {}
            return _json(
                {
                    **way_out,
                    "issuer": self.said_issuer or self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/jwks",
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "code_challenge_methods_supported": ["S256"],
                }
            )
        if request.path == "/jwks":
            return _json({"keys": [self.key.as_dict(private=False)]})
        if request.path == "/token" and request.method == "POST":
            return self._token(request)
        return Response("not here", 404)

    def sign_in(self, address: str) -> str:
        """What a browser is told after the person signed in at this authorization address: where to go back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"]})
        return f"{urlsplit(asked['redirect_uri']).path}?{query}"

    def _token(self, request: Request) -> Response:
        asked = self.codes.pop(request.form.get("code", ""), None)
        auth = request.authorization
        verifier = request.form.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if (
            asked is None
            or auth is None
            or (auth.username, auth.password) != (CLIENT_ID, CLIENT_SECRET)
            or challenge != asked["code_challenge"]
            or request.form.get("redirect_uri") != asked["redirect_uri"]
        ):
            return _json({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.claims,
        }  # fmt: skip
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.signing_key or self.key)
        return _json({"access_token": "x", "token_type": "Bearer", "id_token": token, "expires_in": 300})


def _json(value: dict, status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype="application/json")


@contextmanager
def provider_on_this_machine() -> Iterator[Provider]:
    """One on a free port."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.port}"
    with standing(server):
        yield provider
