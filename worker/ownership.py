"""Compares what this worker holds with what it owns in the database, every few seconds, and puts both right.

A run in hand that is no longer owned was cancelled or taken away: its step is stopped. A run that is owned and in
nobody's hand was claimed by a transaction whose answer never came, or dropped by a fault of ours: it is given back.
Without this it would stay `running` for as long as this worker lives.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

from worker.executor import Executor
from zipped import ids
from zipped.clock import Clock
from zipped.db import Database
from zipped.errors import Unavailable
from zipped.logs import get_logger
from zipped.services import heartbeats, run_writes

INTERVAL = 2.0  # seconds
STRAY_AFTER = 15.0  # seconds nobody holds it; a claim's answer takes at most 10

Owned = tuple[UUID, int]  # run id, and the epoch of its claim

log = get_logger(__name__)


class Ownership:
    """Watches over one worker's runs."""

    def __init__(self, database: Database, *, worker_id: UUID, executor: Executor, clock: Clock) -> None:
        self._database = database
        self._worker_id = worker_id
        self._executor = executor
        self._clock = clock
        self._strays: dict[Owned, float] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                await self.check()
            except Unavailable:
                continue  # whoever needs the database says so

    async def check(self) -> None:
        """Look once. Raises Unavailable."""
        held = self._executor.in_hand  # before the look: what is claimed meanwhile is owned and not yet seen
        async with self._database.begin() as session:
            owned = await heartbeats.owned(session, self._worker_id)
        for run_id, epoch in held - owned:
            self._executor.forget(run_id, epoch)
        now = self._clock.monotonic()
        self._strays = {key: self._strays.get(key, now) for key in owned - self._executor.in_hand}
        lost = [key for key, since in self._strays.items() if now - since >= STRAY_AFTER]
        if lost:
            log.warning("run.strayed", run_ids=[ids.encode("run", run_id) for run_id, _ in lost])
            await run_writes.transact(
                self._database, lambda session: run_writes.give_back(session, lost, delay=timedelta(0))
            )
