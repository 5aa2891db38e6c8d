"""uvicorn's protocol of WebSockets, bounded in what a client can make it do and keep without a message of ours.

A frame takes six bytes, and 256 KB of them, which is one read, held the loop for 600 ms, before anybody had signed in.
Here a read is worked off a few milliseconds at a time, and no faster than its messages are taken. Besides, two kinds
of frames are for nothing: parts of a message that are empty, which were kept, and pings of a client that doesn't read,
whose answers were.
"""

import asyncio
from time import monotonic
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from api.unsent import Unsent

PIECE: Final = 1 << 10  # bytes that are looked at before the clock is: up to 170 frames, 2 ms
TURN: Final = 0.005  # seconds until everybody else has their turn


class GuardedSocket(WebSocketsSansIOProtocol):
    """One WebSocket."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: What was read and not looked at; while there is some, nothing more is read.
        self._unread = bytearray()
        self._next: asyncio.Handle | None = None
        self._unsent: Unsent | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over."""
        super().connection_made(transport)
        self._unsent = Unsent(self.transport, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left."""
        self._unread.clear()
        if self._next is not None:
            self._next.cancel()
        if self._unsent is not None:
            self._unsent.end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Look at what came, or put it behind what came before."""
        self._unread += data
        if self._next is None:
            self._go_on()

    async def receive(self) -> Any:
        """The next message; when it was the last one that was seen, go on looking."""
        message = await super().receive()
        if self._unread and self._next is None and self.queue.empty():
            self._next = self.loop.call_soon(self._go_on)
        return message

    def pause_writing(self) -> None:
        """More waits to be sent than should."""
        super().pause_writing()
        if self._unsent is not None:
            self._unsent.begin()

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        if self._unsent is not None:
            self._unsent.end()

    def handle_cont(self, event: Frame) -> None:
        """A further part of a message."""
        if event.data or event.fin:
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answer it, unless what was said before isn't read."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def _go_on(self) -> None:
        self._next = None
        until = monotonic() + TURN
        while self._unread and not self.transport.is_closing():
            piece = bytes(self._unread[:PIECE])
            del self._unread[:PIECE]
            super().data_received(piece)
            if monotonic() >= until:
                break
        if self.transport.is_closing():
            self._unread.clear()
        elif self._unread:
            self.transport.pause_reading()
            self.read_paused = False  # or `receive` would begin to read again, faster than this is worked off
            if self.queue.empty():
                self._next = self.loop.call_soon(self._go_on)
        elif not self.read_paused:
            self.transport.resume_reading()
