"""How many bytes of bodies that are coming in may be in memory at once, for the door and for GraphQL each."""

from typing import Final

from zipped.batching import OVERLOADED
from zipped.errors import Unavailable

MAX_HELD: Final = 64 << 20  # bytes of bodies in memory, all requests together
RESERVED: Final = 16 << 20  # bytes besides, for bodies that are here whole


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
            raise Unavailable(OVERLOADED)


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
