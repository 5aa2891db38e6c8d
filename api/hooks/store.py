"""Puts deliveries into the database, together with whatever else comes in that moment.

What it promises to the door: a decision after COMMIT, or an error within the caller's patience. What the caller was
not told may still be stored; a sender that comes again with the same key learns it then.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from api.hooks.disk import Disk
from zipped.batching import Batcher
from zipped.db import classify, reason, sqlstate
from zipped.errors import Unavailable, ZippedError
from zipped.lines import Lines
from zipped.logs import OutageLog, get_logger
from zipped.services.accept import Decision, Delivery, accept
from zipped.services.outbox import Bell

FLUSHERS: Final = 2  # transactions at once: one commits while the next is being written
MAX_AGE: Final = 2.0  # seconds a delivery may wait for its turn; with an older one newcomers are refused
DISK_FULL: Final = "53100"

log = get_logger(__name__)


class NotStorable(ZippedError):
    """The database refuses this delivery, and would again."""


class Store:
    """The group commit with its bell."""

    def __init__(self, lines: Lines, *, bell: Bell, disk: Disk) -> None:
        self._lines = lines
        self._bell = bell
        self._disk = disk
        self._outage = OutageLog(log, "door.database")
        self._accepts: Batcher[Delivery, Decision] = Batcher(
            self._flush, name="accept", max_age=MAX_AGE, flushers=FLUSHERS, size_of=lambda delivery: delivery.size
        )

    async def submit(self, delivery: Delivery, *, patience: float) -> Decision:
        """Store a delivery and tell what was decided, within `patience` seconds.

        Raises Unavailable, or NotStorable for a delivery that the database would refuse again.
        """
        try:
            async with asyncio.timeout(patience):
                return await self._accepts.submit(delivery)
        except TimeoutError as error:
            raise Unavailable("The database does not answer; try again, with the same key if you have one.") from error
        except Exception as error:
            if classify(error) != "input":
                raise
            log.warning("door.not_storable", trigger_id=delivery.trigger_id, error=reason(error))
            raise NotStorable from error

    async def drain(self) -> None:
        """Wait until everything that was submitted is decided."""
        await self._accepts.drain()

    async def _flush(self, deliveries: Sequence[Delivery]) -> Sequence[Decision | Unavailable]:
        try:
            decisions = await accept(self._lines, deliveries)
        except Exception as error:
            if DISK_FULL in (sqlstate(error), sqlstate(error.__cause__ or error)):
                self._disk.refused()
            if classify(error) == "away":
                self._outage.lost(reason(error))
            raise
        self._outage.found()
        if any(isinstance(decision, Decision) and decision.outcome == "accepted" for decision in decisions):
            self._bell.ring()
        return decisions
