"""Slow requests and slow readers on a real socket: each has its time, and good ones beside them notice nothing."""

import asyncio
from typing import Any

import aiohttp
import pytest

from api import unsent
from api.guard import GuardedProtocol
from tests.api.guard.sending import DEADLINE, drip, first_line, forever, head
from tests.api.hooks.ledger import counts
from tests.fixtures.hooks import MakeHook
from tests.fixtures.serving import Serving, served
from tests.fixtures.waiting import until
from zipped.db import Database

LONG = 16 << 20  # bytes of an answer, more than systems buffer on the way
SMALL = 4096  # bytes that a client takes in ahead of its reading


@pytest.mark.parametrize("shape", ["nothing", "headers", "one header", "line breaks", "body", "chunks", "half a chunk"])
@pytest.mark.usefixtures("quick")
async def test_slow_requests_are_closed_at_their_deadline(
    server: Serving, make_hook: MakeHook, database: Database, shape: str
) -> None:
    # given
    hook = await make_hook()
    request_line = f"POST {hook.path} HTTP/1.1\r\n".encode()
    pieces = {
        "nothing": iter([b""]),
        "headers": forever(request_line, b"X-A: b\r\n"),
        "one header": forever(request_line + b"X-A: ", b"b"),
        "line breaks": forever(b"\r\n", b"\r\n"),
        "body": forever(head(hook, "Content-Length: 1000"), b"x"),
        "chunks": forever(head(hook, "Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
        "half a chunk": forever(head(hook, "Transfer-Encoding: chunked"), b"5"),
    }[shape]

    # when
    said = await drip(server, pieces)

    # then
    assert said == b"" or first_line(said) in (b"HTTP/1.1 408 Request Timeout", b"HTTP/1.1 400 Bad Request")
    assert await counts(database) == (0, 0, 0, 0)


@pytest.mark.usefixtures("quick")
async def test_a_connection_may_idle_only_so_long(
    server: Serving, make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: uvicorn's own timer closes an idle connection; line breaks stop it, and ours takes over
    hook = await make_hook()
    request = head(hook, "Content-Length: 2") + b"{}"

    # when
    said = await drip(server, forever(request, b"\r\n"))

    # then
    assert first_line(said) == b"HTTP/1.1 202 Accepted"


@pytest.mark.usefixtures("quick")
async def test_a_socket_outlives_the_deadlines_of_requests() -> None:
    # given: an application that accepts a socket and then says nothing for a while
    async def silent(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await asyncio.sleep(3 * DEADLINE)
        await send({"type": "websocket.send", "text": "still here"})
        await receive()

    silent_api: Any = silent

    # when
    async with served(silent_api) as running, running.client.ws_connect(running.url) as socket:
        said = await socket.receive(timeout=10)

    # then: nothing came before, an answer to a slow request least of all
    assert (said.type, said.data) == (aiohttp.WSMsgType.TEXT, "still here")


@pytest.mark.usefixtures("quick")
async def test_good_requests_are_answered_beside_two_hundred_slow_ones(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    await server.post(hook.path)
    slow = [
        asyncio.create_task(drip(server, forever(head(hook, "Content-Length: 1000"), b"x"), every=0.1))
        for _ in range(200)
    ]
    await asyncio.sleep(0)

    # when
    for _ in range(20):
        assert (await server.post(hook.path)).status == 202

    # then
    for said in await asyncio.gather(*slow):
        assert said == b"" or first_line(said) == b"HTTP/1.1 408 Request Timeout"


@pytest.mark.usefixtures("quick")
async def test_a_body_shorter_than_its_length_is_not_stored(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    # given: one that waits, and one that goes away
    hook = await make_hook()
    said = await drip(server, iter([head(hook, "Content-Length: 10") + b"{}"]))
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head(hook, "Content-Length: 10") + b"{}")
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    # then
    assert first_line(said) == b"HTTP/1.1 408 Request Timeout"
    assert (await server.post(hook.path)).status == 202
    assert await counts(database) == (1, 1, 0, 1)


async def answer_at_length(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LONG)]})
    await send({"type": "http.response.body", "body": bytes(LONG)})


async def test_who_does_not_take_an_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(unsent, "SECONDS", DEADLINE)
    lost: list[GuardedProtocol] = []
    connection_lost = GuardedProtocol.connection_lost

    def noted(self: GuardedProtocol, exc: Exception | None) -> None:
        lost.append(self)
        connection_lost(self, exc)

    monkeypatch.setattr(GuardedProtocol, "connection_lost", noted)
    long_api: Any = answer_at_length

    # when
    async with served(long_api) as running:
        _, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=SMALL)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

        # then
        await until(lambda: bool(lost))
        writer.transport.abort()


async def test_who_takes_it_slowly_gets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(unsent, "SECONDS", DEADLINE)
    long_api: Any = answer_at_length

    # when: it takes several times as long as somebody who takes nothing would be given
    async with served(long_api) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=SMALL)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        taken = 0
        while chunk := await reader.read(LONG // 20):
            if taken // (LONG // 20) != (taken + len(chunk)) // (LONG // 20):
                await asyncio.sleep(DEADLINE / 4)
            taken += len(chunk)
        writer.close()

    # then
    assert LONG < taken < LONG + 200
