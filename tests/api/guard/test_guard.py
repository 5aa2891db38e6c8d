"""Hostile and slow requests on a real socket: bounded in time and size, never a 5xx, and the good one beside them."""

import asyncio
import io
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import orjson
import pytest

from api import guard
from tests.api.hooks.ledger import counts, until
from tests.fixtures.hooks import Hook, MakeHook
from tests.fixtures.serving import Serving, served
from zipped.db import Database

DEADLINE = 0.6  # seconds, in place of 10 and 30


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines that a test can wait for."""
    monkeypatch.setattr(guard, "HEADER_SECONDS", DEADLINE)
    monkeypatch.setattr(guard, "BODY_SECONDS", DEADLINE)
    monkeypatch.setattr(guard, "LINGER_SECONDS", DEADLINE)


def head(hook: Hook, *lines: str) -> bytes:
    return "\r\n".join([f"POST {hook.path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def first_line(said: bytes) -> bytes:
    return said.partition(b"\r\n")[0]


async def drip(server: Serving, pieces: Iterator[bytes], *, every: float = 0.05) -> tuple[bytes, float]:
    """Send piece after piece until the server closes: what it said, and when."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    started = time.monotonic()

    async def send() -> None:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(every)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(10):
            said = b""
            try:
                while chunk := await reader.read(65536):
                    said += chunk
            except ConnectionError:
                pass
            return said, time.monotonic() - started
    finally:
        sending.cancel()
        writer.close()


def forever(start: bytes, piece: bytes) -> Iterator[bytes]:
    yield start
    while True:
        yield piece


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
    said, seconds = await drip(server, pieces)

    # then
    assert DEADLINE * 0.9 < seconds < DEADLINE * 2.5
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
    said, seconds = await drip(server, forever(request, b"\r\n"))

    # then
    assert first_line(said) == b"HTTP/1.1 202 Accepted"
    assert seconds < DEADLINE * 3


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
async def test_good_requests_are_quick_beside_two_hundred_slow_ones(server: Serving, make_hook: MakeHook) -> None:
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
        started = time.monotonic()
        assert (await server.post(hook.path)).status == 202
        assert time.monotonic() - started < 1

    # then
    for _, seconds in await asyncio.gather(*slow):
        assert seconds < DEADLINE * 5


def headers_of(size: int) -> Iterator[bytes]:
    line = b"X-A: " + b"b" * 993 + b"\r\n"
    return (line for _ in range(size // len(line)))


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(lambda hook: iter([head(hook)[:-2], *headers_of(5_000_000)]), id="5 MB in many headers"),
        pytest.param(lambda hook: iter([head(hook)[:-2] + b"X-A: ", *[b"b" * 10_000] * 500]), id="5 MB in one header"),
        pytest.param(lambda hook: iter([b"POST /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n"]), id="a long address"),
        pytest.param(lambda hook: iter([b"POST /", *[b"a" * 10_000] * 500]), id="an endless address"),
        pytest.param(lambda hook: iter([head(hook)[:-2] + b"a: b\r\n" * 6000 + b"\r\n"]), id="6000 small headers"),
    ],
)
async def test_headers_beyond_32_kib(
    server: Serving, make_hook: MakeHook, database: Database, pieces: Callable[[Hook], Iterator[bytes]]
) -> None:
    said, seconds = await drip(server, pieces(await make_hook()), every=0)
    assert first_line(said) == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert said.endswith(
        b'{"error":{"code":"headers_too_large","message":"Request line and headers are larger than 32768 bytes."}}'
    )
    assert seconds < 4
    assert await counts(database) == (0, 0, 0, 0)


async def test_headers_just_below_32_kib_are_fine(server: Serving, make_hook: MakeHook) -> None:
    hook = await make_hook()
    assert (await server.post(hook.path, x_long="b" * 8000, x_other="c" * 8000, x_third="d" * 8000)).status == 202


NOT_HTTP = {
    "rubbish": b"\x00\xff\x16\x03\x01\x02\x00\x01 hello\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 100,
    "http 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a space in the address": b"POST /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "no ascii in the address": b"POST /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header without colon": b"POST / HTTP/1.1\r\nHost\r\n\r\n",
    "a NUL in a header": b"POST / HTTP/1.1\r\nHost: a\x00b\r\n\r\n",
    "a folded header": b"POST / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "a negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a length that is none": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x10\r\n\r\n",
    "a length beyond 64 bits": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "length and chunks": b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a tunnel": b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", NOT_HTTP.values(), ids=NOT_HTTP.keys())
async def test_what_is_not_http_gets_one_400(server: Serving, database: Database, request_bytes: bytes) -> None:
    said = await server.raw(request_bytes)
    assert said == (
        b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-security-policy: sandbox\r\n"
        b"x-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\ncontent-length: 78\r\n\r\n"
        b'{"error":{"code":"bad_request","message":"This is not a valid HTTP request."}}'
    )


async def test_a_bad_chunk_ends_the_request_and_stores_nothing(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    hook = await make_hook()
    said = await server.raw(head(hook, "Transfer-Encoding: chunked") + b"2\r\n{}\r\nzz\r\n")
    assert first_line(said) == b"HTTP/1.1 400 Bad Request"
    assert said.count(b"HTTP/1.1") == 1
    assert await counts(database) == (0, 0, 0, 0)


async def test_a_body_longer_than_its_length_is_answered_once_and_cut(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    hook = await make_hook()
    said = await server.raw(head(hook, "Content-Length: 2") + b'{}"and more"')
    assert first_line(said) == b"HTTP/1.1 202 Accepted"
    assert said.count(b"HTTP/1.1") == 1
    assert await counts(database) == (1, 1, 0, 1)


@pytest.mark.usefixtures("quick")
async def test_a_body_shorter_than_its_length_is_not_stored(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    # given: one that waits, and one that goes away
    hook = await make_hook()
    said, _ = await drip(server, iter([head(hook, "Content-Length: 10") + b"{}"]))
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head(hook, "Content-Length: 10") + b"{}")
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    # then
    assert first_line(said) == b"HTTP/1.1 408 Request Timeout"
    assert (await server.post(hook.path)).status == 202
    assert await counts(database) == (1, 1, 0, 1)


async def test_requests_in_one_go_are_answered_in_order(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    one = head(hook, "Content-Length: 2", "Idempotency-Key: a") + b"{}"
    two = head(hook, "Content-Length: 2", "Idempotency-Key: a", "Connection: close") + b"{}"

    # when
    said = await server.raw(one + two)

    # then
    assert re.findall(rb"HTTP/1.1 \d+", said) == [b"HTTP/1.1 202", b"HTTP/1.1 200"]


async def test_curl_that_asks_for_http_2_is_answered(server: Serving, make_hook: MakeHook) -> None:
    hook = await make_hook()
    upgrade = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
    said = await server.raw(head(hook, *upgrade, "Content-Length: 2") + b"{}" + b"", wait=8)
    assert first_line(said) == b"HTTP/1.1 202 Accepted"


@pytest.mark.usefixtures("quick")
async def test_who_sends_ten_megabytes_still_reads_the_413(server: Serving, make_hook: MakeHook) -> None:
    # given: a client that sends first and reads afterwards
    hook = await make_hook()
    body = b"x" * 3_000_000

    # when
    said = [await server.raw(head(hook, f"Content-Length: {len(body)}"), body) for _ in range(5)]

    # then
    assert [first_line(one) for one in said] == [b"HTTP/1.1 413 Request Entity Too Large"] * 5


async def test_a_gigabyte_in_chunks_is_cut_off(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    # when
    said, seconds = await drip(server, forever(head(hook, "Transfer-Encoding: chunked"), chunk), every=0)

    # then
    assert said == b"" or first_line(said) == b"HTTP/1.1 413 Request Entity Too Large"
    assert seconds < 5


async def test_bodies_no_parser_should_see_on_the_loop(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    # given: a webhook that takes 10 MiB
    hook = await make_hook(settings={"maxBodyBytes": 10 << 20})
    keys = b"{" + b",".join(b'"%x":1' % number for number in range(1_000_000)) + b"}"
    lists = b"[" + b",".join([b"[]"] * 3_000_000) + b"]"
    broken = keys[:-1] + b",}"
    started = time.monotonic()
    orjson.loads(lists)
    parsing = time.monotonic() - started
    assert (await server.post(hook.path)).status == 202

    # when: the loop is watched meanwhile
    longest = 0.0
    done = asyncio.Event()

    async def watch() -> None:
        nonlocal longest
        while not done.is_set():
            started = time.monotonic()
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - started)

    watching = asyncio.create_task(watch())
    said = [await server.post(hook.path, io.BytesIO(body)) for body in (keys, lists, broken)]
    done.set()
    await watching

    # then
    assert [one.status for one in said] == [202, 202, 400]
    error = said[2].json()["error"]
    assert (error["code"], error["line"], error["offset"]) == ("malformed_json", 1, len(broken) - 2)
    assert longest < parsing


async def test_draining_tells_clients_to_go_elsewhere(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    assert "connection" not in (await server.post(hook.path)).headers

    # when
    server.api.drain()

    # then: it still accepts, but is no longer ready
    said = await server.post(hook.path)
    assert (said.status, said.headers["connection"]) == (202, "close")
    ready = await server.send("GET", "/readyz")
    assert (ready.status, ready.json()["status"]) == (503, "draining")
    assert (await server.send("GET", "/livez")).status == 200


async def test_health_and_figures(server: Serving, make_hook: MakeHook) -> None:
    hook = await make_hook()
    await server.post(hook.path)

    async def ready() -> bool:
        return (await server.send("GET", "/readyz")).body == b'{"status":"ready"}'

    await until(ready)
    figures = await server.send("GET", "/metrics")
    assert figures.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b'zipped_events_total{outcome="accepted"}' in figures.body
    assert orjson.loads((await server.send("GET", "/livez")).body) == {"status": "alive"}
