"""The ways out of the house, each behind `send`: group robots of WeCom and DingTalk, and mail. Off unless configured.

Only the standard library. Webhook addresses hold their key, so no error names one.
"""

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from http.client import HTTPException
from typing import Protocol
from urllib.parse import quote_plus, urlsplit

from app.notices.models import Channel, Message

TIMEOUT_S = 10
_MOST_ANSWER_BYTES = 64 * 1024
_TRY_AGAIN_HTTP = frozenset({408, 425, 429})
_TRY_AGAIN_WECOM = frozenset({-1, 45009, 45033})  # busy; too often; too many at a time
_TRY_AGAIN_DINGTALK = frozenset({-1, 130101, 130102, 410100, 90018})  # busy; sent too fast, in four dialects


class DeliveryFailed(Exception):
    """It was not delivered. `is_temporary`: trying again later may help."""

    def __init__(self, why: str, *, is_temporary: bool):
        super().__init__(why)
        self.is_temporary = is_temporary


class Adapter(Protocol):
    """One way out."""

    def send(self, message: Message, *, now: datetime) -> None:
        """Deliver, or raise DeliveryFailed."""


@dataclass(frozen=True)
class WeCom:
    """A group robot of WeCom (企业微信)."""

    webhook: str

    def send(self, message: Message, *, now: datetime) -> None:
        """Post a text; `errcode` tells whether it was taken."""
        _post(self.webhook, {"msgtype": "text", "text": {"content": message.body}}, try_again=_TRY_AGAIN_WECOM)


@dataclass(frozen=True)
class DingTalk:
    """A group robot of DingTalk (钉钉), signed when it has a secret."""

    webhook: str
    secret: str = ""

    def send(self, message: Message, *, now: datetime) -> None:
        """Post a text; `errcode` tells whether it was taken."""
        url = self.webhook
        if self.secret:
            url += ("&" if urlsplit(url).query else "?") + signature(self.secret, now)
        _post(url, {"msgtype": "text", "text": {"content": message.body}}, try_again=_TRY_AGAIN_DINGTALK)


def signature(secret: str, now: datetime) -> str:
    """DingTalk's query: the moment in milliseconds, and an HMAC-SHA-256 over it, which is good for an hour."""
    timestamp = str(int(now.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return f"timestamp={timestamp}&sign={quote_plus(base64.b64encode(digest))}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A robot does not move: whoever redirects is a network's sign-in page."""

    def redirect_request(self, *_args, **_more):
        return None


def _post(url: str, content: Mapping[str, object], *, try_again: frozenset[int]) -> None:
    if urlsplit(url).scheme not in ("http", "https"):
        raise DeliveryFailed("the address is not http or https", is_temporary=False)
    request = urllib.request.Request(  # noqa: S310 (checked above)
        url,
        data=json.dumps(content, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "qifang"},
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            raw = answer.read(_MOST_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        error.close()
        is_temporary = error.code < 400 or error.code >= 500 or error.code in _TRY_AGAIN_HTTP
        raise DeliveryFailed(f"HTTP {error.code}", is_temporary=is_temporary) from None
    except urllib.error.URLError as error:
        raise DeliveryFailed(f"no connection: {_kind(error.reason)}", is_temporary=True) from None
    except (OSError, HTTPException) as error:
        raise DeliveryFailed(f"no connection: {_kind(error)}", is_temporary=True) from None
    _check(raw, try_again)


def _check(raw: bytes, try_again: frozenset[int]) -> None:
    """Only an answer that says errcode 0 is a receipt; a page of the network's own is none."""
    try:
        answer = json.loads(raw)
        code = int(answer["errcode"])
    except (ValueError, TypeError, KeyError):
        raise DeliveryFailed("the answer is not a robot's", is_temporary=True) from None
    if code:
        raise DeliveryFailed(f"errcode {code}: {str(answer.get('errmsg', ''))[:120]}", is_temporary=code in try_again)


def _kind(error: object) -> str:
    return type(error).__name__ if isinstance(error, Exception) else str(error)[:60]


@dataclass(frozen=True)
class Mail:
    """Plain mail to one list of addresses. `tls` is '', 'starttls' or 'tls' (from the first byte)."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password: str = ""
    tls: str = ""

    def send(self, message: Message, *, now: datetime) -> None:
        """Hand the mail to the server. An address that it refuses is a failure to be seen, not one to try again."""
        mail = EmailMessage()
        mail["Subject"] = message.subject
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{message.key}@{self.sender.rpartition('@')[2] or 'qifang'}>"
        mail.set_content(message.body)
        with _mail_words(), self._connected() as server:
            if self.user:
                server.login(self.user, self.password)
            refused = server.send_message(mail)
        if refused:
            raise DeliveryFailed(f"{len(refused)} of {len(self.to)} addresses refused", is_temporary=False)

    def _connected(self) -> smtplib.SMTP:
        # Its own name is said as an address: looking it up would ask a name server that a closed network lacks.
        me = "[127.0.0.1]"
        if self.tls == "tls":
            secure = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, me, timeout=TIMEOUT_S, context=secure)
        server = smtplib.SMTP(self.host, self.port, me, timeout=TIMEOUT_S)
        if self.tls == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server


@contextmanager
def _mail_words():
    """What the mail library raises, as DeliveryFailed: 4xx are temporary, 5xx are not."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _words in error.recipients.values()})
        raise DeliveryFailed(f"SMTP {codes}: addresses refused", is_temporary=max(codes) < 500) from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryFailed(f"SMTP {error.smtp_code}", is_temporary=error.smtp_code < 500) from None
    except smtplib.SMTPServerDisconnected:
        raise DeliveryFailed("SMTP: the server hung up", is_temporary=True) from None
    except smtplib.SMTPException as error:
        raise DeliveryFailed(f"SMTP: {_kind(error)}", is_temporary=False) from None
    except OSError as error:
        raise DeliveryFailed(f"no connection: {_kind(error)}", is_temporary=True) from None


def adapters(
    *,
    wecom_webhook: str,
    dingtalk_webhook: str,
    dingtalk_secret: str,
    smtp_host: str,
    smtp_port: int,
    smtp_user: str,
    smtp_password: str,
    smtp_from: str,
    smtp_to: str,
    smtp_tls: str,
) -> dict[Channel, Adapter]:
    """The ways out that are configured; none by default."""
    found: dict[Channel, Adapter] = {}
    if wecom_webhook:
        found[Channel.WECOM] = WeCom(wecom_webhook)
    if dingtalk_webhook:
        found[Channel.DINGTALK] = DingTalk(dingtalk_webhook, dingtalk_secret)
    to = tuple(each.strip() for each in smtp_to.split(",") if each.strip())
    sender = smtp_from or smtp_user
    if smtp_host and sender and to:
        found[Channel.SMTP] = Mail(smtp_host, smtp_port, sender, to, smtp_user, smtp_password, smtp_tls)
    return found
