"""Hears the doorbells: reads `zip-execution`, hands on which runs were rung for, and commits what is dealt with.

Polling never blocks and never stops, for it is what keeps the membership of the group: while more waits than the
worker can take, the partitions are paused and polled on. What was read and not yet claimed is not committed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from worker.offsets import Offsets
from zipped.broker.consumer import Consumer, Hooks, Record
from zipped.db import Database
from zipped.errors import MalformedMessage, Unavailable
from zipped.faults import facts
from zipped.logs import get_logger
from zipped.messages import EXECUTION, NewerVersion, decode_requested
from zipped.services import poison
from zipped.services.poison import PoisonMessage
from zipped.settings import Settings

GROUP = "zipped-workers"
POLL_TIMEOUT = 0.5  # seconds
POLL_RECORDS = 500
COMMIT_INTERVAL = 1.0  # seconds
MAX_PARKING = 4  # batches of what isn't ours that wait to be kept; beyond that, reading is paused
STORE_PAUSE = 1.0  # seconds between two tries to keep poison while the database is away

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Doorbell:
    """Somebody rang for this run. `answered` is called once nothing more has to happen because of that."""

    run_id: UUID
    answered: Callable[[], None]


class DoorbellReader:
    """Reads until cancelled. `offer` takes a doorbell; `full` says whether enough of them wait."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        offer: Callable[[Doorbell], None],
        full: Callable[[], bool],
    ) -> None:
        self._database = database
        self._offer = offer
        self._full = full
        self._offsets = Offsets()
        hooks = Hooks(assigned=self._on_assigned, revoked=self._on_revoked, lost=self._on_assigned)
        self._consumer = Consumer(settings, EXECUTION, group=GROUP, hooks=hooks)
        self._parking: set[asyncio.Task[None]] = set()
        self._stopped = False

    @property
    def live(self) -> bool:
        """Whether a doorbell rung now would be heard."""
        return self._consumer.live

    def start(self) -> None:
        """Connect in the background, for as long as it takes."""
        self._consumer.start()

    async def run(self) -> None:
        """Read and commit until cancelled."""
        paused = False
        loop = asyncio.get_running_loop()
        commit_at = loop.time() + COMMIT_INTERVAL
        while True:
            wanted = self._stopped or self._full() or len(self._parking) >= MAX_PARKING
            if wanted != paused:
                paused = wanted
                if paused:
                    self._consumer.pause()
                else:
                    self._consumer.resume()
            self._take(await self._consumer.getmany(timeout=POLL_TIMEOUT, max_records=POLL_RECORDS))
            if loop.time() >= commit_at:
                await self.commit()
                commit_at = loop.time() + COMMIT_INTERVAL

    def close(self) -> None:
        """Bring no more doorbells; go on polling."""
        self._stopped = True

    async def stop(self) -> None:
        """Commit what is dealt with and leave the group. Call it after `run` was cancelled."""
        await self.commit()
        await self._consumer.stop()
        for task in self._parking:
            task.cancel()

    async def commit(self) -> None:
        """Commit every contiguous row of messages that are dealt with."""
        due = self._offsets.due()
        if due and await self._consumer.commit(due):
            self._offsets.committed(due)

    def _take(self, records: list[Record]) -> None:
        malformed: list[PoisonMessage] = []
        for record in records:
            place = (record.partition, record.offset)
            self._offsets.read(*place)
            try:
                requested = decode_requested(record.value)
            except NewerVersion:
                self._offsets.done(*place)  # the run is in the database, for a newer worker or for pulling
            except MalformedMessage as error:
                malformed.append(PoisonMessage.of(record.topic, *place, record.key, record.value, error.message))
            else:
                self._offer(Doorbell(requested.run_id, partial(self._offsets.done, *place)))
        if malformed:
            task = asyncio.create_task(self._park(malformed))
            self._parking.add(task)
            task.add_done_callback(self._parking.discard)

    async def _park(self, found: list[PoisonMessage]) -> None:
        while True:
            try:
                async with self._database.begin() as session:
                    await poison.store(session, found)
                break
            except Unavailable:
                await asyncio.sleep(STORE_PAUSE)
            except Exception as error:  # even what can't be kept must not be read for ever
                log.error("poison.not_kept", **facts(error))
                break
        for one in found:
            log.warning("message.poison", topic=one.topic, partition=one.partition, offset=one.offset, reason=one.error)
            self._offsets.done(one.partition, one.offset)

    async def _on_assigned(self, partitions: frozenset[int]) -> None:
        self._offsets.forget(partitions)

    async def _on_revoked(self, partitions: frozenset[int]) -> None:
        await self.commit()
        self._offsets.forget(partitions)
