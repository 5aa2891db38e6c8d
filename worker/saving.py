"""Saves of all runs in hand, written together: group commit, sent again until their fate is known."""

import asyncio
import random
from collections.abc import Sequence

from zipped.batching import Batcher
from zipped.db import reason
from zipped.errors import Unavailable
from zipped.lines import Lines
from zipped.logs import OutageLog, get_logger
from zipped.services import run_writes
from zipped.services.outbox import Bell
from zipped.services.run_writes import RunWrite

PAUSE_MIN, PAUSE_MAX = 0.1, 2.0  # seconds between two tries while the database is away
FLUSHERS = 1  # one batch is on its way while the next gathers and goes

log = get_logger(__name__)


class Saver:
    """Stores writes of runs. What it was handed is either stored or fenced; there is no third."""

    def __init__(self, lines: Lines, *, bell: Bell) -> None:
        self._lines = lines
        self._bell = bell
        self._batcher: Batcher[RunWrite, bool] = Batcher(
            self._flush, name="saves", flushers=FLUSHERS, size_of=lambda write: write.size
        )
        self._outage = OutageLog(log, "database")

    async def save(self, write: RunWrite) -> bool:
        """Whether the write is stored; False: the run has moved on, forget it.

        While the database is away it tries again for as long as it takes: a step's result is not to be lost. Whether
        an earlier try landed after all is found out by `run_writes.save`.
        """
        pause = PAUSE_MIN
        while True:
            try:
                stored = await self._batcher.submit(write)
            except Unavailable as error:
                self._outage.lost(reason(error))
                await asyncio.sleep(pause * (0.5 + random.random()))
                pause = min(pause * 2, PAUSE_MAX)
            else:
                self._outage.found()
                return stored

    async def drain(self) -> None:
        """Wait until everything handed in is on disk."""
        await self._batcher.drain()

    async def _flush(self, writes: Sequence[RunWrite]) -> list[bool]:
        async with self._lines.begin() as line:
            stored = await run_writes.save(line, writes)
        if any(writes[position].run.status != "running" for position in stored):
            self._bell.ring()
        return [position in stored for position in range(len(writes))]
