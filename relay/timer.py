"""Wakes runs whose time has come: retries, delays, waits that expired. Nothing waits in a process.

At most 500 at a time and every 250 ms: after an outage, or with 100,000 due at once, the herd comes at a walk.
"""

from relay.wake import Wake
from zipped.db import Database
from zipped.services import run_writes, timers

INTERVAL = 0.25  # seconds
LIMIT = 500  # runs


class Timer:
    """One turn: wake what is due, then sleep until the next is, or 250 ms."""

    def __init__(self, database: Database, wake: Wake) -> None:
        self._database = database
        self._wake = wake

    async def turn(self) -> float:
        """Returns the seconds until the next turn. Raises Unavailable when the database is away."""
        async with self._database.begin() as session:
            due_in = await timers.next_due_in(session)
        if due_in is None:
            return INTERVAL
        if due_in > 0:
            return min(INTERVAL, due_in)
        woken = await run_writes.transact(self._database, lambda session: run_writes.wake_due(session, limit=LIMIT))
        if woken:
            self._wake.ring()
        # None woken: another relay has them. All of them: the next herd waits its turn.
        return 0.0 if 0 < woken < LIMIT else INTERVAL
