"""Moves the outbox to the broker: woken by a ring, polling besides, and holding nothing while the broker is away."""

import asyncio
from contextlib import AsyncExitStack

from relay.claims import claim_due
from relay.turns import retry_pause
from relay.wake import Wake
from zipped.broker.producer import Producer
from zipped.clock import Clock
from zipped.errors import BrokerError
from zipped.lines import Lines
from zipped.services.outbox import TAKE_LIMIT

LANES = 2  # batches at once: one is taken while the other waits for its acknowledgements and its commit
POLL = 0.1  # seconds between looks for rows whose ring got lost
BUSY = 8  # rows in a batch from which on more are sure to come
GATHER = 0.005  # seconds in which they may, so that a batch is worth its transaction


class Relay:
    """One turn after the other, in so many lanes: see that there is a broker, and take and publish a batch, or wait.

    Only one lane waits, looks and takes. What the other has in hand is not published yet, so while it has, nobody
    looks: only a ring says that there is more.
    """

    def __init__(self, lines: Lines, producer: Producer, wake: Wake, *, clock: Clock) -> None:
        self._lines = lines
        self._producer = producer
        self._wake = wake
        self._clock = clock
        self._taking = asyncio.Lock()
        self._in_hand = 0
        self._due = True
        self._busy = False
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
        async with AsyncExitStack() as transaction:
            async with self._taking:
                try:
                    if not self._producer.up:
                        await self._producer.probe()  # before a transaction is opened
                except BrokerError:
                    self._due = True
                    return retry_pause()
                # Whoever commits rows rings after it, so looking is for rings that got lost.
                self._due = self._due or await self._wake.wait(POLL) or await self._looked()
                if not self._due:
                    return 0.0
                if self._busy:
                    await asyncio.sleep(GATHER)
                claim = await transaction.enter_async_context(claim_due(self._lines))
                taken = len(claim.rows)
                self._due = taken == TAKE_LIMIT
                self._busy = BUSY <= taken < TAKE_LIMIT
                if not taken:
                    return 0.0
                self._in_hand += 1
            try:
                await claim.publish(self._producer)
            except BrokerError:
                self._due = True
                return retry_pause()
            finally:
                self._in_hand -= 1
            if self._producer.up:
                self._published_at = self._clock.monotonic()
        return 0.0

    async def _looked(self) -> bool:
        return not self._in_hand and await self._wake.any_due()
