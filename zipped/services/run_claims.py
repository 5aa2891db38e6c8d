"""Claims: a queued run gets a worker as its owner, exactly one, however often and by whomever it was rung.

A run that was in hand when a worker died (`crashes`) is claimed alone, so that one run that kills its workers can't
take the same innocent ones with it again; `claim` names such runs and leaves them queued unless told `alone`.

A claim writes nothing into the outbox. That a run has begun is worth a word only if it doesn't end at once, and then
its worker says it (see docs/adr/0050).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from zipped.engine.cursor import CursorError, cursor_from_json
from zipped.engine.run import RUN_TIME, Run
from zipped.lines import Statements

PULL_SPREAD = 8  # times as many candidates as wanted: several workers pull at once and skip each other's


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A run that this worker owns from now on, with what it needs to find the rest."""

    run: Run
    workspace_id: UUID
    zip_id: UUID
    version_id: UUID
    event_id: UUID
    #: How many zips called each other to get here.
    depth: int
    #: When it was accepted.
    created_at: datetime
    #: It has never been claimed before, and nothing of it is stored but its event.
    fresh: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """What came of a batch of claims."""

    claimed: list[Claimed]
    #: Queued, but each is to be claimed alone.
    suspects: list[UUID]
    #: Claimed, but standing where this release can't read it: to be given back for one that can.
    unreadable: list[tuple[UUID, int]]
    #: The database's clock at the claim; None when nothing was claimed.
    at: datetime | None


def _claim(wanted: str) -> TextClause:
    """The claim of the runs that `wanted` has locked, as columns id and crashes."""
    return text(
        f"""
        with {wanted}, claimed as (
            update zip_run r set
                status = 'running', worker_id = :worker_id, epoch = r.epoch + 1,
                claimed_at = clock_timestamp(), started_at = coalesce(r.started_at, clock_timestamp()),
                deadline = clock_timestamp() + cast(:run_time as interval) - r.active_ms * interval '1 millisecond',
                seq = r.seq + 1, changed_xid = pg_current_xact_id()
            from wanted w
            where r.id = w.id and r.status = 'queued' and (w.crashes = 0 or :alone)
            returning r.*, old.started_at is null as first
        )
        select w.id, c.id is null as suspect, c.workspace_id, c.zip_id, c.version_id, c.event_id, c.root_run_id,
               c.depth, c.epoch, c.seq, c.cursor, c.attempt, c.generation, c.crashes, c.waits_for, c.wake_at,
               c.claimed_at, c.deadline, c.active_ms, c.created_at, c.first and c.parent_run_id is null as fresh
        from wanted w left join claimed c on c.id = w.id
        """
    )


ALIVE = "exists (select from worker where id = :worker_id and dead_at is null)"

# `status = 'queued'` is all a claim asks of a run: any doorbell will do. A worker that was declared dead gets none.
CLAIM = _claim(
    f"""
    wanted as materialized (
        select id, crashes from zip_run
        where id = any (cast(:ids as uuid[])) and status = 'queued' and {ALIVE}
        order by id for no key update skip locked
    )
    """
)

PULL = _claim(
    f"""
    candidates as materialized (
        select id from zip_run
        where status = 'queued' and queued_at <= now() - cast(:older_than as interval) and {ALIVE}
        order by queued_at limit :candidates
    ), wanted as materialized (
        select r.id, r.crashes from zip_run r join candidates using (id)
        where r.status = 'queued' order by r.id limit :limit for no key update of r skip locked
    )
    """
)

# Of each workspace a few, or the longest backlog would take everything; a suspect is for who claims it alone.
PULL_FOR_OTHERS = _claim(
    f"""
    candidates as materialized (
        select id, row_number() over (partition by workspace_id order by queued_at) as place
        from (
            select id, workspace_id, queued_at from zip_run
            where status = 'queued' and queued_at <= now() - cast(:older_than as interval) and crashes = 0
              and workspace_id <> all (cast(:crowded as uuid[])) and {ALIVE}
            order by queued_at limit :candidates
        ) as oldest
    ), wanted as materialized (
        select r.id, r.crashes from zip_run r join candidates c using (id)
        where r.status = 'queued' and c.place <= :each order by r.id limit :limit for no key update of r skip locked
    )
    """
)


async def claim(statements: Statements, run_ids: Iterable[UUID], *, worker_id: UUID, alone: bool = False) -> Claims:
    """Make `worker_id` the owner of those of the runs that are queued; each has at most one winner.

    A run that crashed before is only named, as a suspect, unless it is claimed `alone`: then give its id only.
    """
    ids = sorted(set(run_ids))
    if alone and len(ids) > 1:
        raise ValueError("a run is claimed alone or with others, not both")
    if not ids:
        return Claims([], [], [], None)
    parameters = {"ids": ids, "worker_id": worker_id, "alone": alone, "run_time": RUN_TIME}
    return _claims(await statements.execute(CLAIM, parameters))


async def pull(
    statements: Statements,
    *,
    worker_id: UUID,
    older_than: timedelta,
    limit: int,
) -> Claims:
    """Claim runs that have been queued for `older_than` though nobody rang for them, the oldest first."""
    parameters = {
        "older_than": older_than,
        "limit": limit,
        "candidates": limit * PULL_SPREAD,
        "worker_id": worker_id,
        "alone": False,
        "run_time": RUN_TIME,
    }
    return _claims(await statements.execute(PULL, parameters))


async def pull_for_others(
    statements: Statements,
    *,
    worker_id: UUID,
    crowded: Collection[UUID],
    older_than: timedelta,
    each: int,
    limit: int,
) -> Claims:
    """Claim runs of other workspaces than the `crowded`, at most `each` of one; like `pull`, but without suspects."""
    parameters = {
        "crowded": list(crowded),
        "older_than": older_than,
        "each": each,
        "limit": limit,
        "candidates": limit * PULL_SPREAD,
        "worker_id": worker_id,
        "alone": False,
        "run_time": RUN_TIME,
    }
    return _claims(await statements.execute(PULL_FOR_OTHERS, parameters))


def _claims(claimed: Iterable[Any]) -> Claims:
    rows = list(claimed)
    claims = Claims([], [], [], max((row.claimed_at for row in rows if not row.suspect), default=None))
    for row in rows:
        if row.suspect:
            claims.suspects.append(row.id)
            continue
        try:
            claims.claimed.append(_claimed(row))
        except CursorError:
            claims.unreadable.append((row.id, row.epoch))
    return claims


def _claimed(row: Any) -> Claimed:
    return Claimed(
        run=Run(
            id=row.id,
            root_id=row.root_run_id,
            status="running",
            epoch=row.epoch,
            seq=row.seq,
            cursor=cursor_from_json(row.cursor),
            attempt=row.attempt,
            generation=row.generation,
            crashes=row.crashes,
            waits_for=row.waits_for,
            wake_at=row.wake_at,
            claimed_at=row.claimed_at,
            deadline=row.deadline,
            active_ms=row.active_ms,
        ),
        workspace_id=row.workspace_id,
        zip_id=row.zip_id,
        version_id=row.version_id,
        event_id=row.event_id,
        depth=row.depth,
        created_at=row.created_at,
        fresh=row.fresh,
    )
