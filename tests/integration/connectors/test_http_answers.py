"""What other servers answer: read to its end and no further, whatever they do."""

import asyncio
import gzip
import resource
import time
import zlib

import pytest
from aiohttp import web

from tests.integration.connectors.conftest import OpenClient, Receiver, listening
from zipped.http import (
    BadAnswer,
    Broken,
    Client,
    OutsideError,
    TimedOut,
    TooLarge,
)


@pytest.mark.parametrize("size", [1000, 1001])
async def test_an_answer_is_read_up_to_its_limit(size: int, client: Client, receiver: Receiver) -> None:
    async def chunked(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(size):
            await response.write(b"x")
        return response

    for url in (receiver.answer("/announced", b"x" * size), receiver.route("/chunked", chunked)):
        if size <= 1000:
            assert len((await client.request("GET", url, timeout=5, max_bytes=1000)).body) == size
        else:
            with pytest.raises(TooLarge) as error:
                await client.request("GET", url, timeout=5, max_bytes=1000)
            assert error.value.sent
            assert not error.value.retryable


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_is_stopped_at_the_limit(encoding: str, client: Client, receiver: Receiver) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    block = packer.compress(bytes(1 << 20))
    bomb = b"".join([block, *(packer.compress(bytes(1 << 20)) for _ in range(255)), packer.flush()])
    assert len(bomb) < 400_000  # 256 MiB when unpacked
    url = receiver.answer("/bomb", bomb, Content_Encoding=encoding)
    begin = time.process_time()
    with pytest.raises(TooLarge):
        await client.request("GET", url, timeout=10)
    assert time.process_time() - begin < 1


async def test_a_compressed_answer_is_unpacked(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", gzip.compress(b"hello" * 100), Content_Encoding="gzip")
    answer = await client.request("GET", url, timeout=5)
    assert answer.body == b"hello" * 100


async def test_a_wrongly_compressed_answer_is_said_so(client: Client, receiver: Receiver) -> None:
    url = receiver.answer("/", b"not gzip at all", Content_Encoding="gzip")
    with pytest.raises(BadAnswer, match="compressed in a way that can't be read"):
        await client.request("GET", url, timeout=5)


async def test_a_dripping_answer_ends_with_the_time(open_client: OpenClient) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with listening(drip) as port:
        client = await open_client(port)
        begin = time.monotonic()
        with pytest.raises(TimedOut) as error:
            await client.request("GET", f"http://127.0.0.1:{port}/", timeout=0.3)
    assert 0.25 < time.monotonic() - begin < 3
    assert (error.value.sent, error.value.retryable) == (True, True)


async def test_headers_that_drip_end_with_the_time(open_client: OpenClient) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with listening(drip) as port:
        client = await open_client(port)
        with pytest.raises((TimedOut, BadAnswer)):
            await client.request("GET", f"http://127.0.0.1:{port}/", timeout=0.3)


async def test_a_million_trailers_are_not_collected(open_client: OpenClient) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
        for _ in range(1000):
            writer.write(b"X-Trailer: yyyyyyyy\r\n" * 1000)
            await writer.drain()

    async with listening(flood) as port:
        client = await open_client(port)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises((Broken, BadAnswer, TimedOut)):
            await client.request("GET", f"http://127.0.0.1:{port}/", timeout=5)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KiB


WAIT = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("times", [0, 1, 20])
async def test_an_answer_that_is_announced_is_waited_for(times: int, open_client: OpenClient) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(WAIT * times + b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
        await writer.drain()

    async with listening(serve) as port:
        client = await open_client(port)
        answer = await client.request("GET", f"http://127.0.0.1:{port}/", timeout=5)
    assert (answer.status, answer.body) == (200, b"x" * 100_000)


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n"])
async def test_an_answer_that_is_announced_without_end_is_none(end: bytes, open_client: OpenClient) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        while True:
            writer.write((b"HTTP/1.1 103 Early Hints" + end) * 1000)
            await writer.drain()

    async with listening(serve) as port:
        client = await open_client(port)
        with pytest.raises(BadAnswer, match="says more than 20 times") as error:
            await client.request("POST", f"http://127.0.0.1:{port}/", timeout=30, body=b"x")
    assert (error.value.sent, error.value.retryable) == (True, False)


async def test_what_frames_an_answer_has_an_end(open_client: OpenClient) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
        while True:
            writer.write(b"y" * (1 << 20))
            await writer.drain()

    async with listening(serve) as port:
        client = await open_client(port)
        with pytest.raises(TooLarge, match="24 MiB") as error:
            await client.request("GET", f"http://127.0.0.1:{port}/", timeout=30)
    assert error.value.sent


@pytest.mark.parametrize(
    ("answer", "error", "sent", "retryable"),
    [
        (b"", Broken, True, True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Broken, True, True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", Broken, True, True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\nhello", OutsideError, True, None),
        (b"SSH-2.0-OpenSSH_9.2\r\n", BadAnswer, True, False),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", BadAnswer, True, False),
        (b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: x\r\n" % n for n in range(5000)) + b"\r\n", BadAnswer, True, False),
        (b"HTTP/1.1 2000 OK\r\n\r\n", BadAnswer, True, False),
    ],
)
async def test_a_server_that_talks_nonsense(
    answer: bytes, error: type[OutsideError], sent: bool, retryable: bool | None, open_client: OpenClient
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    async with listening(serve) as port:
        client = await open_client(port)
        with pytest.raises(error) as raised:
            await client.request("POST", f"http://127.0.0.1:{port}/", timeout=5, body=b"x")
    assert raised.value.sent is sent
    assert retryable is None or raised.value.retryable is retryable
