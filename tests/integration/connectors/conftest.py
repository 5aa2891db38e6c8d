"""Real receivers on loopback: an HTTP server that remembers, a raw one that misbehaves, a listener that counts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from zipped.http import Client, Guard

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Seen:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """An HTTP server on 127.0.0.1 that answers by its routes and remembers what came."""

    port: int
    routes: dict[str, Handler] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, body: str | bytes = "", *, status: int = 200, **headers: str) -> str:
        """Answer this path so; returns its address. Header names take underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body.encode() if isinstance(body, str) else body

        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(status=status, body=data, headers=named)

        return self.route(path, handler)

    def route(self, path: str, handler: Handler) -> str:
        """Answer this path by the handler; returns its address."""
        self.routes[path] = handler
        return f"{self.url}{path}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Remember, then answer."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.method, request.path_qs, headers, await request.read()))
        handler = self.routes.get(request.path)
        return web.Response(status=404, text="no such path") if handler is None else await handler(request)


@asynccontextmanager
async def serving(host: str = "127.0.0.1", **options: Any) -> AsyncIterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver(port=0)
    app = web.Application(client_max_size=20 * 1_048_576)
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, 0, **options)
    await site.start()
    receiver.port = runner.addresses[0][1]
    try:
        yield receiver
    finally:
        await runner.cleanup()


@asynccontextmanager
async def listening(handler: RawHandler, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """A TCP server that does what the handler says with each connection; gives its port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


OpenClient = Callable[..., Awaitable[Client]]


@pytest.fixture
async def open_client() -> AsyncIterator[OpenClient]:
    """Opens clients that may reach the given ports of 127.0.0.1; they are closed with the test."""
    async with AsyncExitStack() as stack:

        async def opened(*ports: int, guard: Guard | None = None, **options: Any) -> Client:
            allow = frozenset(("127.0.0.1", port) for port in ports)
            return await stack.enter_async_context(Client(guard or Guard(allow=allow), **options))

        yield opened


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """An HTTP server that remembers what came."""
    async with serving() as receiver:
        yield receiver


@pytest.fixture
async def other() -> AsyncIterator[Receiver]:
    """A second one: another origin."""
    async with serving() as receiver:
        yield receiver


@pytest.fixture
async def client(open_client: OpenClient, receiver: Receiver, other: Receiver) -> Client:
    """A client that may reach both receivers."""
    return await open_client(receiver.port, other.port)
