"""What an action is handed when it runs: everything it may touch, and nothing else."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


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
    #: Seconds from the call to the last byte.
    elapsed: float


class Outside(Protocol):
    """The guarded way out; `zipped.http.Client` is the real one."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
        connection_headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        max_bytes: int = 1_048_576,
        max_redirects: int = 5,
        verify_host: "HostCheck | None" = None,
        depth: int | None = None,
    ) -> Response:
        """Send one request and read the whole answer; raises `zipped.http.OutsideError`.

        `connection_headers` carry a connection's secret: they leave only for hosts that `verify_host` accepts and
        never cross to another origin. `timeout` (seconds) bounds everything, redirects included.
        """
        ...

    async def connect(self, host: str, port: int, *, timeout: float, trusted: bool = False) -> socket.socket:
        """A connected non-blocking TCP socket to a public address; raises `zipped.http.OutsideError`.

        `trusted` is for targets that the operator named in the environment, never for what an author typed.
        """
        ...


class HostCheck(Protocol):
    """Says whether a connection's secret may be sent to `host`."""

    def __call__(self, host: str) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConnection:
    """A connection with its secrets in the clear: made at the last moment, never stored, never shown."""

    id: str
    kind: str
    #: Public and secret fields together, as the kind's schema names them.
    fields: Mapping[str, object] = field(repr=False)
    #: Hosts that may be sent the secret: "api.example.com" or "*.example.com". Empty: none.
    hosts: tuple[str, ...] = ()
    #: From the operator's environment: may reach addresses that authors may not.
    trusted: bool = False

    def text(self, name: str, default: str = "") -> str:
        """The field as text."""
        value = self.fields.get(name)
        return default if value is None else str(value)

    def allows(self, host: str) -> bool:
        """Whether the secret may be sent to this host."""
        host = host.lower().rstrip(".")
        for allowed in self.hosts:
            pattern = allowed.lower().rstrip(".")
            if pattern.startswith("*."):
                if host.endswith(pattern[1:]) and len(host) > len(pattern) - 1:
                    return True
            elif host == pattern:
                return True
        return False


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
