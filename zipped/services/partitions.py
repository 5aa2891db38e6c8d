"""Partitions: made ahead of time, and dropped when nothing in them is needed any more.

Dropping one takes the parent table for itself for a moment, and whoever comes waits behind. So no drop waits longer
than a fifth of a second for that; it is tried again another time.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

LOCK_WAIT = "200ms"
OUTBOX_KEPT = 24  # hours after its end that a fully published day is kept
DEFAULTS = ("event_body_default", "step_attempt_default", "zip_outbox_default")

SHORT_WAIT = text(f"select set_config('lock_timeout', '{LOCK_WAIT}', true)")

MAKE = text("select zipped_make_partitions(now())")

# Names are those that zipped_make_partitions gives; a partition by any other name is not ours to drop.
OLD_DAYS = text(
    rf"""
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'zip_outbox'::regclass and c.relname ~ '^zip_outbox_\d{{4}}_\d\d_\d\d$'
      and to_date(right(c.relname, 10), 'YYYY_MM_DD') + interval '1 day'
          <= now() at time zone 'UTC' - interval '{OUTBOX_KEPT} hours'
    order by c.relname
    """
)

# Months that ended longer ago than anything is kept.
OLD_MONTHS = text(
    r"""
    select p.relname as parent, c.relname as name, bounds.floor, bounds.ceiling
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    join pg_class p on p.oid = i.inhparent
    cross join lateral (select to_date(right(c.relname, 7), 'YYYY_MM') as month) m
    cross join lateral (
        select zipped_uuid_floor(m.month::timestamp at time zone 'UTC') as floor,
               zipped_uuid_floor((m.month + interval '1 month') at time zone 'UTC') as ceiling
    ) bounds
    where i.inhparent in ('event_body'::regclass, 'step_attempt'::regclass) and c.relname ~ '_\d{4}_\d\d$'
      and (m.month + interval '1 month') at time zone 'UTC' < now() - make_interval(days => (
          select greatest(max(w.retention_days), (select max(retention_days) from zip), 1) from workspace w))
    order by c.relname
    """
)

UNFINISHED = "status in ('queued', 'running', 'waiting')"

#: Whether anything still stands for what a month holds; every run and event is deleted on its own before.
NEEDED = {
    "event_body": text(
        f"""
        select exists (select from event where id >= :floor and id < :ceiling)
            or exists (select from zip_run where {UNFINISHED} and event_id >= :floor and event_id < :ceiling)
        """
    ),
    "step_attempt": text("select exists (select from zip_run where id >= :floor and id < :ceiling)"),
}


@dataclass(frozen=True, slots=True)
class Month:
    """A month of one partitioned table, as a range of version 7 UUIDs."""

    parent: str
    name: str
    floor: str
    ceiling: str


async def make(session: AsyncSession) -> int:
    """Make the partitions of the time ahead that are missing; how many."""
    await session.execute(SHORT_WAIT)
    return int(await session.scalar(MAKE) or 0)


async def old_outbox_days(session: AsyncSession) -> list[str]:
    """Names of the outbox days that ended more than 24 hours ago, the oldest first."""
    return list(await session.scalars(OLD_DAYS))


async def drop_outbox_day(session: AsyncSession, name: str) -> bool:
    """Drop the day if all of it is published; whether it was dropped."""
    await session.execute(SHORT_WAIT)
    # Taken before looking: nothing may be written between the look and the drop.
    await session.execute(text(f"lock table {name} in access exclusive mode"))
    if await session.scalar(text(f"select exists (select from {name} where published_at is null)")):
        return False
    await session.execute(text(f"drop table {name}"))
    return True


async def old_months(session: AsyncSession) -> list[Month]:
    """Months of event bodies and step attempts that ended longer ago than any zip keeps its history."""
    rows = await session.execute(OLD_MONTHS)
    return [Month(row.parent, row.name, row.floor, row.ceiling) for row in rows]


async def drop_month(session: AsyncSession, month: Month) -> bool:
    """Drop the month if no run or event of it is left; whether it was dropped."""
    await session.execute(SHORT_WAIT)
    await session.execute(text(f"lock table {month.name} in access exclusive mode"))
    if await session.scalar(NEEDED[month.parent], {"floor": month.floor, "ceiling": month.ceiling}):
        return False
    await session.execute(text(f"drop table {month.name}"))
    return True


async def filled_defaults(session: AsyncSession) -> list[str]:
    """Default partitions that hold rows: something was written that no partition was made for."""
    return [name for name in DEFAULTS if await session.scalar(text(f"select exists (select from {name})"))]


async def empty_outbox_default(session: AsyncSession, *, limit: int) -> int:
    """Delete published rows from the outbox's default partition, which keeps its day from being made; how many."""
    result = await session.execute(
        text(
            "delete from zip_outbox_default where ctid = any (array(select ctid from zip_outbox_default "
            "where published_at is not null limit :limit for update skip locked))"
        ),
        {"limit": limit},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
