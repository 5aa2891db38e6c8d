"""Whether this process lives, whether it may take traffic, and its figures."""

import asyncio
from typing import Final

import orjson
from starlette.types import Scope, Send

from zipped import metrics
from zipped.clock import Clock
from zipped.db import Database, reason
from zipped.logs import get_logger

KEPT: Final = 1.0  # seconds an answer about the database holds: probes must not become load
PATIENCE: Final = 2.5  # seconds; a database that takes longer takes no traffic either
PATHS: Final = ("/livez", "/readyz", "/metrics")

log = get_logger(__name__)


class Health:
    """An ASGI application for /livez, /readyz and /metrics."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._writable = False
        self._asked: float | None = None
        self._asking: asyncio.Task[bool] | None = None
        #: Set when the process is about to stop: it still answers, but wants no more traffic.
        self.draining = False

    async def __call__(self, scope: Scope, receive: object, send: Send) -> None:
        """Answer one probe."""
        match scope["path"]:
            case "/livez":
                await _send(send, 200, {"status": "alive"})
            case "/readyz":
                status, said = await self._readiness()
                await _send(send, status, said)
            case _:
                await _write(send, 200, metrics.render(), metrics.CONTENT_TYPE)

    async def _readiness(self) -> tuple[int, dict[str, str]]:
        if self.draining:
            return 503, {"status": "draining", "reason": "This process is about to stop."}
        if not await self._is_writable():
            return 503, {"status": "unavailable", "reason": "No primary database takes writes."}
        return 200, {"status": "ready"}

    async def _is_writable(self) -> bool:
        if self._asked is None or self._clock.monotonic() - self._asked > KEPT:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            return await asyncio.shield(self._asking)
        return self._writable

    async def _ask(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                self._writable = await self._database.is_writable()
        except Exception as error:  # whatever keeps us from knowing, it is not ready
            log.warning("readyz.failed", error=reason(error))
            self._writable = False
        self._asked = self._clock.monotonic()
        return self._writable


async def _send(send: Send, status: int, said: dict[str, str]) -> None:
    await _write(send, status, orjson.dumps(said), "application/json")


async def _write(send: Send, status: int, body: bytes, media: str) -> None:
    headers = [
        (b"content-type", media.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
