"""WebSockets of clients that send what costs much and says nothing, or that don't read."""

import asyncio
import base64
import socket as network
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api import socket_guard, unsent
from api.socket_guard import GuardedSocket
from tests.api.guard.sending import DEADLINE
from tests.fixtures.serving import Serving, served
from tests.fixtures.waiting import until

TEXT, PART, PING = 1, 0, 9
SMALL = 4096  # bytes of a receive buffer

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: " + base64.b64encode(b"0123456789abcdef") + b"\r\n\r\n"
)


def frame(opcode: int, data: bytes = b"", *, last: bool = True) -> bytes:
    return bytes([(0x80 if last else 0) | opcode, 0x80 | len(data)]) + bytes(4) + data


class Listener:
    """An application that keeps what it hears until "end", and says back how many that were."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def __call__(self, _: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            self.heard.append(message["text"])
            if message["text"].endswith("end"):
                await send({"type": "websocket.send", "text": str(len(self.heard))})


async def connected(server: Serving) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket whose client takes little at once."""
    client = network.socket()
    client.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, SMALL)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", server.port))
    reader, writer = await asyncio.open_connection(sock=client, limit=SMALL)
    writer.write(HANDSHAKE)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    return reader, writer


@pytest.fixture
def protocols(monkeypatch: pytest.MonkeyPatch) -> list[GuardedSocket]:
    """The server's side of each socket."""
    made: list[GuardedSocket] = []
    connection_made = GuardedSocket.connection_made

    def noted(self: GuardedSocket, transport: asyncio.BaseTransport) -> None:
        made.append(self)
        connection_made(self, transport)

    monkeypatch.setattr(GuardedSocket, "connection_made", noted)
    return made


async def test_others_have_their_turn_between_the_frames_of_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    # given: a loop whose turns are counted, and a socket that takes one piece a turn
    turns = 0
    looks: list[tuple[int, int]] = []
    monkeypatch.setattr(socket_guard, "TURN", 0.0)
    look: Callable[..., None] = WebSocketsSansIOProtocol.data_received

    def noted(self: WebSocketsSansIOProtocol, data: bytes) -> None:
        looks.append((turns, len(data)))
        look(self, data)

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(WebSocketsSansIOProtocol, "data_received", noted)
    listener: Any = Listener()

    # when: what takes long is followed by what must be heard all the same
    async with served(listener) as running:
        reader, writer = await connected(running)
        counting = asyncio.create_task(count())
        looks.clear()
        writer.write(frame(PING) * 5_000 + frame(TEXT, b"{}") * 1_000 + frame(TEXT, b"end"))
        said = b""
        async with asyncio.timeout(20):
            while not said.endswith(b"\x81\x041001"):
                said += await reader.read(SMALL)
        counting.cancel()
        writer.close()

    # then
    assert listener.heard == ["{}"] * 1_000 + ["end"]
    assert said.count(b"\x8a\x00") == 5_000
    assert sum(size for _, size in looks) == 5_000 * 6 + 1_000 * 8 + 9
    assert max(size for _, size in looks) <= socket_guard.PIECE
    assert len({turn for turn, _ in looks}) == len(looks)


async def test_empty_parts_of_a_message_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    kept: list[int] = []
    put_together = WebSocketsSansIOProtocol.send_receive_event_to_app

    def noted(self: WebSocketsSansIOProtocol) -> None:
        kept.append(len(self.frames))
        put_together(self)

    monkeypatch.setattr(WebSocketsSansIOProtocol, "send_receive_event_to_app", noted)
    listener: Any = Listener()

    # when
    async with served(listener) as running:
        reader, writer = await connected(running)
        empty = frame(PART, last=False) * 2_000
        writer.write(frame(TEXT, b"the ", last=False) + empty + frame(PART, b"en", last=False) + empty)
        writer.write(frame(PART, b"d"))
        async with asyncio.timeout(10):
            assert await reader.readexactly(3) == b"\x81\x011"
        writer.close()

    # then
    assert (listener.heard, kept) == (["the end"], [3])


async def test_pings_of_a_client_that_does_not_read_leave_nothing_behind(protocols: list[GuardedSocket]) -> None:
    listener: Any = Listener()

    # when: three times what systems buffer on the way
    async with served(listener) as running:
        _, writer = await connected(running)
        pings = frame(PING, b"x" * 125) * 1_000
        for _ in range(100):
            writer.write(pings)
            await writer.drain()
        writer.write(frame(TEXT, b"all of it"))
        await until(lambda: bool(listener.heard))
        waiting = protocols[0].transport.get_write_buffer_size()
        writer.transport.abort()

    # then
    assert waiting < 200_000


async def test_a_socket_that_does_not_read_is_cut_off(
    protocols: list[GuardedSocket], monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: an application that says more than systems buffer, and gives up waiting
    monkeypatch.setattr(unsent, "SECONDS", DEADLINE)

    async def talkative(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "bytes": bytes(16 << 20)})

    talkative_api: Any = talkative

    # when
    async with served(talkative_api) as running:
        _, writer = await connected(running)

        # then
        await until(lambda: protocols[0].disconnected)
        writer.transport.abort()
