"""How many steps one process tries at once, and how often a caller may.

What is tried renders templates and waits for other machines, in the process that also takes webhooks in. The counts
live in this process: with several apis each allows as many.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal
from uuid import UUID

from api.throttle import Buckets
from zipped.errors import LimitExceeded

Kind = Literal["send", "render"]

#: At once.
PLACES: Final[dict[Kind, int]] = {"send": 16, "render": 4}
#: Of one caller at first, and more a second.
BURST: Final[dict[Kind, float]] = {"send": 20.0, "render": 60.0}
RATE: Final[dict[Kind, float]] = {"send": 0.5, "render": 5.0}
PATIENCE: Final = 2.0  # seconds until a place is free


class Trials:
    """What this process is trying."""

    def __init__(self) -> None:
        self._buckets = Buckets()
        self._places = {kind: asyncio.Semaphore(places) for kind, places in PLACES.items()}

    def admit(self, caller: UUID, kind: Kind, *, now: float) -> None:
        """Count a try of this caller's at `now`, monotonic seconds. Raises LimitExceeded when there were too many."""
        wait = self._buckets.take((caller, kind), rate=RATE[kind], burst=BURST[kind], now=now)
        if wait:
            raise LimitExceeded("That is too often: wait a little and try again.", retry_after=float(math.ceil(wait)))

    @asynccontextmanager
    async def place(self, kind: Kind) -> AsyncIterator[None]:
        """Hold one of the places. Raises LimitExceeded when none becomes free in time."""
        places = self._places[kind]
        try:
            async with asyncio.timeout(PATIENCE):
                await places.acquire()
        except TimeoutError:
            raise LimitExceeded("Many steps are being tried right now: try again.", retry_after=PATIENCE) from None
        try:
            yield
        finally:
            places.release()
