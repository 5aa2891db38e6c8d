"""What runs out by itself: keys, dead workers, poison, tallies, the audit, sessions."""

from relay.retention import Retention
from tests.integration import stored
from tests.integration.stored import make_zip
from zipped.db import Database


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
        ), a as (
            insert into audit (id, action)
            select zipped_uuid_floor(now() + shift), key
            from (values ('old', interval '-366 days'), ('new', interval '-364 days')) v(key, shift)
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
    assert await stored.rows(database, "select action from audit") == [("new",)]


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
