"""History as it would be had it begun days ago, with its partitions."""

from dataclasses import dataclass
from uuid import UUID

from tests.integration import stored
from tests.integration.stored import StoredZip
from zipped.db import Database

#: PostgreSQL's uuidv7 takes a shift: ids as they were made so many days ago.
MAKE_HISTORY = """
    with ids as materialized (
        select uuidv7(make_interval(days => -cast(:age as int))) as event_id,
               uuidv7(make_interval(days => -cast(:age as int))) as run_id
    ), e as (
        insert into event (id, workspace_id, zip_id, trigger_id, outcome, method, headers, body_size, run_id)
        select event_id, :workspace_id, :zip_id, :trigger_id, 'accepted', 'POST', '[]', 2, run_id from ids
    ), b as (
        insert into event_body (event_id, workspace_id, body) select event_id, :workspace_id, '{}' from ids
    ), a as (
        insert into step_attempt (run_id, step_id, attempt, generation, workspace_id, epoch, effect, status,
                                  idempotency_key)
        select run_id, 'call', 1, 0, :workspace_id, 1, 'pure', 'succeeded', 'KEY' from ids
    ), w as (
        insert into wait (workspace_id, run_id, step_id, kind) select :workspace_id, run_id, 'call', 'delay' from ids
    ), p as (
        insert into run_response (run_id, workspace_id, status, headers, body)
        select run_id, :workspace_id, 200, '', '' from ids
    )
    insert into zip_run (id, workspace_id, zip_id, version_id, event_id, root_run_id, status, finished_at)
    select run_id, :workspace_id, :zip_id, :version_id, event_id, run_id, :status,
           now() - make_interval(days => cast(:ended as int))
    from ids returning id, event_id
"""


HISTORY_TABLES = ("zip_run", "step_attempt", "wait", "run_response", "event", "event_body")


@dataclass(frozen=True)
class Old:
    run_id: UUID
    event_id: UUID


async def history(
    database: Database, of: StoredZip, *, age: int, status: str = "succeeded", ended: int | None = None
) -> Old:
    """A run that began `age` days ago, with everything that belongs to one; it ended then too, or `ended` days ago."""
    row = await stored.one(
        database,
        MAKE_HISTORY,
        age=age,
        status=status,
        ended=None if status in ("queued", "running", "waiting") else age if ended is None else ended,
        workspace_id=of.workspace_id,
        zip_id=of.zip_id,
        trigger_id=of.trigger_id,
        version_id=of.version_id,
    )
    return Old(*row)


async def counts(database: Database) -> dict[str, int]:
    found = {}
    for table in HISTORY_TABLES:
        (found[table],) = await stored.one(database, f"select count(*) from {table}")
    return found


async def make_month(database: Database, days_ago: int) -> str:
    """The months of event bodies and step attempts that day lies in, as they were made at the time; their ending."""
    (suffix,) = await stored.one(
        database, "select to_char((now() - make_interval(days => :age)) at time zone 'UTC', '_YYYY_MM')", age=days_ago
    )
    for parent in ("event_body", "step_attempt"):
        await stored.execute(
            database,
            """
            with m as (select date_trunc('month', now() at time zone 'UTC' - make_interval(days => :age)) as start)
            select zipped_attach_partition(
                :parent, :parent || :suffix, zipped_uuid_floor(start at time zone 'UTC')::text,
                zipped_uuid_floor((start + interval '1 month') at time zone 'UTC')::text
            ) from m
            """,
            age=days_ago,
            parent=parent,
            suffix=suffix,
        )
    return str(suffix)


async def make_day(database: Database, days_ago: int) -> str:
    """The outbox's partition of that day; its name."""
    (name,) = await stored.one(
        database,
        "select 'zip_outbox' || to_char((now() at time zone 'UTC') - make_interval(days => :age), '_YYYY_MM_DD')",
        age=days_ago,
    )
    await stored.execute(
        database,
        """
        with d as (select date_trunc('day', now() at time zone 'UTC' - make_interval(days => :age)) as start)
        select zipped_attach_partition('zip_outbox', :name, (start at time zone 'UTC')::text,
                                       ((start + interval '1 day') at time zone 'UTC')::text) from d
        """,
        age=days_ago,
        name=name,
    )
    return str(name)


async def put_old(database: Database, days_ago: int, *, published: bool) -> None:
    await stored.execute(
        database,
        """
        insert into zip_outbox (created_at, topic, key, body, published_at)
        select moment, 'zip-execution', 'key', '', case when :published then moment end
        from (select now() - make_interval(days => :age) as moment) m
        """,
        age=days_ago,
        published=published,
    )


async def tables(database: Database) -> set[str]:
    return {name for (name,) in await stored.rows(database, "select relname from pg_class where relkind = 'r'")}
