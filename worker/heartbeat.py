"""A worker's sign of life, every three seconds; and the end of the process once it was declared dead.

It has a database connection of its own: a busy pool must not look like death. A worker that thaws after a long freeze
may believe that it still owns its runs. Every write it tries is fenced, but an effect is not: so before each one it
asks whether the last sign of life is fresh, and gives another one first if it isn't.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from uuid import UUID

from worker.database_time import DatabaseTime
from zipped import ids
from zipped.clock import Clock
from zipped.db import Database, reason
from zipped.errors import Unavailable
from zipped.logs import OutageLog, get_logger
from zipped.services import heartbeats

INTERVAL = 3.0  # seconds
RETRY = 0.5  # seconds between two tries while the database is away
FRESH = 5.0  # seconds after which a sign of life says nothing any more

log = get_logger(__name__)


class WorkerLost(Exception):
    """This worker was declared dead; it writes nothing more."""


class Heartbeat:
    """Keeps the worker's row alive. `on_lost` is called once, when the row is gone or marked dead."""

    def __init__(
        self, database: Database, *, time: DatabaseTime, clock: Clock, on_lost: Callable[[], None], version: str
    ) -> None:
        self._database = database
        self._time = time
        self._clock = clock
        self._on_lost = on_lost
        self._version = version
        self._beaten = clock.monotonic()
        self._lost = False
        self._outage = OutageLog(log, "database")
        self.worker_id = UUID(int=0)
        self.draining = False

    @property
    def age(self) -> float:
        """Seconds since the last sign of life."""
        return self._clock.monotonic() - self._beaten

    async def start(self) -> UUID:
        """Make the row, as soon as there is a database; a worker has no id before."""
        while True:
            before = self._clock.monotonic()
            try:
                async with self._database.begin() as session:
                    me = await heartbeats.register(
                        session, host=socket.gethostname(), pid=os.getpid(), version=self._version
                    )
                break
            except Unavailable as error:
                self._outage.lost(reason(error))
                await asyncio.sleep(RETRY)
        self._outage.found()
        self._beaten = before
        self._time.heard(me.now)
        self.worker_id = me.worker_id
        return me.worker_id

    async def run(self) -> None:
        """Beat until cancelled. Raises WorkerLost."""
        while True:
            try:
                await self.beat()
                self._outage.found()
                await asyncio.sleep(INTERVAL)
            except Unavailable as error:
                self._outage.lost(reason(error))
                await asyncio.sleep(RETRY)

    async def beat(self) -> None:
        """One sign of life. Raises WorkerLost, and Unavailable while the database is away."""
        before = self._clock.monotonic()
        async with self._database.begin() as session:
            now = await heartbeats.beat(session, self.worker_id, draining=self.draining)
        if now is None:
            if not self._lost:
                self._lost = True
                log.error("worker.declared_dead", worker_id=ids.encode("wrk", self.worker_id))
                self._on_lost()
            raise WorkerLost
        self._beaten = before  # what counts is when it was surely alive in the database's eyes
        self._time.heard(now)

    async def prove(self) -> None:
        """Return at once when the last sign of life is fresh, else after the next one. Raises WorkerLost."""
        while self.age > FRESH:
            try:
                await self.beat()
            except Unavailable:
                await asyncio.sleep(RETRY)

    async def leave(self) -> None:
        """Say that this worker is gone."""
        async with self._database.begin() as session:
            await heartbeats.leave(session, self.worker_id)
