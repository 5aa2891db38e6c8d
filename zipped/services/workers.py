"""Workers as others see them: their signs of life, declaring one dead, and who died owning runs."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

ALIVE_WITHIN = 30  # seconds since its last sign of life in which a worker counts as running, for who looks but once

# A heartbeat that could not be written because the server was down is no sign of death: age counts from its start.
SIGNS = text(
    """
    select id, seen_at,
           extract(epoch from clock_timestamp() - greatest(seen_at, pg_postmaster_start_time()))::float8 as age
    from worker where dead_at is null
    """
)

ALIVE = text(
    f"""
    select host, pid from worker
    where dead_at is null and seen_at > clock_timestamp() - interval '{ALIVE_WITHIN} seconds' order by host, pid
    """
)

DECLARE_DEAD = text(
    """
    update worker set dead_at = clock_timestamp()
    where id = :worker_id and dead_at is null and seen_at = :seen_at returning id
    """
)

DEAD_OWNERS = text(
    """
    select distinct r.worker_id from zip_run r
    where r.status = 'running'
      and not exists (select from worker w where w.id = r.worker_id and w.dead_at is null)
    limit :limit
    """
)

FORGET = text(
    """
    delete from worker where id in (
        select id from worker w
        where dead_at < now() - make_interval(secs => :age)
          and not exists (select from zip_run r where r.worker_id = w.id and r.status = 'running')
        limit :limit for update skip locked
    )
    """
)


@dataclass(frozen=True, slots=True)
class Sign:
    """A worker's last sign of life."""

    worker_id: UUID
    #: Its time; only compared with itself, to see whether it moves.
    seen_at: datetime
    #: Seconds, by the database's clock, since it or since the server's start, whichever is later.
    age: float


async def signs_of_life(session: AsyncSession) -> list[Sign]:
    """The last sign of every worker that was not declared dead."""
    return [Sign(row.id, row.seen_at, row.age) for row in await session.execute(SIGNS)]


async def alive(session: AsyncSession) -> list[str]:
    """The workers that are running, as an operator finds them: “host (process 123)”."""
    return [f"{row.host} (process {row.pid})" for row in await session.execute(ALIVE)]


async def declare_dead(session: AsyncSession, sign: Sign) -> bool:
    """Declare the worker dead unless it gave another sign meanwhile or somebody did so already; whether it was done."""
    return await session.scalar(DECLARE_DEAD, {"worker_id": sign.worker_id, "seen_at": sign.seen_at}) is not None


async def dead_owners(session: AsyncSession, *, limit: int) -> list[UUID]:
    """Workers that are dead or unknown and still own running runs."""
    return list(await session.scalars(DEAD_OWNERS, {"limit": limit}))


async def forget_dead(session: AsyncSession, *, age: float, limit: int) -> int:
    """Delete the rows of workers dead for `age` seconds; how many."""
    result = await session.execute(FORGET, {"age": age, "limit": limit})
    return int(result.rowcount)  # type: ignore[attr-defined]
