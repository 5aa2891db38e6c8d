"""What is deleted and dropped, and above all what is not."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import pytest
import structlog
from sqlalchemy import text

from relay.retention import INTERVAL, SOON, Retention
from tests.integration import stored
from tests.integration.stored import StoredZip, make_zip
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


async def test_a_published_day_is_dropped_after_24_hours_and_one_with_an_unpublished_row_never(
    database: Database,
) -> None:
    published, unpublished, yesterday = [await make_day(database, age) for age in (3, 2, 1)]
    await put_old(database, 3, published=True)
    await put_old(database, 2, published=True)
    await put_old(database, 2, published=False)
    await put_old(database, 1, published=True)

    pause = await Retention(database).turn()

    left = await tables(database)
    assert published not in left
    assert {unpublished, yesterday} <= left
    assert await stored.rows(
        database, "select published_at is null, count(*) from zip_outbox group by 1 order by 1"
    ) == [
        (False, 2),
        (True, 1),
    ]
    assert 0.9 * INTERVAL <= pause <= 1.1 * INTERVAL


async def test_a_day_that_somebody_uses_is_left_for_the_next_time_without_waiting(database: Database) -> None:
    name = await make_day(database, 3)
    await put_old(database, 3, published=True)

    async with database.begin() as session:
        await session.execute(text(f"select from {name}"))
        async with asyncio.timeout(5):
            pause = await Retention(database).turn()
    kept = name in await tables(database)
    await Retention(database).turn()

    assert pause == SOON
    assert kept
    assert name not in await tables(database)


async def test_history_goes_by_the_days_of_its_zip_or_its_workspace(database: Database) -> None:
    short, usual = await make_zip(database), await make_zip(database)
    await stored.execute(database, "update zip set retention_days = 5 where id = :id", id=short.zip_id)
    await make_month(database, 40)
    await make_month(database, 20)
    await make_month(database, 6)
    gone = [
        await history(database, short, age=6),
        await history(database, short, age=40, status="dead"),
        await history(database, usual, age=40, status="failed"),
    ]
    kept = [await history(database, short, age=4), await history(database, usual, age=20)]

    await Retention(database).turn()

    left = {run_id for (run_id,) in await stored.rows(database, "select id from zip_run")}
    assert left == {old.run_id for old in kept}
    assert not left & {old.run_id for old in gone}
    assert await counts(database) == dict.fromkeys(HISTORY_TABLES, 2)


@pytest.mark.parametrize("status", ["queued", "running", "waiting"])
async def test_what_is_not_finished_is_kept_however_old_with_its_event_and_its_months(
    database: Database, status: str
) -> None:
    of = await make_zip(database)
    month = await make_month(database, 100)
    await history(database, of, age=100, status=status)
    await history(database, of, age=100)

    await Retention(database).turn()

    assert await counts(database) == dict.fromkeys(HISTORY_TABLES, 1)
    assert {f"event_body{month}", f"step_attempt{month}"} <= await tables(database)


async def test_a_run_that_waited_long_is_kept_from_its_end_on(database: Database) -> None:
    of = await make_zip(database)
    month = await make_month(database, 100)
    await history(database, of, age=100, ended=3)

    await Retention(database).turn()

    assert await counts(database) == dict.fromkeys(HISTORY_TABLES, 1)
    assert f"step_attempt{month}" in await tables(database)


async def test_an_old_month_is_dropped_once_nothing_of_it_is_left(database: Database) -> None:
    of = await make_zip(database)
    month = await make_month(database, 100)
    await history(database, of, age=100)
    await history(database, of, age=0)

    await Retention(database).turn()

    left = await tables(database)
    assert f"event_body{month}" not in left
    assert f"step_attempt{month}" not in left
    assert await counts(database) == dict.fromkeys(HISTORY_TABLES, 1)


async def test_a_month_that_a_zip_still_keeps_is_not_dropped_though_it_is_empty(database: Database) -> None:
    of = await make_zip(database)
    await stored.execute(database, "update zip set retention_days = 365 where id = :id", id=of.zip_id)
    month = await make_month(database, 100)

    await Retention(database).turn()

    assert f"step_attempt{month}" in await tables(database)


async def test_an_event_is_kept_for_its_replay(database: Database) -> None:
    of = await make_zip(database)
    await make_month(database, 40)
    first = await history(database, of, age=40)
    await stored.execute(
        database,
        """
        insert into zip_run (workspace_id, zip_id, version_id, event_id, root_run_id, parent_run_id, status)
        values (:workspace_id, :zip_id, :version_id, :event_id, :first, :first, 'running')
        """,
        workspace_id=of.workspace_id,
        zip_id=of.zip_id,
        version_id=of.version_id,
        event_id=first.event_id,
        first=first.run_id,
    )

    await Retention(database).turn()

    left = await counts(database)
    assert (left["event"], left["event_body"], left["zip_run"], left["step_attempt"]) == (1, 1, 1, 0)


async def test_a_deleted_zip_goes_after_its_history(database: Database) -> None:
    with_history, without, living = [await make_zip(database) for _ in range(3)]
    for of in (with_history, without):
        await stored.execute(
            database, "update zip set deleted_at = now() - interval '31 days' where id = :id", id=of.zip_id
        )
    await history(database, with_history, age=1)

    await Retention(database).turn()

    left = {zip_id for (zip_id,) in await stored.rows(database, "select id from zip")}
    assert left == {with_history.zip_id, living.zip_id}


async def test_what_expires_by_itself_is_deleted_in_time_and_not_before(database: Database) -> None:
    of = await make_zip(database)
    await stored.execute(
        database,
        """
        with d as (
            insert into dedupe (trigger_id, key, workspace_id, event_id, run_id, body_sha256, expires_at)
            select :trigger_id, key, :workspace_id, uuidv7(), uuidv7(), '', now() + shift
            from (values ('old', interval '-1 second'), ('new', interval '1 minute')) v(key, shift)
        ), i as (
            insert into idempotency_key (workspace_id, action, key, input_sha256, subject_id, created_at)
            select :workspace_id, 'createZip', key, '', uuidv7(), now() + shift
            from (values ('old', interval '-8 days'), ('new', interval '-6 days')) v(key, shift)
        ), w as (
            insert into worker (host, pid, version, dead_at)
            select host, 1, '0', now() + shift
            from (values ('old', interval '-8 days'), ('new', interval '-6 days'), ('alive', null)) v(host, shift)
        ), t as (
            insert into event_tally (trigger_id, hour, outcome, workspace_id)
            select :trigger_id, now() + shift, 'throttled', :workspace_id
            from (values (interval '-31 days'), (interval '-29 days')) v(shift)
        )
        insert into poison (topic, partition, "offset", sha256, raw, error, seen_at)
        select 'zip-execution', 0, 1, convert_to(key, 'UTF8'), '', key, now() + shift
        from (values ('old', interval '-31 days'), ('new', interval '-29 days')) v(key, shift)
        """,
        trigger_id=of.trigger_id,
        workspace_id=of.workspace_id,
    )

    await Retention(database).turn()

    assert await stored.rows(database, "select key from dedupe") == [("new",)]
    assert await stored.rows(database, "select key from idempotency_key") == [("new",)]
    assert await stored.rows(database, "select host from worker order by host") == [("alive",), ("new",)]
    assert await stored.rows(database, "select error from poison") == [("new",)]
    assert await stored.rows(database, "select count(*) from event_tally") == [(1,)]


async def test_a_session_that_ended_long_ago_is_deleted(database: Database) -> None:
    await stored.execute(
        database,
        """
        with u as (
            insert into "user" (email, email_key, name, password_hash) values ('a@b.c', 'a@b.c', 'A', '') returning id
        )
        insert into session (user_id, refresh_hash, expires_at, revoked_at, user_agent, ip)
        select u.id, convert_to(name, 'UTF8'), now() + expires, now() + revoked, name, ''
        from u, (values ('expired', interval '-31 days', null), ('revoked', interval '1 day', interval '-31 days'),
                        ('recent', interval '-29 days', null), ('open', interval '1 day', null)
        ) v(name, expires, revoked)
        """,
    )

    await Retention(database).turn()

    assert await stored.rows(database, "select user_agent from session order by 1") == [("open",), ("recent",)]


async def test_partitions_are_made_ahead(database: Database) -> None:
    (day, month) = await stored.one(
        database,
        "select 'zip_outbox' || to_char(now() at time zone 'UTC' + interval '7 days', '_YYYY_MM_DD'), "
        "'event_body' || to_char(date_trunc('month', now() at time zone 'UTC') + interval '2 months', '_YYYY_MM')",
    )
    await stored.execute(database, f"drop table {day}")
    await stored.execute(database, f"drop table {month}")

    await Retention(database).turn()

    assert {day, month} <= await tables(database)


async def test_rows_in_a_default_partition_are_told_and_stop_no_other_partition_from_being_made(
    database: Database,
) -> None:
    (today, last) = await stored.one(
        database,
        "select 'zip_outbox' || to_char(now() at time zone 'UTC', '_YYYY_MM_DD'), "
        "'zip_outbox' || to_char(now() at time zone 'UTC' + interval '7 days', '_YYYY_MM_DD')",
    )
    await stored.execute(database, f"drop table {today}")
    await stored.execute(database, f"drop table {last}")
    await put_old(database, 0, published=False)  # nobody made its day: it lands in the default partition
    retention = Retention(database)

    with structlog.testing.capture_logs() as logs:
        await retention.turn()
    first = await tables(database)
    await stored.execute(database, "update zip_outbox set published_at = now()")
    await retention.turn()

    assert [(line["event"], line["table"]) for line in logs if line["log_level"] == "warning"] == [
        ("partition.default_not_empty", "zip_outbox_default")
    ]
    assert last in first
    assert today not in first
    assert today in await tables(database)  # once its rows were published they went, and the day could be made
    assert await stored.rows(database, "select count(*) from zip_outbox") == [(0,)]


async def test_more_than_a_batch_goes_batch_by_batch(database: Database) -> None:
    of = await make_zip(database)
    await stored.execute(
        database,
        """
        insert into dedupe (trigger_id, key, workspace_id, event_id, run_id, body_sha256, expires_at)
        select :trigger_id, n::text, :workspace_id, uuidv7(), uuidv7(), '', now() from generate_series(1, 1234) n
        """,
        trigger_id=of.trigger_id,
        workspace_id=of.workspace_id,
    )

    await Retention(database).turn()

    assert await stored.rows(database, "select count(*) from dedupe") == [(0,)]
