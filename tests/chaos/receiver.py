"""The outside world: a real HTTP server that counts what reaches it by idempotency key."""

import asyncio
import hashlib
from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web

ANSWER_AFTER = 0.02  # seconds: long enough for a kill to fall into the middle of a call


@dataclass
class Receiver:
    """Requests by key. `/ok` always takes them, `/flaky` refuses the first of each key."""

    requests: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, set[str]] = field(default_factory=dict)
    keyless: int = 0
    port: int = 0
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        app = web.Application()
        app.router.add_post("/{how}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        key = request.headers.get("Idempotency-Key")
        if key is None:
            self.keyless += 1
            return web.json_response({"error": "no key"}, status=400)
        self.requests[key] += 1
        self.bodies.setdefault(key, set()).add(hashlib.sha256(body).hexdigest())
        await asyncio.sleep(ANSWER_AFTER)
        if request.match_info["how"] == "flaky" and self.requests[key] == 1:
            return web.json_response({"error": "not yet"}, status=503)
        return web.json_response({"taken": True})
