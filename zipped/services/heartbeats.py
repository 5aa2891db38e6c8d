"""A worker's own row: that it lives, and which runs it owns. Who declares others dead is the sweeper, not this."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

REGISTER = text(
    """
    insert into worker (host, pid, version) values (:host, :pid, :version) returning id, clock_timestamp() as now
    """
)

BEAT = text(
    """
    update worker set seen_at = clock_timestamp(), draining = :draining
    where id = :worker_id and dead_at is null returning clock_timestamp()
    """
)

OWNED = text("select id, epoch from zip_run where worker_id = :worker_id and status = 'running'")

LEAVE = text("update worker set draining = true, dead_at = clock_timestamp() where id = :worker_id and dead_at is null")


@dataclass(frozen=True, slots=True)
class Registered:
    """A new worker's id, and the database's time."""

    worker_id: UUID
    now: datetime


async def register(session: AsyncSession, *, host: str, pid: int, version: str) -> Registered:
    """Make a row for a worker that starts; each start is a worker of its own."""
    row = (await session.execute(REGISTER, {"host": host, "pid": pid, "version": version})).one()
    return Registered(row.id, row.now)


async def beat(session: AsyncSession, worker_id: UUID, *, draining: bool) -> datetime | None:
    """Say that the worker lives, and get the database's time; None: it was declared dead and must not write again."""
    now: datetime | None = await session.scalar(BEAT, {"worker_id": worker_id, "draining": draining})
    return now


async def owned(session: AsyncSession, worker_id: UUID) -> set[tuple[UUID, int]]:
    """The runs that are running in the worker's name, each with the epoch of its claim."""
    return {(row.id, row.epoch) for row in await session.execute(OWNED, {"worker_id": worker_id})}


async def leave(session: AsyncSession, worker_id: UUID) -> None:
    """Say that the worker is gone; what it still owns is taken from it at once."""
    await session.execute(LEAVE, {"worker_id": worker_id})
