"""Requests sent byte by byte, and what a server says to them."""

import asyncio
from collections.abc import Iterator

from tests.fixtures.hooks import Hook
from tests.fixtures.serving import Serving

DEADLINE = 0.6  # seconds, in place of 10 and 30


def head(hook: Hook, *lines: str) -> bytes:
    return "\r\n".join([f"POST {hook.path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def first_line(said: bytes) -> bytes:
    return said.partition(b"\r\n")[0]


async def drip(server: Serving, pieces: Iterator[bytes], *, every: float = 0.05) -> bytes:
    """Send piece after piece until the server closes, within 10 s: what it said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

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
            return said
    finally:
        sending.cancel()
        writer.close()


def forever(start: bytes, piece: bytes) -> Iterator[bytes]:
    yield start
    while True:
        yield piece
