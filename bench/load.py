"""The load: a process of its own on bare sockets, so that sending costs little and what it measures is the answer.

    python -m bench.load < order.json

It reads its order (see `Order`) in one line, says "ready", waits for a line, and prints what it measured in one line
of JSON. A watched load subscribes first, and hears itself which runs are over. Times are of the system's monotonic
clock, from the moment a request is written: whatever happens later delays no other request of an open loop.
"""

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import orjson
import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

LAST_NEWS = 10.0  # seconds after the last request within which every run must have been heard of
SUBSCRIPTION = """
subscription ($zipId: ID!) { runUpdates(zipId: $zipId) { __typename ... on RunUpdate { cursor run { id status } } } }
"""
OVER = ("SUCCEEDED", "FAILED", "CANCELLED", "DEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to send. With a `rate` an open loop of so many a second, else a closed one over `connections`."""

    host: str
    port: int
    path: str
    seconds: float
    connections: int
    rate: float | None = None
    #: Goes into each request's Idempotency-Key.
    name: str = "load"
    #: The zip whose runs are to be heard, and the token to do so.
    zip_id: str | None = None
    token: str | None = None


@dataclass(slots=True)
class Measured:
    """What was seen; milliseconds."""

    began: float = 0.0
    ended: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    accept_ms: list[float] = field(default_factory=list)
    done_ms: list[float] = field(default_factory=list)
    #: Accepted, and not heard of in time.
    unheard: int = 0
    #: How much later than planned requests of an open loop were written.
    late_ms: list[float] = field(default_factory=list)


class Wire(asyncio.Protocol):
    """One kept connection, one request at a time."""

    def __init__(self, lost: Callable[["Wire"], None]) -> None:
        self._lost = lost
        self._transport: Any = None  # uvloop's are no subclass of asyncio's
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        """It is closed."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())
        self._lost(self)

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        if end and self._answer is not None:
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            if len(body) >= length:
                self._answer.set_result((int(head[9:12]), body))
                self._answer, self._read = None, b""

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        """Send; the status and body of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def close(self) -> None:
        """Close."""
        if self._transport is not None:
            self._transport.close()


class Load:
    """One order carried out."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.measured = Measured()
        self._free: list[Wire] = []
        self._number = 0
        self._sent: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._news = asyncio.Event()

    async def run(self) -> Measured:
        """Say that it is ready, wait for the word, and do it."""
        order, measured = self.order, self.measured
        wires = [await self._open() for _ in range(order.connections)]
        socket, watching = await self._watch()
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        gc.disable()
        measured.began = monotonic()
        if order.rate is None:
            await asyncio.gather(*(self._closed(wire) for wire in wires))
        else:
            self._free = wires
            await self._open_loop(order.rate)
        measured.ended = monotonic()
        if socket is not None and watching is not None:
            await self._hear_all(measured.ended + LAST_NEWS)
            watching.cancel()
            await socket.close()
        both = self._sent.keys() & self._heard.keys()
        measured.done_ms = [round((self._heard[run_id] - self._sent[run_id]) * 1000, 3) for run_id in both]
        measured.unheard = len(self._sent) - len(measured.done_ms) if order.zip_id else 0
        return measured

    async def _open(self) -> Wire:
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(lambda: Wire(self._lost), self.order.host, self.order.port)
        return wire

    def _lost(self, wire: Wire) -> None:
        if wire in self._free:
            self._free.remove(wire)

    async def _closed(self, wire: Wire) -> None:
        end = self.measured.began + self.order.seconds
        while monotonic() < end:
            await self._one(wire)

    async def _open_loop(self, rate: float) -> None:
        began = self.measured.began
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * self.order.seconds)):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - monotonic()))
                self.measured.late_ms.append(round((monotonic() - due) * 1000, 3))
                group.create_task(self._send())

    async def _send(self) -> None:
        wire = self._free.pop() if self._free else await self._open()
        await self._one(wire)
        self._free.append(wire)

    async def _one(self, wire: Wire) -> None:
        request = self._request()
        sent = monotonic()
        try:
            status, body = await wire.ask(request)
        except OSError as error:
            self.measured.statuses[type(error).__name__] += 1
            return
        self.measured.accept_ms.append(round((monotonic() - sent) * 1000, 3))
        self.measured.statuses[str(status)] += 1
        if status == 202 and self.order.zip_id:
            self._sent[orjson.loads(body)["runId"]] = sent

    def _request(self) -> bytes:
        self._number += 1
        body = b'{"n":%d,"name":"Ada Lovelace","total":42.5,"items":["one","two","three"]}' % self._number
        return (
            b"POST %b HTTP/1.1\r\nHost: %b:%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"User-Agent: bench\r\nIdempotency-Key: %b-%d\r\n\r\n%b"
        ) % (
            self.order.path.encode(),
            self.order.host.encode(),
            self.order.port,
            len(body),
            self.order.name.encode(),
            self._number,
            body,
        )

    async def _watch(self) -> tuple[ClientConnection | None, "asyncio.Task[None] | None"]:
        order = self.order
        if order.zip_id is None:
            return None, None
        socket = await connect(
            f"ws://{order.host}:{order.port}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers={"Authorization": f"Bearer {order.token}"},
            compression=None,
        )
        await socket.send('{"type":"connection_init"}')
        acknowledged = orjson.loads(await socket.recv())
        assert acknowledged["type"] == "connection_ack", acknowledged
        payload = {"query": SUBSCRIPTION, "variables": {"zipId": order.zip_id}}
        await socket.send(orjson.dumps({"id": "1", "type": "subscribe", "payload": payload}).decode())
        # The first event says that the subscription has begun: nothing from here on is missed.
        first = orjson.loads(await socket.recv())
        assert first["type"] == "next", first
        return socket, asyncio.create_task(self._listen(socket))

    async def _listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            message: dict[str, Any] = orjson.loads(text)
            if message["type"] != "next":
                raise RuntimeError(f"The subscription said {text!r}")
            run = message["payload"]["data"]["runUpdates"].get("run")
            if run and run["status"] in OVER:
                self._heard.setdefault(run["id"], monotonic())
                self._news.set()

    async def _hear_all(self, until: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(until - monotonic()):
                while self._sent.keys() - self._heard.keys():
                    self._news.clear()
                    await self._news.wait()


def main() -> None:
    """Do what standard input orders."""
    order = Order(**orjson.loads(sys.stdin.readline()))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        measured = runner.run(Load(order).run())
    print(orjson.dumps(measured).decode(), flush=True)


if __name__ == "__main__":
    main()
