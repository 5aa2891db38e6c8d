"""Keeps a run under suspicion apart: while its step is performed, this worker performs no other.

A run that was in hand when a worker died may be what killed it. If it does so again, nobody else's step must be under
way, for whoever has one started counts a crash too, and three are the end.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Many at once, or one alone. Who waits to be alone goes before newcomers."""

    def __init__(self) -> None:
        self._inside = 0
        self._alone = asyncio.Lock()
        self._changed = asyncio.Condition()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits to be alone, or is."""
        return self._alone.locked()

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Together with others."""
        while self._alone.locked():
            async with self._alone:
                pass
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if self._alone.locked():
                async with self._changed:
                    self._changed.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """By itself: waits until all others are through."""
        async with self._alone:
            async with self._changed:
                await self._changed.wait_for(lambda: self._inside == 0)
            yield
