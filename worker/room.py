"""Room for what is large: bytes that may be in hand at once, handed out in the order of asking.

Runs are small, and what their steps look at is kept beside them. A few are not, and JSON in memory is up to forty times
what it is as text: ten MiB of `[],[],…` are 250 MiB of lists. Sixty-four of them at once would end any worker, so who
needs much asks here first, and holds it no longer than a step takes.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

#: Bytes of JSON as it is stored: the largest body and something beside it. Parsed, that is 100 MiB of what people send
#: and 640 of the worst there is (measured: 6 and 40 times their bytes).
SIZE: Final = 16 * 1024 * 1024
LIGHT: Final = 64 * 1024  # bytes that nobody asks for: every slot may have as much


class Share:
    """What one step holds."""

    def __init__(self, room: "Room", weight: int) -> None:
        self._room = room
        self.weight = weight

    def shrink(self, weight: int) -> None:
        """Hold no more than `weight` from now on."""
        if weight < self.weight:
            self._room._give(self.weight - weight)
            self.weight = weight


class Room:
    """Hands out shares. What is larger than all there is gets in when it is by itself."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._taken = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._closed = False

    @asynccontextmanager
    async def share(self, weight: int) -> AsyncIterator[Share]:
        """A share of `weight` bytes, as soon as those who asked before have theirs and there is room."""
        if weight <= LIGHT:
            yield Share(self, 0)
            return
        if self._waiting or not self._fits(weight):
            await self._turn(weight)
        else:
            self._taken += weight
        share = Share(self, weight)
        try:
            yield share
        finally:
            self._give(share.weight)

    def close(self) -> None:
        """Keep nobody waiting any more: the worker leaves, and who gets in now finds that out."""
        self._closed = True
        self._admit()

    def _fits(self, weight: int) -> bool:
        return self._closed or not self._taken or self._taken + weight <= self._size

    async def _turn(self, weight: int) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((weight, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give(weight)
            else:
                self._waiting.remove((weight, turn))
                self._admit()  # who came behind may be smaller
            raise

    def _give(self, weight: int) -> None:
        self._taken -= weight
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            weight, turn = self._waiting.popleft()
            self._taken += weight
            turn.set_result(None)
