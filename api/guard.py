"""An HTTP protocol with deadlines for *receiving*, which uvicorn has not.

Without it four shapes of slow requests stayed open for ever, and 5 MB of headers were answered with 200. Here the
headers have 10 s and 32 KiB, the body 30 s; between requests a connection may idle for 5 s. What isn't HTTP gets one
400 and is closed. Of requests that don't wait for answers a few may wait here: eleven thousand fit into one read, and
eight such reads held the loop for 1.8 s.

Whoever is answered before their body was read (413) goes on sending for a moment. Closing at once would reset the
connection and take the answer with it, so a closed connection reads on for a little and throws away what comes.
"""

import asyncio
from enum import Enum, auto
from typing import Any, Final

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.unsent import Unsent

HEADER_SECONDS: Final = 10.0
BODY_SECONDS: Final = 30.0
IDLE_SECONDS: Final = 5  # uvicorn's timeout_keep_alive
LINGER_SECONDS: Final = 2.0
LINGER_BYTES: Final = 4 << 20  # thrown away after an early answer; whoever sends more is cut off
MAX_HEADERS: Final = 32 << 10  # bytes of request line and headers
MAX_HEADER_LINES: Final = 200  # each is kept with an event and shown as an object of its own
MAX_WAITING: Final = 16  # requests behind the one that is being answered; further ones are not answered

MESSAGES: Final = {
    400: ("bad_request", "This is not a valid HTTP request."),
    408: ("too_slow", "The request took too long to arrive."),
    431: (
        "headers_too_large",
        f"Request line and headers have more than {MAX_HEADERS} bytes or {MAX_HEADER_LINES} lines.",
    ),
}


class _Phase(Enum):
    IDLE = auto()
    HEADERS = auto()
    BODY = auto()


class _Enough(Exception):
    """Stops the parser."""


class LingeringTransport(asyncio.Transport):
    """A transport that sends an answer in one piece, and whose `close` first lets its protocol read on."""

    def __init__(self, raw: asyncio.Transport, protocol: "GuardedProtocol") -> None:
        super().__init__()
        self.raw = raw
        self.lingering = False
        self._protocol = protocol
        self._held: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, together with what else is written before the loop goes round: one system call for an answer."""
        if not self._held:
            self._protocol.loop.call_soon(self._flush)
        self._held.append(bytes(data))

    def _flush(self) -> None:
        if self._held and not self.raw.is_closing():
            self.raw.write(b"".join(self._held))
        self._held.clear()

    def close(self) -> None:
        """Close now, or soon when a request is still coming in."""
        self._flush()
        if self.lingering or self.raw.is_closing() or not self._protocol.linger():
            self._protocol.leave()
            self.raw.close()
        else:
            self.lingering = True

    def is_closing(self) -> bool:
        """Whether nothing more is to be written."""
        return self.lingering or self.raw.is_closing()

    def abort(self) -> None:
        """Close without sending what waits."""
        self.raw.abort()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the transport knows of its socket."""
        return self.raw.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection over."""
        self.raw.set_protocol(protocol)


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol on httptools, bounded in time and size while a request comes in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._phase = _Phase.IDLE
        self._stage = 0  # rises with each message begun and each end of headers
        self._timer: asyncio.TimerHandle | None = None
        self._timed_stage = -1
        self._header_bytes = 0
        self._header_lines = 0
        self._surplus = 0
        self._refusal = 400
        self._upgraded = False
        self._unsent: Unsent | None = None

    # Every callback of the parser is on the hot path: a request that comes in one piece sets no timer at all.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time for the first request."""
        super().connection_made(transport)
        self.transport = LingeringTransport(transport, self)
        self._unsent = Unsent(transport, self.loop)
        self._arm(HEADER_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Feed the parser and see where that leaves us."""
        if self.transport.is_closing():
            self._throw_away(len(data))
            return
        if self._phase is _Phase.HEADERS:
            # All of it belongs to headers that have not ended; one endless value calls no callback.
            self._header_bytes += len(data)
            if self._header_bytes > MAX_HEADERS:
                self._refuse(431)
                return
        super().data_received(data)
        if self._upgraded:
            return  # no request of ours comes here any more: its end, and its time, are the other protocol's
        if self._phase is _Phase.IDLE:
            if not self._is_waiting():
                self._disarm()
            elif self._timer is None and self.timeout_keep_alive_task is None and not self.transport.is_closing():
                self._arm(HEADER_SECONDS)  # a line break is no request, but has stopped uvicorn's own timer
        elif self._stage != self._timed_stage:
            self._arm(HEADER_SECONDS if self._phase is _Phase.HEADERS else BODY_SECONDS)
        if self._phase is _Phase.BODY and self.cycle is not None and self.cycle.response_complete:
            self._throw_away(len(data))

    def on_message_begin(self) -> None:
        """A request begins."""
        if len(self.pipeline) >= MAX_WAITING:
            raise _Enough
        super().on_message_begin()
        self._phase = _Phase.HEADERS
        self._stage += 1
        self._header_bytes = self._header_lines = self._surplus = 0

    def on_url(self, url: bytes) -> None:
        """A part of the request target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One whole header."""
        self._header_lines += 1
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The application starts."""
        self._phase = _Phase.BODY
        self._stage += 1
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is here."""
        self._phase = _Phase.IDLE
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """From here on another protocol has the connection."""
        self._upgraded = True
        self._disarm()
        self._taken()
        if isinstance(self.transport, LingeringTransport):
            self.transport = self.transport.raw
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to wait for."""
        self._disarm()
        self._taken()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """More waits to be sent than should."""
        super().pause_writing()
        self.leave()

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        self._taken()

    def eof_received(self) -> None:
        """The client has no more to say."""
        if self.transport.is_closing():
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls when the parser gives up, for whatever reason."""
        self._refuse(self._refusal)

    def linger(self) -> bool:
        """Read on after the last byte was written, if a request is still coming in."""
        if self._phase is not _Phase.BODY:
            return False
        self.flow.resume_reading()
        self._arm(LINGER_SECONDS)
        return True

    def leave(self) -> None:
        """What is still to be sent has its time."""
        if self._unsent is not None:
            self._unsent.begin()

    def _taken(self) -> None:
        if self._unsent is not None:
            self._unsent.end()

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > MAX_HEADERS or self._header_lines > MAX_HEADER_LINES:
            self._refusal = 431
            raise _Enough

    def _throw_away(self, size: int) -> None:
        self._surplus += size
        if self._surplus > LINGER_BYTES:
            self.transport.abort()

    def _is_waiting(self) -> bool:
        """Whether no answer is under way."""
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, status: int) -> None:
        """Answer for the application, unless its own answer is under way, and close."""
        self._disarm()
        if not self._is_waiting():
            if not self.cycle.more_body:
                # The request before is good; it is answered first, and then there is nothing more to talk about.
                self.cycle.keep_alive = False
                self._phase = _Phase.BODY  # more of the same may be on its way
                self.flow.pause_reading()
                return
            if self.cycle.response_started:
                self.transport.abort()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        code, message = MESSAGES[status]
        body = orjson.dumps({"error": {"code": code, "message": message}})
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: application/json\r\ncontent-security-policy: sandbox\r\n"
            + b"x-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\n"
            + b"content-length: %d\r\n\r\n" % len(body)
            + body
        )
        self._phase = _Phase.BODY  # more of the same may be on its way
        self.transport.close()

    def _arm(self, seconds: float) -> None:
        self._disarm()
        self._timed_stage = self._stage
        self._timer = self.loop.call_later(seconds, self._late)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            self.transport.abort()
        else:
            self._refuse(408)
