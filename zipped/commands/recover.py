"""`zipped recover`: what an operator does after restoring a backup, before the first worker starts.

A backup remembers runs in the middle of a step. What they did to others between the backup and its restoration has
happened all the same, and nobody here knows of it: those steps run again under the same idempotency keys. So this is
a person's decision. Without --confirm only the report is printed.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids
from zipped.db import Database
from zipped.errors import Conflict
from zipped.services import run_writes, workers
from zipped.settings import Settings

SHOWN = 50  # steps in the report
BATCH = 500  # runs in one transaction

RUNS = text(
    """
    select status, count(*) as number from zip_run where status in ('queued', 'running', 'waiting')
    group by status order by status
    """
)

UNKNOWN_STEPS = text(
    """
    select a.run_id, a.step_id, a.idempotency_key, a.started_at
    from zip_run r join step_attempt a on a.run_id = r.id
    where r.status = 'running' and a.status = 'started' and a.effect = 'write'
    order by a.run_id limit :limit
    """
)

UNPUBLISHED = text("select count(*) from zip_outbox where published_at is null")

LAST_EVENT = text("select max(received_at) from event")

# Whoever wrote these heartbeats ran before the backup was taken.
DECLARE_DEAD = text("update worker set dead_at = clock_timestamp() where dead_at is null")

OWNERS = text("select distinct worker_id from zip_run where status = 'running' and worker_id is not null")


def recover(settings: Settings, *, confirmed: bool) -> int:
    """Print what was under way; with `confirmed` queue it again. Raises Conflict while a worker runs."""
    for line in asyncio.run(_recover(settings, confirmed=confirmed)):
        print(line)
    return 0


async def _recover(settings: Settings, *, confirmed: bool) -> Sequence[str]:
    database = Database(settings.database_url, application_name="zipped recover", pool_size=1)
    try:
        async with database.begin() as session:
            said = await _report(session)
        if not confirmed:
            return [*said, "", "Nothing was changed. `zipped recover --confirm` queues the running runs again."]
        queued, dead = await _requeue(database)
    finally:
        await database.dispose()
    told = f"Runs queued again: {queued}."
    if dead:
        told += f" Ended as dead, for their workers had died in the same step before: {dead}."
    return [*said, "", f"{told} Start the workers."]


async def _report(session: AsyncSession) -> list[str]:
    last = await session.scalar(LAST_EVENT)
    runs = {row.status: row.number for row in await session.execute(RUNS)}
    steps = (await session.execute(UNKNOWN_STEPS, {"limit": SHOWN + 1})).mappings().all()
    said = [
        f"Last event of this database: {last.isoformat(timespec='seconds') if last else 'none'}. What was answered "
        "with 202 later is not in it, and neither are its dedupe keys: senders that repeat make new runs.",
        f"Runs: {runs.get('running', 0)} running, {runs.get('queued', 0)} queued, {runs.get('waiting', 0)} waiting. "
        f"Messages not yet published: {await session.scalar(UNPUBLISHED)}.",
    ]
    if steps:
        said.append("Steps that may have had their effect already and would be repeated under the same key:")
        said += [_step(row) for row in steps[:SHOWN]]
        if len(steps) > SHOWN:
            said.append("  … and more")
    return said


def _step(row: RowMapping) -> str:
    run_id = ids.encode("run", row["run_id"])
    return (
        f"  {run_id}  step {row['step_id']}  key {row['idempotency_key']}  begun {row['started_at']:%Y-%m-%d %H:%M:%S}"
    )


async def _requeue(database: Database) -> tuple[int, int]:
    """How many runs were queued again, and how many ended as dead."""
    async with database.begin() as session:
        if alive := await workers.alive(session):
            raise Conflict(f"Workers are running: {', '.join(alive)}. Stop them first; what they hold is not lost.")
        await session.execute(DECLARE_DEAD)
        owners: list[UUID] = [row.worker_id for row in await session.execute(OWNERS)]
    queued = dead = 0
    for owner in owners:
        while True:
            async with database.begin() as session:
                taken = await run_writes.requeue_lost(session, owner, limit=BATCH)
            queued, dead = queued + taken.queued, dead + taken.dead
            if taken.total < BATCH:
                break
    return queued, dead
