"""A deadline for *taking* an answer, which uvicorn has not either.

Who asks and doesn't read leaves the answer in this process: thirty connections kept 180 MB of answers, for as long as
they stayed open, for closing a connection waits until all is sent.
"""

import asyncio
from typing import Final

SECONDS: Final = 30.0  # in which …
BYTES: Final = 64 << 10  # … so much of what waits must have been taken


class Unsent:
    """What waits to be sent on one connection, while that is more than a transport should hold."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """From now on the client must take some of it, or the connection is cut."""
        self.end()
        self._timer = self._loop.call_later(SECONDS, self._look, self._transport.get_write_buffer_size())

    def end(self) -> None:
        """Little enough is left, or nobody to take it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, before: int) -> None:
        if before - self._transport.get_write_buffer_size() < BYTES:
            self._timer = None
            self._transport.abort()
        else:
            self.begin()
