"""What isn't HTTP, and headers without end: one answer, and nothing is stored."""

import asyncio
import re
from collections.abc import Callable, Iterator

import pytest

from api.guard import MAX_WAITING
from tests.api.guard.sending import drip, first_line, head
from tests.api.hooks.ledger import counts
from tests.fixtures.hooks import Hook, MakeHook
from tests.fixtures.serving import Serving
from zipped.db import Database


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
        pytest.param(lambda hook: iter([head(hook, *["a: b"] * 200)]), id="201 headers"),
    ],
)
async def test_headers_beyond_32_kib(
    server: Serving, make_hook: MakeHook, database: Database, pieces: Callable[[Hook], Iterator[bytes]]
) -> None:
    said = await drip(server, pieces(await make_hook()), every=0)
    assert first_line(said) == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert said.endswith(
        b'{"error":{"code":"headers_too_large",'
        b'"message":"Request line and headers have more than 32768 bytes or 200 lines."}}'
    )
    assert await counts(database) == (0, 0, 0, 0)


async def test_headers_just_below_the_limits_are_fine(server: Serving, make_hook: MakeHook) -> None:
    hook = await make_hook()
    many = head(hook, *["a: b"] * 197, "Content-Length: 2", "Connection: close") + b"{}"
    assert first_line(await server.raw(many)) == b"HTTP/1.1 202 Accepted"
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


async def test_what_is_not_http_gets_one_400(server: Serving, subtests: pytest.Subtests) -> None:
    # At once, for each is heard out for two seconds.
    said = await asyncio.gather(*(server.raw(request, wait=20) for request in NOT_HTTP.values()))

    for shape, answer in zip(NOT_HTTP, said, strict=True):
        with subtests.test(shape):
            assert answer == (
                b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-security-policy: sandbox\r\n"
                b"x-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\n"
                b"content-length: 78\r\n\r\n"
                b'{"error":{"code":"bad_request","message":"This is not a valid HTTP request."}}'
            )


async def test_requests_in_one_go_are_answered_in_order(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    one = head(hook, "Content-Length: 2", "Idempotency-Key: a") + b"{}"
    two = head(hook, "Content-Length: 2", "Idempotency-Key: a", "Connection: close") + b"{}"

    # when
    said = await server.raw(one + two)

    # then
    assert re.findall(rb"HTTP/1.1 \d+", said) == [b"HTTP/1.1 202", b"HTTP/1.1 200"]


async def test_of_requests_in_one_go_only_so_many_are_answered(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    # given
    hook = await make_hook()
    one = head(hook, "Content-Length: 2") + b"{}"

    # when
    said = await server.raw(one * 5_000)

    # then: the first, and those that may wait behind it
    assert re.findall(rb"HTTP/1.1 \d+", said) == [b"HTTP/1.1 202"] * (1 + MAX_WAITING)
    assert await counts(database) == (1 + MAX_WAITING, 1 + MAX_WAITING, 0, 1 + MAX_WAITING)


async def test_curl_that_asks_for_http_2_is_answered(server: Serving, make_hook: MakeHook) -> None:
    hook = await make_hook()
    upgrade = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head(hook, *upgrade, "Content-Length: 2") + b"{}")
    async with asyncio.timeout(8):
        assert await reader.readline() == b"HTTP/1.1 202 Accepted\r\n"
    writer.close()
