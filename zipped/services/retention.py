"""Deletes what is no longer kept, in small batches that hold nobody up.

A run and its event are kept for as many days as their zip says, or its workspace; counted from its end, for one that
waited long must not vanish with its result. What is not finished is never touched, nor is an event that a run still
refers to.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

FALLBACK_DAYS = 30  # for history whose workspace is gone
POISON_DAYS = 30
KEY_DAYS = 7  # that a mutation may be sent again under its idempotency key
SESSION_DAYS = 30  # after it ended
AUDIT_DAYS = 365

# One step from zip to zip along the index: a plain distinct would read every event.
HISTORIES = text(
    f"""
    with recursive kept (zip_id) as (
        (select zip_id from event order by zip_id limit 1)
        union all
        select (select zip_id from event where zip_id > kept.zip_id order by zip_id limit 1)
        from kept where kept.zip_id is not null
    )
    select kept.zip_id, coalesce(z.retention_days, w.retention_days, {FALLBACK_DAYS}) as days
    from kept left join zip z on z.id = kept.zip_id left join workspace w on w.id = z.workspace_id
    where kept.zip_id is not null
    """
)

OLD_RUNS = text(
    """
    select id from zip_run
    where zip_id = :zip_id and id < zipped_uuid_floor(now() - make_interval(days => :days))
      and status in ('succeeded', 'failed', 'cancelled', 'dead')
      and finished_at < now() - make_interval(days => :days)
    order by id limit :limit for update skip locked
    """
)

OLD_EVENTS = text(
    """
    select e.id from event e
    where e.zip_id = :zip_id and e.id < zipped_uuid_floor(now() - make_interval(days => :days))
      and not exists (select from zip_run r where r.id = e.run_id)
      and not exists (select from zip_run r where r.event_id = e.id and r.root_run_id <> r.id)
    order by e.id limit :limit for update skip locked
    """
)

# With the ids as an array each partition is left out or entered by its index, whatever is known of its size.
RUN_PARTS = [
    text("delete from step_attempt where run_id = any(:ids)"),
    text("delete from wait where run_id = any(:ids)"),
    text("delete from run_response where run_id = any(:ids)"),
    text("delete from zip_run where id = any(:ids)"),
]
EVENT_PARTS = [
    text("delete from event_body where event_id = any(:ids)"),
    text("delete from event where id = any(:ids)"),
]

DELETED_ZIPS = text(
    """
    delete from zip where id in (
        select z.id from zip z join workspace w on w.id = z.workspace_id
        where z.deleted_at < now() - make_interval(days => coalesce(z.retention_days, w.retention_days))
          and not exists (select from zip_run r where r.zip_id = z.id)
          and not exists (select from event e where e.zip_id = z.id)
        limit :limit for update of z skip locked
    )
    """
)


def _expired(table: str, condition: str) -> str:
    return (
        f"delete from {table} where ctid = any (array("
        f"select ctid from {table} where {condition} limit :limit for update skip locked))"
    )


#: What expires by its own time, whoever it belongs to.
EXPIRED = {
    "step_test": text(
        _expired(
            "step_test",
            """tested_at < now() - make_interval(days => (
                select coalesce(z.retention_days, w.retention_days)
                from zip z join workspace w on w.id = z.workspace_id where z.id = step_test.zip_id
            ))""",
        )
    ),
    "dedupe": text(_expired("dedupe", "expires_at < now()")),
    "idempotency_key": text(_expired("idempotency_key", f"created_at < now() - interval '{KEY_DAYS} days'")),
    "poison": text(_expired("poison", f"seen_at < now() - interval '{POISON_DAYS} days'")),
    "session": text(
        _expired("session", f"least(expires_at, revoked_at) < now() - interval '{SESSION_DAYS} days'"),
    ),
    # Its ids are of the time they were made at, and have an index.
    "audit": text(_expired("audit", f"id < zipped_uuid_floor(now() - interval '{AUDIT_DAYS} days')")),
    "event_tally": text(
        _expired(
            "event_tally",
            f"""hour < now() - make_interval(days => coalesce((
                select coalesce(z.retention_days, w.retention_days)
                from trigger g join zip z on z.id = g.zip_id join workspace w on w.id = z.workspace_id
                where g.id = event_tally.trigger_id
            ), {FALLBACK_DAYS}))""",
        )
    ),
}


@dataclass(frozen=True, slots=True)
class History:
    """A zip that has events, and for how many days they are kept."""

    zip_id: UUID
    days: int


async def histories(session: AsyncSession) -> list[History]:
    """Every zip with events, those of deleted zips and workspaces too."""
    return [History(row.zip_id, row.days) for row in await session.execute(HISTORIES)]


async def delete_runs(session: AsyncSession, history: History, *, limit: int) -> int:
    """Delete at most `limit` finished runs that are kept no longer, with all that belongs to them; how many."""
    return await _delete(session, OLD_RUNS, RUN_PARTS, history, limit)


async def delete_events(session: AsyncSession, history: History, *, limit: int) -> int:
    """Delete at most `limit` events that are kept no longer and that no run refers to, with their bodies; how many."""
    return await _delete(session, OLD_EVENTS, EVENT_PARTS, history, limit)


async def delete_expired(session: AsyncSession, table: str, *, limit: int) -> int:
    """Delete at most `limit` rows of one of EXPIRED; how many."""
    result = await session.execute(EXPIRED[table], {"limit": limit})
    return int(result.rowcount)  # type: ignore[attr-defined]


async def delete_zips(session: AsyncSession, *, limit: int) -> int:
    """Delete at most `limit` zips that their authors deleted and whose history is gone; how many."""
    result = await session.execute(DELETED_ZIPS, {"limit": limit})
    return int(result.rowcount)  # type: ignore[attr-defined]


async def _delete(
    session: AsyncSession, find: TextClause, parts: list[TextClause], history: History, limit: int
) -> int:
    found = await session.scalars(find, {"zip_id": history.zip_id, "days": history.days, "limit": limit})
    ids = list(found)
    if ids:
        for statement in parts:
            await session.execute(statement, {"ids": ids})
    return len(ids)
