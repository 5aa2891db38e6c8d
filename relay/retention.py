"""Once an hour: make partitions ahead, drop and delete what is kept no longer, and say when something lies wrong."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from zipped.db import Database, classify
from zipped.logs import get_logger
from zipped.services import partitions, retention, workers

INTERVAL = 3600.0  # seconds, ± 10% so that relays take turns
SOON = 60.0  # seconds, when a lock could not be had or more is left to delete
BATCH = 500  # rows in one transaction
BATCHES = 200  # of one kind in one turn
BREATH = 0.02  # seconds between batches, for others
WORKERS_KEPT = 7 * 24 * 3600.0  # seconds that a dead worker's row is kept

log = get_logger(__name__)

Step = Callable[[AsyncSession], Awaitable[int]]


class Retention:
    """One turn does all of it; what another transaction is in the way of comes again a minute later."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def turn(self) -> float:
        """Returns the seconds until the next turn. Raises Unavailable when the database is away."""
        complete = await self._partitions()
        complete &= await self._expired()
        complete &= await self._histories()
        complete &= await self._old_partitions()
        return INTERVAL * random.uniform(0.9, 1.1) if complete else SOON

    async def _partitions(self) -> bool:
        complete = await self._emptied(partial(partitions.empty_outbox_default, limit=BATCH))
        try:
            async with self._database.begin() as session:
                made = await partitions.make(session)
            if made:
                log.info("partitions.made", count=made)
        except Exception as error:
            if classify(error) != "retry":
                raise
            complete = False
        async with self._database.begin() as session:
            filled = await partitions.filled_defaults(session)
        for name in filled:
            log.warning("partition.default_not_empty", table=name)
        return complete

    async def _expired(self) -> bool:
        complete = True
        for table in retention.EXPIRED:
            complete &= await self._emptied(partial(retention.delete_expired, table=table, limit=BATCH))
        complete &= await self._emptied(partial(workers.forget_dead, age=WORKERS_KEPT, limit=BATCH))
        return complete

    async def _histories(self) -> bool:
        async with self._database.begin() as session:
            histories = await retention.histories(session)
        complete = True
        for history in histories:
            for delete in (retention.delete_runs, retention.delete_events):
                complete &= await self._emptied(partial(delete, history=history, limit=BATCH))
        complete &= await self._emptied(partial(retention.delete_zips, limit=BATCH))
        return complete

    async def _old_partitions(self) -> bool:
        async with self._database.begin() as session:
            days = await partitions.old_outbox_days(session)
            months = await partitions.old_months(session)
        complete = True
        for day in days:
            complete &= await self._drop(day, partial(partitions.drop_outbox_day, name=day))
        for month in months:
            complete &= await self._drop(month.name, partial(partitions.drop_month, month=month))
        return complete

    async def _drop(self, name: str, drop: Callable[[AsyncSession], Awaitable[bool]]) -> bool:
        """Whether it has not to be tried again soon."""
        try:
            async with self._database.begin() as session:
                dropped = await drop(session)
        except Exception as error:
            if classify(error) != "retry":
                raise
            return False
        if dropped:
            log.info("partition.dropped", table=name)
        else:
            log.warning("partition.still_needed", table=name)
        return True

    async def _emptied(self, step: Step) -> bool:
        """Repeat `step`, each time in a transaction of its own, until it finds less than a batch; whether it did."""
        for _ in range(BATCHES):
            async with self._database.begin() as session:
                count = await step(session)
            if count < BATCH:
                return True
            await asyncio.sleep(BREATH)
        return False
