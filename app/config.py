"""Every setting, its default and why. Each is read from the environment as QIFANG_<NAME>."""

import os
import secrets
from dataclasses import dataclass, fields
from datetime import time
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def _setting(default, why: str):
    from dataclasses import field

    return field(default=default, metadata={"why": why})


class TimeOfDay(str):
    """'HH:MM' on the city's clocks."""

    __slots__ = ()

    def __new__(cls, text: str) -> "TimeOfDay":
        """Refuses what is no time of day."""
        if len(text) != 5:
            raise ValueError("say a time such as 08:30")
        time.fromisoformat(text)
        return super().__new__(cls, text)


class MailSecurity(str):
    """How mail is handed over: '' in the open, 'starttls', or 'tls' from the first byte."""

    __slots__ = ()

    def __new__(cls, text: str) -> "MailSecurity":
        """Refuses other words."""
        if text not in ("", "starttls", "tls"):
            raise ValueError("say starttls, tls or nothing")
        return super().__new__(cls, text)


class MapAddress(str):
    """The address of one place on a map, the place left open; '' for none."""

    __slots__ = ()

    def __new__(cls, text: str) -> "MapAddress":
        """Refuses what is no address, and what is left open that nobody fills in."""
        try:
            filled = text.format(north=0, east=0, latitude=0, longitude=0, name="")
        except (KeyError, IndexError) as error:
            raise ValueError(f"nothing is filled in for {error}") from error
        if text and (filled == text or not text.startswith(("https://", "http://"))):
            raise ValueError("say an address with {north},{east} or {latitude},{longitude} in it")
        return super().__new__(cls, text)


class KeptDays(int):
    """For how many days something is kept: 0 for ever, else half a year at least."""

    __slots__ = ()

    def __new__(cls, text: str | int) -> "KeptDays":
        """Refuses less than that: the audit log must be readable beside what it tells of."""
        days = super().__new__(cls, text)
        if days and days < 180:
            raise ValueError("say 0 for ever, or 180 days or more")
        return days


class LogKind(str):
    """'json' lines for machines, or 'text' to read."""

    __slots__ = ()

    def __new__(cls, text: str) -> "LogKind":
        """Refuses other words."""
        if text not in ("json", "text"):
            raise ValueError("say json or text")
        return super().__new__(cls, text)


@dataclass(frozen=True)
class Settings:
    """What an installation may set. Names are those of the environment without QIFANG_."""

    instance: str = _setting(
        str(_ROOT / "instance"), "The data folder: database, photos, secret key. Back up this one."
    )
    host: str = _setting("127.0.0.1", "The address to listen on. Keep the loopback behind a proxy with TLS.")
    port: int = _setting(8000, "The port to listen on.")
    threads: int = _setting(16, "Requests served at a time; waitress buffers slow uploads outside of these.")
    proxies: int = _setting(0, "How many proxies in front to trust for the client's address and scheme.")
    https: bool = _setting(False, "Served over TLS: cookies are Secure and browsers are told to stay on HTTPS.")
    secret_key: str = _setting("", "Signs cookies and firms' links. Empty: kept in instance/secret_key.")
    idle_minutes_desk: int = _setting(30, "A session of a desk role ends after this many idle minutes.")
    idle_minutes_phone: int = _setting(600, "A session of an officer ends after this many idle minutes: a working day.")
    session_days: int = _setting(7, "A session ends after so many days, however busy it is kept.")
    password_length_desk: int = _setting(10, "The shortest password that a desk role may choose.")
    password_length_phone: int = _setting(8, "The shortest password that an officer may choose.")
    password_kinds: int = _setting(
        0, "How many of capitals, small letters, figures and signs a password must mix; 0: none in particular."
    )
    password_days: int = _setting(0, "A password must be changed after this many days; 0: never by the calendar.")
    one_time_days: int = _setting(7, "A password handed out for one use counts for this many days.")
    code_required: bool = _setting(
        False, "Offices, heads and auditors must set up codes of an authenticator app; else each may choose to."
    )
    oidc_issuer: str = _setting("", "The city's identity provider (OpenID Connect), as its issuer address. Empty: off.")
    oidc_client_id: str = _setting("", "What this installation is called there.")
    oidc_client_secret: str = _setting("", "The secret that goes with it.")
    oidc_scope: str = _setting("openid", "What is asked of the provider; more only if the claim needs it.")
    oidc_claim: str = _setting("sub", "The claim that names a person, the same for ever and never given to another.")
    upload_mb: int = _setting(60, "The largest request taken, in MB (9 photos shrunk on the phone are about 6).")
    photo_mb: int = _setting(20, "The largest single photo taken, in MB.")
    link_days: int = _setting(14, "A firm's link works for this many days.")
    tile_url: str = _setting(
        "", "A map tile address with {z}/{x}/{y} (such as 天地图). Empty: pins without a background."
    )
    tile_credit: str = _setting("", "The map's attribution and 审图号, shown on the map.")
    navigation_url: str = _setting(
        MapAddress(""),
        "Where 导航 leads, such as `https://uri.amap.com/marker?position={east},{north}&name={name}&callnative=1`:"
        " {north} and {east} are in GCJ-02, {latitude} and {longitude} in WGS-84, {name} is the firm. Empty: a geo:"
        " address, which Android opens with any map and iPhones, WeChat and desks do not know.",
    )
    site_url: str = _setting("", "The address people open, such as https://qifang.example.cn, for links in messages.")
    quiet_from: str = _setting(TimeOfDay("21:00"), "From then on only urgent messages leave the house.")
    quiet_to: str = _setting(TimeOfDay("07:30"), "Until then others wait. The same as quiet_from: no quiet hours.")
    digest_at: str = _setting(TimeOfDay("08:30"), "When the digest leaves on working days.")
    wecom_webhook: str = _setting("", "The address of a WeCom (企业微信) group robot. Empty: off.")
    dingtalk_webhook: str = _setting("", "The address of a DingTalk (钉钉) group robot. Empty: off.")
    dingtalk_secret: str = _setting("", "The secret that the DingTalk robot's messages are signed with (加签).")
    smtp_host: str = _setting("", "The mail server. Empty: no mail.")
    smtp_port: int = _setting(25, "Its port: 25, 587 with starttls, 465 with tls.")
    smtp_user: str = _setting("", "The name to sign in with there. Empty: no signing in.")
    smtp_password: str = _setting("", "The password to sign in with there.")
    smtp_from: str = _setting("", "The address that mail comes from. Empty: smtp_user.")
    smtp_to: str = _setting("", "The addresses that mail goes to, with commas between. Empty: no mail.")
    smtp_tls: str = _setting(MailSecurity(""), "How the mail server is spoken to: starttls, tls, or empty for neither.")

    keep_texts: int = _setting(
        KeptDays(1095), "Notes, contacts met, positions and photos of visits and ended issues are kept so many days."
    )
    keep_contacts: int = _setting(
        KeptDays(365), "The contact of a firm that closed or moved away is kept so many days after its last change."
    )
    keep_accounts: int = _setting(KeptDays(1095), "Who a disabled account was is kept so many days; 0: for ever.")
    keep_sessions: int = _setting(KeptDays(180), "When and on what somebody was signed in is kept so many days.")
    privacy_contact: str = _setting("", "Whom /privacy tells people to ask, such as 市营商办 0375-1234567.")

    log: str = _setting(LogKind("json"), "How the server logs to standard output: json, or text to read.")
    slow_ms: int = _setting(500, "A database statement that takes so many milliseconds is logged, without its values.")
    metrics_token: str = _setting("", "Opens /metrics from other machines (Authorization: Bearer …). Empty: only here.")
    backup: str = _setting("", "Where backups go, on another disk. Empty: beside the instance folder, as <it>-backups.")

    @property
    def database(self) -> str:
        """Path of the database file."""
        return str(Path(self.instance) / "qifang.db")

    @property
    def photos(self) -> Path:
        """Folder of the photo files."""
        return Path(self.instance) / "photos"

    @property
    def exports(self) -> Path:
        """Folder of what long jobs made, each deleted after a day. A backup need not hold it."""
        return Path(self.instance) / "exports"

    @property
    def rosters(self) -> Path:
        """Folder of the rosters being taken in, each deleted after a day. A backup need not hold it."""
        return Path(self.instance) / "rosters"

    @property
    def backups(self) -> Path:
        """Folder of the backups."""
        instance = Path(self.instance).resolve()
        return Path(self.backup) if self.backup else instance.with_name(f"{instance.name}-backups")


def from_environment(environ=os.environ) -> Settings:
    """Read the settings. Raises ValueError naming the variable whose value cannot be read."""
    values = {}
    for item in fields(Settings):
        name = f"QIFANG_{item.name.upper()}"
        raw = environ.get(name)
        if raw is None:
            continue
        try:
            values[item.name] = _read(raw, type(item.default))
        except ValueError as error:
            raise ValueError(f"{name}={raw!r}: {error}") from error
    return Settings(**values)


def _read(raw: str, kind: type):
    if kind is bool:
        if raw.lower() in {"1", "true", "yes", "on"}:
            return True
        if raw.lower() in {"0", "false", "no", "off", ""}:
            return False
        raise ValueError("say 1 or 0")
    return kind(raw)


def secret_key(settings: Settings) -> str:
    """The signing key: from the environment, or made once and kept in the instance folder for its owner only."""
    if settings.secret_key:
        return settings.secret_key
    path = Path(settings.instance) / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
