"""Keeps a run under suspicion apart: while its step is performed, this worker performs no other, for a while at least.

A run that was in hand when a worker died may be what killed it. If it does so again, nobody else's step should be
under way, for whoever has one started counts a crash too, and three are the end.

But most suspects are innocent, and a step may take a quarter of an hour: sixty-four of them, one after the other, would
keep everybody else's steps waiting for half a day. So neither does a suspect wait for long until the others are
through, nor do they for it. One that kills its worker later than that takes others with it once: then they are under
suspicion themselves, and claimed one at a time.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

PATIENCE: Final = 10.0  # seconds a suspect waits for the others, and then the others for it


class Gate:
    """Many at once, or one alone. Who waits to be alone goes before newcomers."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()
        #: Whoever is to be alone, from its waiting to its leaving.
        self._suspect = asyncio.Lock()
        #: Held while newcomers wait, who queue for it.
        self._shut = asyncio.Lock()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits to be alone, or is."""
        return self._suspect.locked()

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Together with others."""
        while self._shut.locked():
            async with self._shut:
                pass
        self._inside += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """By itself: waits until all others are through, and keeps newcomers waiting, both for a while."""
        async with self._suspect:
            await self._shut.acquire()
            opening: asyncio.TimerHandle | None = None
            is_shut = True

            def open_up() -> None:
                nonlocal is_shut
                if is_shut:
                    is_shut = False
                    self._shut.release()

            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._patience):
                        await self._empty.wait()
                opening = asyncio.get_running_loop().call_later(self._patience, open_up)
                yield
            finally:
                if opening is not None:
                    opening.cancel()
                open_up()
