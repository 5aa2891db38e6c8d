"""Reads bodies within bounds: of one request, and of all that are in memory at once."""

from typing import Final

from starlette.types import Message, Receive

from zipped.errors import Unavailable

MAX_HELD: Final = 64 << 20  # bytes of bodies in memory, all requests together
RESERVED: Final = 16 << 20  # bytes besides, for bodies that are here whole


class ClientGone(Exception):
    """The client went away before its request was complete: nobody is left to answer."""


class TooLarge(Exception):
    """The body is larger than it may be; it was read up to there."""

    def __init__(self, start: bytes) -> None:
        self.start = start


class Memory:
    """The bytes that all requests of this process hold together.

    Who sends slowly holds its part for as long as it may take: a hundred such senders would keep everybody out. What
    came in one piece is stored in a moment, so a part is reserved for it.
    """

    def __init__(self, limit: int = MAX_HELD, reserved: int = RESERVED) -> None:
        self._limit = limit
        self._reserved = reserved
        self.held = 0

    def hold(self) -> "Held":
        """The part of one request, to be released at its end."""
        return Held(self)

    def take(self, size: int, *, whole: bool) -> None:
        """Count bytes, of a body that is here whole or not. Raises Unavailable when there are too many."""
        self.held += size
        if self.held > self._limit + (self._reserved if whole else 0):
            raise Unavailable("More is coming in than can be stored right now; nothing was stored; try again.")


class Held:
    """The bytes that one request holds."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._size = 0

    def take(self, size: int, *, whole: bool = False) -> None:
        """Count bytes. Raises Unavailable when all requests together hold too many."""
        self._size += size
        self._memory.take(size, whole=whole)

    def release(self) -> None:
        """Let go of all of it."""
        self._memory.held -= self._size
        self._size = 0


async def read(receive: Receive, *, limit: int, held: Held) -> bytes:
    """The whole body. Raises TooLarge at the first byte beyond `limit`, ClientGone, Unavailable."""
    message = await _request(receive)
    first: bytes = message.get("body", b"")
    if not message.get("more_body", False) and len(first) <= limit:
        held.take(len(first), whole=True)
        return first
    chunks, size = [first], len(first)
    while size <= limit:
        held.take(len(chunks[-1]))
        if not message.get("more_body", False):
            return b"".join(chunks)
        message = await _request(receive)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    raise TooLarge(b"".join(chunks))


async def _request(receive: Receive) -> Message:
    message = await receive()
    if message["type"] != "http.request":
        raise ClientGone
    return message
