"""The operator's settings, read once from the environment; a bad value stops the start with one line."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qs, urlsplit

from zipped.errors import SettingsError

SECRET_KEY_BYTES = 32  # bytes of `ZIPPED_SECRET_KEY`, written as 64 hexadecimal digits
UNITS = ("", "KiB", "MiB", "GiB", "TiB")  # of sizes, each 1,024 of the one before
SMTP_SECURITY = ("starttls", "tls", "none")  # words of `?security=` in `ZIPPED_SMTP_URL`

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may decide. Read where a process or a command begins, handed on from there."""

    #: SQLAlchemy address of the primary, with the asyncpg driver.
    database_url: str
    #: Comma-separated host:port pairs; None means the embedded broker, whose address stands in `broker_file`.
    kafka_bootstrap_servers: str | None
    #: Where the embedded broker writes its address; read anew for each client, for it changes at each start.
    broker_file: Path | None
    #: A folder on the database's disk, where that is on this machine: the door looks at its free space.
    database_disk: Path | None = None
    #: Bytes of that disk that the door leaves to what is accepted already; 0 leaves none.
    disk_reserve: int = 512 << 20
    #: Wraps the data keys of connections and signs tokens.
    secret_key: bytes = field(repr=False)
    #: What stands in links and is the only Origin whose cookies count.
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    #: Peers whose X-Forwarded-For is believed.
    trusted_proxies: tuple[Network, ...] = ()
    #: "closed": the first account owns the instance and nobody else may sign up.
    signup: Literal["closed", "open"] = "closed"
    #: host:port pairs that pass the guard on outside calls.
    outbound_allow: frozenset[tuple[str, int]] = frozenset()
    #: Server for e-mail steps that name no connection: smtp://user:password@host:port or smtps://.
    smtp_url: str | None = field(default=None, repr=False)
    #: The exported web application; None serves none.
    web_dir: Path | None = None

    @property
    def cookies_secure(self) -> bool:
        """Whether cookies carry Secure and the `__Host-` prefix: only when the public address is https."""
        return self.public_url.startswith("https://")

    @property
    def fetch_max_wait_ms(self) -> int:
        """How long the broker may hold a fetch, in milliseconds.

        The embedded broker does not wake a waiting fetch when data arrives: at Kafka's default of 500 one hop
        took 272 ms (median).
        """
        return 20 if self.broker_file else 500

    def kafka_address(self) -> str:
        """The broker's address as of now. Raises SettingsError while the embedded broker has not written it."""
        if self.kafka_bootstrap_servers:
            return self.kafka_bootstrap_servers
        if self.broker_file is None:
            raise SettingsError("ZIPPED_KAFKA_BOOTSTRAP_SERVERS is not set and no embedded broker runs.")
        try:
            return self.broker_file.read_text().strip()
        except OSError as error:
            raise SettingsError(f"The embedded broker has not written its address to {self.broker_file}.") from error

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Settings from `ZIPPED_*` variables. Raises SettingsError, one line that names the variable."""
        env = os.environ if environ is None else environ
        host = env.get("ZIPPED_HOST") or "127.0.0.1"
        port = _port(env.get("ZIPPED_PORT") or "8000", "ZIPPED_PORT")
        broker_file = env.get("ZIPPED_BROKER_FILE")
        servers = env.get("ZIPPED_KAFKA_BOOTSTRAP_SERVERS") or None
        if servers:
            if not _pairs(servers, "ZIPPED_KAFKA_BOOTSTRAP_SERVERS"):
                raise SettingsError(f"ZIPPED_KAFKA_BOOTSTRAP_SERVERS is “{servers}”: name at least one host:port.")
        elif not broker_file:
            raise SettingsError(
                "ZIPPED_KAFKA_BOOTSTRAP_SERVERS is missing: name the brokers as host:port, or start with `zipped up`."
            )
        web_dir = env.get("ZIPPED_WEB_DIR")
        signup = env.get("ZIPPED_SIGNUP") or "closed"
        if signup not in ("closed", "open"):
            raise SettingsError(f"ZIPPED_SIGNUP is “{signup}”: it takes closed or open.")
        shown_host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        return cls(
            database_url=_database_url(env.get("ZIPPED_DATABASE_URL")),
            kafka_bootstrap_servers=servers,
            broker_file=None if servers or not broker_file else Path(broker_file),
            database_disk=Path(disk) if (disk := env.get("ZIPPED_DATABASE_DISK")) else None,
            disk_reserve=_size(env.get("ZIPPED_DISK_RESERVE") or "512MiB", "ZIPPED_DISK_RESERVE"),
            secret_key=_secret_key(env.get("ZIPPED_SECRET_KEY")),
            public_url=_public_url(env.get("ZIPPED_PUBLIC_URL") or f"http://{shown_host}:{port}"),
            host=host,
            port=port,
            trusted_proxies=_networks(env.get("ZIPPED_TRUSTED_PROXIES") or ""),
            signup="open" if signup == "open" else "closed",
            outbound_allow=frozenset(_pairs(env.get("ZIPPED_OUTBOUND_ALLOW") or "", "ZIPPED_OUTBOUND_ALLOW")),
            smtp_url=_smtp_url(env.get("ZIPPED_SMTP_URL")),
            web_dir=Path(web_dir) if web_dir else None,
        )


def _database_url(text: str | None) -> str:
    if not text:
        raise SettingsError(
            "ZIPPED_DATABASE_URL is missing: name the database as postgresql://user:password@host/name, "
            "or start with `zipped up`."
        )
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+asyncpg"):
        raise SettingsError("ZIPPED_DATABASE_URL must start with postgresql://: only PostgreSQL will do.")
    # Without user and password, in which any sign may stand; and never repeated, for the same reason.
    if _split(f"{scheme}://{rest.rpartition('@')[2]}") is None:
        raise SettingsError("ZIPPED_DATABASE_URL can't be read: write postgresql://user:password@host:port/name.")
    return f"postgresql+asyncpg://{rest}"


def _secret_key(text: str | None) -> bytes:
    if not text:
        raise SettingsError("ZIPPED_SECRET_KEY is missing: make one with `openssl rand -hex 32` and keep it.")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != SECRET_KEY_BYTES:
        raise SettingsError("ZIPPED_SECRET_KEY must be 64 hexadecimal digits: make one with `openssl rand -hex 32`.")
    return key


def _public_url(text: str) -> str:
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"ZIPPED_PUBLIC_URL is “{text}”: it takes an address like https://zipped.example.com.")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise SettingsError(
            "ZIPPED_PUBLIC_URL takes scheme, host and port only: the application is served at the root."
        )
    return f"{parts.scheme}://{parts.netloc}"


def _smtp_url(text: str | None) -> str | None:
    if not text:
        return None
    parts = _split(text)
    if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingsError("ZIPPED_SMTP_URL takes smtp://user:password@host:port or smtps://…")
    options = parse_qs(parts.query, keep_blank_values=True)
    if unknown := options.keys() - {"security", "from"}:
        raise SettingsError(f"ZIPPED_SMTP_URL has the option “{min(unknown)}”: it takes security and from.")
    if (security := options.get("security", SMTP_SECURITY)[-1]) not in SMTP_SECURITY:
        raise SettingsError(f"ZIPPED_SMTP_URL: security is “{security}”; it takes {', '.join(SMTP_SECURITY)}.")
    if parts.scheme == "smtps" and "security" in options and security != "tls":
        raise SettingsError(
            f"ZIPPED_SMTP_URL: smtps:// is TLS, security is “{security}”: leave it out, or write smtp://."
        )
    return text


def _split(text: str) -> SplitResult | None:
    """The parts of an address; None when it has none, or a port that is none."""
    try:
        parts = urlsplit(text)
        if parts.port == 0:
            return None
    except ValueError:
        return None
    return parts


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(
            f"ZIPPED_TRUSTED_PROXIES takes networks like 10.0.0.0/8, separated by commas: {error}."
        ) from error


def _pairs(text: str, name: str) -> list[tuple[str, int]]:
    pairs = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:/]+):(\d{1,5})", part)
        if not match:
            raise SettingsError(f"{name} holds “{part}”: it takes host:port pairs, separated by commas.")
        pairs.append((match[1].strip("[]").lower(), _port(match[2], name)))
    return pairs


def _size(text: str, name: str) -> int:
    match = re.fullmatch(r"(\d{1,12}) ?([KMGT]iB)?", text, re.ASCII)
    if not match:
        raise SettingsError(f"{name} holds “{text}”: it takes a size like 512MiB or 2GiB, or 0.")
    return int(match[1]) << (10 * UNITS.index(match[2] or ""))


def _port(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"{name} holds “{text}”: a port is a number from 1 to 65535.")
    return int(text)
