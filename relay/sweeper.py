"""Takes runs from workers that died. It is the one mechanism of recovery; nothing else requeues a running run."""

from uuid import UUID

from relay.heartbeat_watch import HeartbeatWatch
from relay.wake import Wake
from zipped import ids, metrics
from zipped.clock import Clock
from zipped.db import Database
from zipped.logs import get_logger
from zipped.services import run_writes, workers

INTERVAL = 1.0  # seconds between two reads of the heartbeats
LIMIT = 500  # runs in one transaction
BATCHES = 4  # a turn and worker: reading the heartbeats must go on
OWNERS = 100  # a turn

log = get_logger(__name__)


class Sweeper:
    """One turn: read the heartbeats, declare dead who is, and requeue what the dead own."""

    def __init__(self, database: Database, wake: Wake, *, clock: Clock) -> None:
        self._database = database
        self._wake = wake
        self._clock = clock
        self._watch = HeartbeatWatch()

    async def turn(self) -> float:
        """Returns the seconds until the next turn. Raises Unavailable when the database is away."""
        asked = self._clock.monotonic()
        async with self._database.begin() as session:
            signs = await workers.signs_of_life(session)
        answered = self._clock.monotonic()
        for sign in self._watch.observe(signs, asked=asked, answered=answered):
            async with self._database.begin() as session:
                declared = await workers.declare_dead(session, sign)
            if declared:
                metrics.workers_lost.inc()
                log.warning("worker.declared_dead", worker_id=ids.encode("wrk", sign.worker_id), seen_at=sign.seen_at)
        async with self._database.begin() as session:
            owners = await workers.dead_owners(session, limit=OWNERS)
        for worker_id in owners:
            await self._requeue(worker_id)
        return INTERVAL

    async def _requeue(self, worker_id: UUID) -> None:
        for _ in range(BATCHES):
            requeued = await run_writes.transact(
                self._database, lambda session: run_writes.requeue_lost(session, worker_id, limit=LIMIT)
            )
            if requeued.total:
                self._wake.ring()
                metrics.finished.labels("dead").inc(requeued.dead)
                log.info(
                    "runs.requeued", worker_id=ids.encode("wrk", worker_id), queued=requeued.queued, dead=requeued.dead
                )
            if requeued.total < LIMIT:
                return
