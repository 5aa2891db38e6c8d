"""Claims runs for free slots: those that were rung for, those nobody rang for, those under suspicion one by one, and,
when all slots are taken, those of workspaces that hold few of them.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from worker.consumer import Doorbell
from worker.database_time import DatabaseTime
from worker.executor import Executor
from zipped import metrics
from zipped.db import reason
from zipped.errors import Unavailable
from zipped.faults import facts
from zipped.lines import Lines
from zipped.logs import OutageLog, get_logger
from zipped.services import run_writes
from zipped.services.run_writes import Claims

CLAIM_ROWS = 256  # runs in one transaction
WAITING_LIMIT = 512  # doorbells kept beside those being claimed; beyond, reading is paused
GATHER = 0.005  # seconds in which more slots may become free, once they are few and more runs wait than fit
PULL_INTERVAL = 1.0  # seconds between two looks for runs nobody rang for
PULL_AFTER = timedelta(seconds=30)  # queued, while doorbells are heard
PULL_AFTER_DEAF = timedelta(seconds=1)  # queued, while they aren't
OTHERS_INTERVAL = 1.0  # seconds between two looks for runs of others while all slots are taken; doubled without any
OTHERS_LONGEST = 8.0  # seconds
OTHERS_AFTER = timedelta(seconds=2)  # queued, for a spare slot
OTHERS_EACH = 4  # runs of one workspace at a look
PAUSE = 0.5  # seconds before trying again what went wrong

log = get_logger(__name__)


class Dispatcher:
    """Turns doorbells into claims, never more than there are free slots."""

    def __init__(
        self,
        lines: Lines,
        *,
        worker_id: UUID,
        executor: Executor,
        time: DatabaseTime,
        hears: Callable[[], bool],
    ) -> None:
        self._lines = lines
        self._worker_id = worker_id
        self._executor = executor
        self._time = time
        self._hears = hears
        self._waiting: deque[Doorbell] = deque()
        self._suspects: dict[UUID, Doorbell] = {}
        self._woken = asyncio.Event()
        self._suspected = asyncio.Event()
        self._closed = False
        self._closing = asyncio.Event()
        self._outage = OutageLog(log, "claims")

    def offer(self, doorbell: Doorbell) -> None:
        """Somebody rang for a run."""
        self._waiting.append(doorbell)
        self._woken.set()

    def full(self) -> bool:
        """Whether so many doorbells wait that no more should be read."""
        return len(self._waiting) >= WAITING_LIMIT

    def wake(self) -> None:
        """A slot is free."""
        self._woken.set()

    def close(self) -> None:
        """Claim nothing more; `run` returns once the claim under way is through."""
        self._closed = True
        self._closing.set()
        self._woken.set()
        self._suspected.set()

    async def run(self) -> None:
        """Claim until closed."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._claim_rung())
            group.create_task(self._claim_suspects())
            group.create_task(self._pull_for_others())

    async def _claim_rung(self) -> None:
        loop = asyncio.get_running_loop()
        pull_at = loop.time() + PULL_INTERVAL
        while not self._closed:
            self._woken.clear()
            free = self._executor.free
            pulls = loop.time() >= pull_at
            if 0 < free < self._executor.few and (pulls or len(self._waiting) > free):
                await asyncio.sleep(GATHER)
                free = self._executor.free
            if free and pulls:
                # However many doorbells wait: else a run nobody rang for waits for the last of them. While none waits
                # and there are more such runs, the next look comes as soon as slots are free.
                found = await self._pull(min(free, CLAIM_ROWS))
                if not found or self._waiting:
                    pull_at = loop.time() + PULL_INTERVAL
            elif free and self._waiting:
                await self._claim_waiting(min(free, len(self._waiting), CLAIM_ROWS))
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(pull_at if free else None):
                        await self._woken.wait()

    async def _claim_waiting(self, count: int) -> None:
        batch = [self._waiting.popleft() for _ in range(count)]
        claims = await self._tried(self._claim([doorbell.run_id for doorbell in batch]))
        if claims is None:
            self._waiting.extendleft(reversed(batch))
            return
        self._take(claims, how="rung")
        for doorbell in batch:
            if doorbell.run_id in claims.suspects and doorbell.run_id not in self._suspects:
                self._suspects[doorbell.run_id] = doorbell
                self._suspected.set()
            else:
                doorbell.answered()

    async def _pull(self, limit: int) -> bool:
        """Whether there may be more."""
        older_than = PULL_AFTER if self._hears() else PULL_AFTER_DEAF
        claims = await self._tried(
            run_writes.transact(
                self._lines,
                lambda line: run_writes.pull(line, worker_id=self._worker_id, older_than=older_than, limit=limit),
            )
        )
        if claims is None:
            return False
        self._take(claims, how="pulled")
        for run_id in claims.suspects:
            self._suspects.setdefault(run_id, Doorbell(run_id, _nothing))
            self._suspected.set()
        return bool(claims.claimed)

    async def _pull_for_others(self) -> None:
        """While all slots are taken, workspaces that hold few get the spare ones: their doorbells may be far behind."""
        pause = OTHERS_INTERVAL
        while not self._closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._closing.wait()
            spare = self._executor.spare
            if self._closed or not spare:
                pause = OTHERS_INTERVAL
                continue
            claims = await self._tried(self._others(spare))
            if claims is not None:
                self._take(claims, how="spare")
            pause = OTHERS_INTERVAL if claims and claims.claimed else min(2 * pause, OTHERS_LONGEST)

    async def _others(self, spare: int) -> Claims:
        crowded = self._executor.crowded
        return await run_writes.transact(
            self._lines,
            lambda line: run_writes.pull_for_others(
                line,
                worker_id=self._worker_id,
                crowded=crowded,
                older_than=OTHERS_AFTER,
                each=OTHERS_EACH,
                limit=min(spare, CLAIM_ROWS),
            ),
        )

    async def _claim_suspects(self) -> None:
        """One at a time: the next only when the one before has finished a step or left."""
        while not self._closed:
            await self._suspected.wait()
            self._suspected.clear()
            while self._suspects and not self._closed:
                run_id, doorbell = next(iter(self._suspects.items()))
                claims = await self._tried(self._claim([run_id], alone=True))
                if claims is None:
                    continue
                self._take(claims, how="alone")
                del self._suspects[run_id]
                doorbell.answered()
                await self._executor.cleared(run_id)

    async def _claim(self, run_ids: Sequence[UUID], *, alone: bool = False) -> Claims:
        return await run_writes.transact(
            self._lines,
            lambda line: run_writes.claim(line, run_ids, worker_id=self._worker_id, alone=alone),
        )

    def _take(self, claims: Claims, *, how: str) -> None:
        if claims.at is not None:
            self._time.heard(claims.at)
        if claims.claimed:
            metrics.claimed.labels(how).inc(len(claims.claimed))
            self._executor.start(claims.claimed)
        for run_id, epoch in claims.unreadable:
            self._executor.refuse(run_id, epoch)

    async def _tried(self, claim: Coroutine[Any, Any, Claims]) -> Claims | None:
        try:
            claims = await claim
        except Unavailable as error:
            self._outage.lost(reason(error))
        except Exception as error:
            log.error("claims.failed", **facts(error))
        else:
            self._outage.found()
            return claims
        await asyncio.sleep(PAUSE)
        return None


def _nothing() -> None:
    return None
