"""Moves: what others than its owner do to a run: cancel it, wake it, take it from the dead. The law is in run_writes.

Every statement is guarded by the status it expects, bounded, and skips what another transaction holds, so that any
number of timers and sweepers may run; only a cancel waits, for a person waits for it.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import metrics
from zipped.engine.run import MAX_CRASHES
from zipped.errors import NotFound
from zipped.services.run_notices import doorbells, news

LIMIT = 500  # rows in one transaction

# The attempt that was under way can't be completed by its worker any more: nobody knows what became of it.
CANCEL = text(
    f"""
    with locked as materialized (
        select id from zip_run
        where id = :run_id and workspace_id = :workspace_id and status in ('queued', 'running', 'waiting')
        order by id for no key update
    ), stored as (
        update zip_run r set
            status = 'cancelled', ended_by = 'cancel', epoch = r.epoch + 1, worker_id = null,
            waits_for = null, wake_at = null, deadline = null, finished_at = clock_timestamp(),
            seq = r.seq + 1, changed_xid = pg_current_xact_id()
        from locked where r.id = locked.id and r.status in ('queued', 'running', 'waiting')
        returning r.id, r.workspace_id, r.zip_id, r.seq, r.status
    ), attempts as (
        update step_attempt a set
            status = 'unknown', finished_at = clock_timestamp(), error_code = 'cancelled',
            error_message = 'The run was cancelled in the middle of this step; whether it had its effect is unknown.'
        from stored s where a.run_id = s.id and a.run_id = :run_id and a.status = 'started'
    ), told as ({news("stored", "'run.finished'")})
    select id from stored
    """
)

EXISTS = text("select 1 from zip_run where id = :run_id and workspace_id = :workspace_id")

WAKE_DUE = text(
    f"""
    with candidates as materialized (
        select id from zip_run where status = 'waiting' and wake_at <= now() order by wake_at limit :candidates
    ), locked as materialized (
        select r.id from zip_run r join candidates using (id)
        where r.status = 'waiting' and r.wake_at <= now()
        order by r.id limit :limit for no key update of r skip locked
    ), stored as (
        update zip_run r set
            status = 'queued', queued_at = clock_timestamp(), waits_for = null, wake_at = null,
            seq = r.seq + 1, changed_xid = pg_current_xact_id()
        from locked where r.id = locked.id and r.status = 'waiting'
        returning r.id, r.workspace_id, r.zip_id, r.seq, r.status
    ), rung as ({doorbells("stored")}
    ), told as ({news("stored", "'run.queued'")})
    select count(*) from stored
    """
)

# Counted as running time is what the worker was seen to live, not what it took to notice its death.
REQUEUE_LOST = text(
    f"""
    with locked as materialized (
        select id, crashes from zip_run
        where worker_id = :worker_id and status = 'running'
          and not exists (select from worker where id = :worker_id and dead_at is null)
        order by id limit :limit for no key update skip locked
    ), counted as materialized (
        select l.id, a.step_id, w.seen_at, l.crashes + count(a.step_id) over (partition by l.id) as crashes
        from locked l
        left join lateral (
            select step_id from step_attempt where run_id = l.id and status = 'started' limit 1
        ) a on true
        left join worker w on w.id = :worker_id
    ), struck as materialized (
        select *, crashes >= {MAX_CRASHES} and step_id is not null as dies from counted
    ), stored as (
        update zip_run r set
            status = case when s.dies then 'dead' else 'queued' end,
            ended_by = case when s.dies then 'crash' end,
            error_code = case when s.dies then 'crash' end,
            error_message = case when s.dies then s.crashes || ' workers died while they performed this step.' end,
            error_step_id = case when s.dies then s.step_id end,
            finished_at = case when s.dies then clock_timestamp() end,
            waits_for = case when not s.dies then r.waits_for end,
            wake_at = case when not s.dies then r.wake_at end,
            crashes = s.crashes, epoch = r.epoch + 1, worker_id = null, deadline = null,
            queued_at = clock_timestamp(),
            active_ms = r.active_ms
                + cast(greatest(0, extract(epoch from s.seen_at - r.claimed_at)) * 1000 as bigint),
            seq = r.seq + 1, changed_xid = pg_current_xact_id()
        from struck s where r.id = s.id and r.status = 'running' and r.worker_id = :worker_id
        returning r.id, r.workspace_id, r.zip_id, r.seq, r.status, r.error_message
    ), attempts as (
        update step_attempt a set
            status = 'unknown', finished_at = clock_timestamp(), error_code = 'crash', error_message = s.error_message
        from stored s where a.run_id = s.id and s.status = 'dead' and a.status = 'started'
    ), rung as ({doorbells("stored", where="status = 'queued'")}
    ), told as ({news("stored", "case status when 'dead' then 'run.finished' else 'run.queued' end")})
    select status from stored
    """
)


@dataclass(frozen=True, slots=True)
class Requeued:
    """What became of a dead worker's runs."""

    queued: int
    dead: int

    @property
    def total(self) -> int:
        """How many runs were taken from it; less than the limit means none is left."""
        return self.queued + self.dead


async def cancel(session: AsyncSession, workspace_id: UUID, run_id: UUID) -> bool:
    """End a run that has not ended; its worker's later writes are fenced off. False when it had ended already.

    Raises NotFound when the workspace has no such run. Ring the bell after the commit.
    """
    parameters = {"run_id": run_id, "workspace_id": workspace_id}
    if (await session.execute(CANCEL, parameters)).first() is not None:
        metrics.finished.labels("cancelled").inc()
        return True
    if (await session.execute(EXISTS, parameters)).first() is None:
        raise NotFound("There is no run by this id in this workspace.", path=("runId",))
    return False


async def wake_due(session: AsyncSession, *, limit: int = LIMIT) -> int:
    """Queue the waiting runs whose time has come, the longest due first; how many. Ring the bell after the commit."""
    woken = int(await session.scalar(WAKE_DUE, {"limit": limit, "candidates": 2 * limit}) or 0)
    metrics.woken.inc(woken)
    return woken


async def requeue_lost(session: AsyncSession, worker_id: UUID, *, limit: int = LIMIT) -> Requeued:
    """Take the runs of a worker that was declared dead and queue them again; a living worker's are left alone.

    A run that had a step started counts a crash, and ends as dead at the third one without a finished step in
    between. Repeat until `total` is below the limit, and whenever a dead worker still owns a run: a claim may have
    been under way when it was declared dead. Ring the bell after the commit.
    """
    rows = (await session.execute(REQUEUE_LOST, {"worker_id": worker_id, "limit": limit})).all()
    dead = sum(row.status == "dead" for row in rows)
    return Requeued(queued=len(rows) - dead, dead=dead)
