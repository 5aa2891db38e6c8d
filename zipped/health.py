"""The small HTTP server with which relay and worker answer an operator: /livez, /readyz and /metrics, nothing else.

It stands on asyncio's own streams: these processes serve nobody else, and the relay is to know no HTTP library.
"""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from zipped import metrics
from zipped.errors import SettingsError, Unavailable

REQUEST_TIMEOUT = 5.0  # seconds for a whole request, its answer included
MAX_HEADER = 8192  # bytes
PORTS_TRIED = 20  # from the first one upward
REASONS: Final = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


def add_port_option(parser: argparse.ArgumentParser, *, default: int) -> None:
    """Let the command line name the port: `--health-port`."""
    parser.add_argument(
        "--health-port", type=_port, default=default, help=f"the first to try, upward; 0 for none ({default})"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a process is: ready to work or not, and what of it is missing though it works."""

    ready: bool
    #: What is away while the process works on without it, for example "broker".
    degraded: tuple[str, ...] = ()
    #: What else an operator wants to see at a glance.
    facts: Mapping[str, object] = field(default_factory=dict)

    def to_document(self) -> dict[str, object]:
        """Its JSON form."""
        status = "unready" if not self.ready else "degraded" if self.degraded else "ready"
        return {"status": status, "degraded": list(self.degraded), **self.facts}


class HealthServer:
    """Answers on 127.0.0.1 or wherever it is told to.

    `check` is asked at each /readyz; what it raises counts as not ready. /livez says only that the event loop turns.
    """

    def __init__(self, check: Callable[[], Awaitable[Health]]) -> None:
        self._check = check
        self._server: asyncio.Server | None = None

    async def start(self, *, host: str, port: int) -> int:
        """Listen on `port` or the next free one above it, and return which. Raises SettingsError when none is free."""
        for candidate in range(port, min(port + PORTS_TRIED, 65536)):
            with suppress(OSError):
                self._server = await asyncio.start_server(self._serve, host, candidate, limit=MAX_HEADER)
                return candidate
        last = port + PORTS_TRIED - 1
        raise SettingsError(f"--health-port: none of {port} to {last} on {host} is free; name another, or 0 for none.")

    async def stop(self) -> None:
        """Stop listening; requests under way are cut off."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Whatever a stranger sends must not end in a traceback: the connection is closed, that is all.
        with suppress(OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            async with asyncio.timeout(REQUEST_TIMEOUT):
                head = await reader.readuntil(b"\r\n\r\n")
                method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
                status, kind, body = await self._answer(method, target.partition("?")[0])
                writer.write(
                    f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
                    "cache-control: no-store\r\nconnection: close\r\n\r\n".encode()
                )
                if method != "HEAD":
                    writer.write(body)
                await writer.drain()
        writer.close()

    async def _answer(self, method: str, path: str) -> tuple[int, str, bytes]:
        if path not in ("/livez", "/readyz", "/metrics"):
            return 404, "text/plain", b"Not found\n"
        if method not in ("GET", "HEAD"):
            return 405, "text/plain", b"Only GET\n"
        if path == "/metrics":
            return 200, metrics.CONTENT_TYPE, metrics.render()
        if path == "/livez":
            return 200, "application/json", b'{"status":"alive"}\n'
        try:
            health = await self._check()
        except (Unavailable, OSError, TimeoutError) as error:
            health = Health(ready=False, facts={"reason": str(error) or type(error).__name__})
        body = json.dumps(health.to_document(), default=str).encode() + b"\n"
        return 200 if health.ready else 503, "application/json", body


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port from 1 to 65535, or 0, not “{text}”")
    return int(text)
