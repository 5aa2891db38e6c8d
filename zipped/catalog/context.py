"""What an action is handed when it runs: everything it may touch, and nothing else."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypedDict, Unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What another server answered, read to its end."""

    status: int
    reason: str
    #: Names in lower case; repeated headers joined by ", " (Set-Cookie by a line break: its dates hold commas).
    headers: Mapping[str, str]
    #: After decompression.
    body: bytes
    #: The address that answered, after redirects.
    url: str
    redirects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConnection:
    """A connection with its secrets in the clear: made by `ConnectionKind.open` at the last moment, never stored."""

    id: str
    kind: str
    #: Public and secret fields together, as the kind's schema names them.
    fields: Mapping[str, Any] = field(repr=False)
    #: What its kind adds to an HTTP request.
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Every text that must never be stored or shown.
    secrets: tuple[str, ...] = field(default=(), repr=False)
    #: Where the secret may be sent: "api.example.com", "*.example.com", each with or without ":port". Empty: nowhere.
    hosts: tuple[str, ...] = ()
    #: From the operator's environment: may reach addresses that authors may not.
    trusted: bool = False

    def text(self, name: str, default: str = "") -> str:
        """The field as text."""
        value = self.fields.get(name)
        return default if value is None else str(value)

    def allows(self, host: str, port: int) -> bool:
        """Whether the secret may be sent there."""
        host = host.lower().rstrip(".")
        return any(_covers(entry.lower(), host, port) for entry in self.hosts)


def _covers(entry: str, host: str, port: int) -> bool:
    name, colon, digits = entry.rpartition(":")
    if not colon or (":" in name and not name.endswith("]")):  # no port: a name, or a bare IPv6 address
        name, digits = entry, ""
    if digits and digits != str(port):
        return False
    name = name.strip("[]").rstrip(".")
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name) - 1
    return host == name


class CallOptions(TypedDict, total=False):
    """What a request may have besides method, address and time."""

    headers: Mapping[str, str]
    #: Its headers leave only for hosts that it is bound to, and never cross to another origin.
    connection: OpenConnection | None
    body: bytes | None
    #: Of the answer, after decompression; 1 MiB where nothing is said, 10 MiB at most.
    max_bytes: int
    #: How many are followed; 5 where nothing is said, and at most.
    max_redirects: int
    #: That of the calling run; None, as where nothing is said, for calls that no run makes.
    depth: int | None


class Outside(Protocol):
    """The guarded way out; `zipped.http.Client` is the real one. Both methods raise `zipped.http.OutsideError`."""

    async def request(self, method: str, url: str, *, timeout: float, **options: Unpack[CallOptions]) -> Response:
        """Send one request and read the whole answer. `timeout` (seconds) bounds everything, redirects included."""
        ...

    async def connect(self, host: str, port: int, *, timeout: float, trusted: bool = False) -> socket.socket:
        """A connected non-blocking TCP socket to a public address.

        `trusted` is for targets that the operator named in the environment, never for what an author typed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionContext:
    """The surroundings of one attempt of one step."""

    http: Outside
    connection: OpenConnection | None
    #: The same over all attempts and recoveries of this generation; sent along with every write.
    idempotency_key: str
    #: In their outside form: "run_0199…".
    run_id: str
    zip_id: str
    workspace_id: str
    step_id: str
    #: How many zips called each other to get here; 0 when an outsider started the run.
    depth: int
    #: From 1.
    attempt: int
    #: Wall clock, UTC.
    now: datetime
    #: Seconds this attempt may take in all.
    timeout: float
    #: Bytes of JSON an output may have; an action may stop reading when it is sure to exceed them.
    output_limit: int
