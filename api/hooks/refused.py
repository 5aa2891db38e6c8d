"""Takes down what the door refused, beside the hot path: it never delays, blocks or fails an answer.

Rows wait in memory for at most a moment; beyond a bound, and while the database is away, they are only counted.
"""

import asyncio
from collections import Counter
from typing import Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from zipped.clock import Clock
from zipped.db import Database, reason
from zipped.errors import Unavailable
from zipped.logs import OutageLog, get_logger
from zipped.services import refusals
from zipped.services.refusals import ROWS_PER_HOUR, Outcome, Refusal

GATHER: Final = 0.05  # seconds between two writes: a flood costs 20 transactions a second
RETRY: Final = 1.0  # seconds, while the database is away
LAST_TRY: Final = 3.0  # seconds, at the end
MAX_WAITING: Final = 1000  # rows
MAX_COUNTED: Final = 10_000  # pairs of trigger and outcome

log = get_logger(__name__)


class Refused:
    """The ledger's entrance for refusals."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._rows: list[Refusal] = []
        self._per_trigger: Counter[UUID] = Counter()
        self._more: Counter[tuple[UUID, Outcome]] = Counter()
        #: Triggers whose hundred rows of this hour are written, and until when.
        self._full: dict[UUID, float] = {}
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._outage = OutageLog(log, "refusals.ledger")

    def has_room(self, trigger_id: UUID) -> bool:
        """Whether a row for this trigger would be kept; else only its outcome counts."""
        return (
            len(self._rows) < MAX_WAITING
            and self._per_trigger[trigger_id] < ROWS_PER_HOUR
            and self._full.get(trigger_id, 0.0) <= self._clock.monotonic()
        )

    def add(self, refusal: Refusal) -> None:
        """Take one down; it does not wait."""
        if self.has_room(refusal.trigger_id):
            self._rows.append(refusal)
            self._per_trigger[refusal.trigger_id] += 1
            self._wake()
        else:
            self.count(refusal.trigger_id, refusal.outcome)

    def count(self, trigger_id: UUID, outcome: Outcome) -> None:
        """Count one without a row."""
        if (trigger_id, outcome) in self._more or len(self._more) < MAX_COUNTED:
            self._more[trigger_id, outcome] += 1
        self._wake()

    async def close(self) -> None:
        """Write what waits, as far as the database takes it."""
        self._closing.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=LAST_TRY)

    def _wake(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        while self._rows or self._more:
            written = await self._write()
            if self._closing.is_set() and not written:
                return
            try:
                async with asyncio.timeout(GATHER if written else RETRY):
                    await self._closing.wait()
            except TimeoutError:
                continue

    async def _write(self) -> bool:
        rows, more = self._rows, self._more
        self._rows, self._more = [], Counter()
        self._per_trigger.clear()
        try:
            async with self._database.begin() as session:
                full = await refusals.record(session, rows, more=more)
        except Unavailable as error:
            self._outage.lost(reason(error))
            self._more.update(more)
            self._more.update((row.trigger_id, row.outcome) for row in rows)
            return False
        except SQLAlchemyError as error:
            log.error("refusals.lost", rows=len(rows), counted=more.total(), error=reason(error))
            return True
        self._outage.found()
        now = self._clock.monotonic()
        self._full = {trigger_id: until for trigger_id, until in self._full.items() if until > now}
        self._full.update((trigger_id, now + seconds) for trigger_id, seconds in full.items())
        return True
