"""Moves the outbox to the broker: woken by a ring, polling besides, and holding nothing while the broker is away."""

from relay.claims import publish_due
from relay.turns import retry_pause
from relay.wake import Wake
from zipped.broker.producer import Producer
from zipped.clock import Clock
from zipped.db import Database
from zipped.errors import BrokerError
from zipped.services.outbox import TAKE_LIMIT

POLL_FIRST = 0.005  # seconds after there was something to publish; doubled each time there is nothing
POLL_LAST = 0.1  # seconds
BUSY = 8  # rows in a batch from which on more are sure to come
GATHER = 0.005  # seconds in which they may, so that a batch is worth its transaction


class Relay:
    """One turn after the other: see that there is a broker, publish a batch, or wait for something to publish."""

    def __init__(self, database: Database, producer: Producer, wake: Wake, *, clock: Clock) -> None:
        self._database = database
        self._producer = producer
        self._wake = wake
        self._clock = clock
        self._due = True
        self._pause = POLL_FIRST
        self._published_at = clock.monotonic()

    @property
    def since_published(self) -> float:
        """Seconds since the last batch went out, or since the start."""
        return self._clock.monotonic() - self._published_at

    @property
    def broker_up(self) -> bool:
        """Whether the broker answered the last time."""
        return self._producer.up

    async def turn(self) -> float:
        """Returns the seconds until the next turn. Raises Unavailable when the database is away."""
        try:
            if not self._producer.up:
                await self._producer.probe()  # before a transaction is opened
            if self._due or await self._wake.any_due():
                taken = await publish_due(self._database, self._producer)
                self._due = taken == TAKE_LIMIT
                if taken:
                    self._pause = POLL_FIRST
                    if self._producer.up:
                        self._published_at = self._clock.monotonic()
                    return GATHER if BUSY <= taken < TAKE_LIMIT else 0.0
        except BrokerError:
            self._due = True
            return retry_pause()
        self._due = await self._wake.wait(self._pause)
        self._pause = POLL_FIRST if self._due else min(2 * self._pause, POLL_LAST)
        return 0.0
