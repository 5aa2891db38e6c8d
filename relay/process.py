"""The relay process put together: its parts, their order of ending, and how well it is."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

from relay.relay import LANES, Relay
from relay.retention import Retention
from relay.sweeper import Sweeper
from relay.timer import Timer
from relay.turns import database_outage, take_turns
from relay.wake import Wake
from zipped import collector, database_check, metrics
from zipped.broker.producer import Producer
from zipped.clock import Clock
from zipped.db import Database
from zipped.health import Health
from zipped.lines import Lines
from zipped.logs import get_logger
from zipped.services import outbox
from zipped.settings import Settings
from zipped.signals import unless_stopped

POOL = 5  # connections: one for each part but the relay itself, and for those who ask how it is
GRACE = 10.0  # seconds to finish the batch in hand
OLD = 10.0  # seconds that a row may wait before the relay counts as degraded
WATCH_INTERVAL = 2.0  # seconds between looks at the outbox's age

log = get_logger(__name__)


class RelayProcess:
    """Everything that runs in one relay. Any number of them may run."""

    def __init__(self, settings: Settings, *, clock: Clock) -> None:
        url = settings.database_url
        self._database = Database(url, pool_size=POOL, application_name="zipped-relay", custom_plans=True)
        # A mark that gets lost with the server lets its row go out again: a doorbell that rings twice.
        self._outbox = Database(
            url, pool_size=LANES, application_name="zipped-relay-outbox", pinned=True, by_index=True, unhurried=True
        )
        self._lines = Lines(self._outbox, size=LANES)
        self._producer = Producer(settings)
        self._wake = Wake(self._database)
        self._relay = Relay(self._lines, self._producer, self._wake, clock=clock)
        self._timer = Timer(self._database, self._wake)
        self._sweeper = Sweeper(self._database, self._wake, clock=clock)
        self._retention = Retention(self._database)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish the batch in hand.

        While there is no database it waits for one. Raises SettingsError when that one won't do.
        """
        outage = database_outage()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._database.dispose)
            stack.push_async_callback(self._outbox.dispose)
            stack.push_async_callback(self._lines.close)
            stack.push_async_callback(self._producer.stop)
            if not await unless_stopped(database_check.check(self._database, outage=outage), stop):
                return
            collector.settle()
            log.info("relay.started")
            part = partial(take_turns, stop=stop, outage=outage)
            lanes = [asyncio.create_task(part(self._relay.turn, name="relay")) for _ in range(LANES)]
            others = [
                asyncio.create_task(self._wake.listen()),
                asyncio.create_task(part(self._timer.turn, name="timer")),
                asyncio.create_task(part(self._sweeper.turn, name="sweeper")),
                asyncio.create_task(part(self._retention.turn, name="retention")),
                asyncio.create_task(part(self._watch, name="watch")),
            ]
            try:
                await stop.wait()
                await asyncio.wait(lanes, timeout=GRACE)
            finally:
                for task in (*lanes, *others):
                    task.cancel()
                await asyncio.gather(*lanes, *others, return_exceptions=True)
        log.info("relay.stopped")

    async def health(self) -> Health:
        """How it is. Degraded while the broker is away, or rows wait though nothing went out for 10 s."""
        if not await self._database.is_writable():
            return Health(ready=False, facts={"reason": "The database is away or takes no writes."})
        async with self._database.begin() as session:
            age = await outbox.oldest_age(session)
        degraded = []
        if not self._relay.broker_up:
            degraded.append("broker")
        if age > OLD and self._relay.since_published > OLD:
            degraded.append("outbox")
        return Health(ready=True, degraded=tuple(degraded), facts={"outboxAgeSeconds": round(age, 3)})

    async def _watch(self) -> float:
        async with self._database.begin() as session:
            metrics.outbox_age_seconds.set(await outbox.oldest_age(session))
        return WATCH_INTERVAL
