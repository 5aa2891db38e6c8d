"""The hub: everybody is told once, together, whoever rings, reads slowly or comes back."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from api.watch.hub import Hub
from api.watch.subscriber import Restarted
from tests.fixtures.waiting import until
from tests.integration.stored import make_runs, make_zip
from tests.integration.watch.following import following, ring
from tests.integration.watch.reading import moment, watched, write
from zipped.db import Database
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.services import run_updates
from zipped.services.run_cursor import Cursor
from zipped.services.run_updates import MAX_AGE, Kind


@pytest.mark.parametrize("kind", ["zip", "workspace"])
async def test_a_list_says_where_it_begins_and_then_what_changes(hub: Hub, database: Database, kind: Kind) -> None:
    hub.hears(True)
    stored, other = await make_zip(database), await make_zip(database)
    before, run_id = await make_runs(database, stored, 2)
    [elsewhere] = await make_runs(database, other)

    async with following(hub, watched(stored, kind)) as follower:
        await follower.begun()
        await write(database, run_id, elsewhere)
        ring(hub, stored, run_id)
        await follower.until(lambda one: bool(one.changes))

        assert follower.restarts == ["started"]
        assert follower.told == [(run_id, 1)]
        assert before not in dict(follower.told)
        assert len(set(follower.cursors)) == 2


async def test_a_run_is_told_as_it_is_and_then_as_it_changes(hub: Hub, database: Database) -> None:
    hub.hears(True)
    stored = await make_zip(database)
    run_id, other = await make_runs(database, stored, 2)

    async with following(hub, watched(stored, "run", run_id)) as follower:
        await follower.begun()
        await write(database, other)
        ring(hub, stored, other)
        await write(database, run_id, status="succeeded")
        ring(hub, stored, run_id)
        await follower.until(lambda one: len(one.updates) > 1)

        assert follower.told == [(run_id, 0), (run_id, 1)]
        assert [change.run.status for change in follower.changes] == ["queued", "succeeded"]


async def test_without_a_ring_everything_watched_is_looked_at(hub: Hub, database: Database) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)

    async with (
        following(hub, watched(stored)) as of_zip,
        following(hub, watched(stored, "workspace")) as of_workspace,
        following(hub, watched(stored, "run", run_id)) as of_run,
    ):
        for follower in (of_zip, of_workspace, of_run):
            await follower.begun()
        await write(database, run_id)

        for follower in (of_zip, of_workspace, of_run):
            await follower.until(lambda one: (run_id, 1) in one.told)


async def test_from_every_cursor_on_the_rest_is_told_and_nothing_else(hub: Hub, database: Database) -> None:
    stored = await make_zip(database)
    run_ids = await make_runs(database, stored, 12)
    async with following(hub, watched(stored)) as first:
        await first.begun()
        await write(database, *run_ids[:5])  # told together, in one reading
        await write(database, run_ids[5])
        await first.until(lambda one: len(one.changes) == 6)
        await write(database, *run_ids[6:])
        await first.until(lambda one: len(one.changes) == 12)

    for position, cursor in enumerate(first.cursors):
        async with following(hub, watched(stored), cursor) as again:
            await again.until(lambda one, left=12 - position: len(one.changes) >= left)  # type: ignore[misc]
            assert again.told == first.told[position:]
            assert again.restarts == []
    assert len({cursor.encode() for cursor in first.cursors}) == 13


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"database": b"anothers"}, "other_database"),
        ({"at": -MAX_AGE - 1}, "too_old"),
    ],
)
@pytest.mark.parametrize("kind", ["zip", "workspace", "run"])
async def test_a_cursor_of_no_use_begins_anew(
    hub: Hub, database: Database, kind: Kind, change: dict[str, Any], reason: str
) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    now = await moment(database)
    cursor = replace(now.cursor, **{name: now.at + v if name == "at" else v for name, v in change.items()})

    async with following(hub, watched(stored, kind, run_id), cursor) as follower:
        await follower.until(lambda one: len(one.updates) == (2 if kind == "run" else 1))
        await write(database, run_id)
        await follower.until(lambda one: (run_id, 1) in one.told)

        assert isinstance(follower.updates[0], Restarted)
        assert follower.restarts == [reason]
        assert len(set(follower.cursors)) == len(follower.cursors)
        if kind == "run":
            assert follower.told == [(run_id, 0), (run_id, 1)]  # a run itself is there to be told
        async with following(hub, watched(stored, kind, run_id), follower.cursors[0]) as again:
            await again.until(lambda one: (run_id, 1) in one.told)
            assert again.restarts == []


async def test_a_database_that_was_exchanged_under_it_begins_everybody_anew(hub: Hub, database: Database) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    async with following(hub, watched(stored)) as follower:
        await follower.begun()
        await until(lambda: follower.subscriber.live)
        # As after a failover: what it read last was of another history.
        assert hub._latest is not None
        hub._latest = replace(hub._latest, database=b"anothers")
        await follower.until(lambda one: len(one.restarts) == 2)
        await write(database, run_id)
        await follower.until(lambda one: bool(one.changes))

        assert follower.restarts == ["started", "other_database"]
        assert follower.told == [(run_id, 1)]


async def test_while_the_database_is_away_watchers_stay_and_then_hear_what_they_missed(
    hub: Hub, database: Database, database_url: str, postgres: EmbeddedPostgres
) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    name = database_url.partition("?")[0].rpartition("/")[2]

    async with following(hub, watched(stored)) as follower:
        await follower.begun()
        await write(database, run_id)
        postgres.sql(f"alter database {name} with allow_connections false", database="postgres")
        postgres.sql(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}' "
            "and application_name = 'tests-watch'",
            database="postgres",
        )
        ring(hub, stored, run_id)
        await until(lambda: hub._outage.away)
        async with following(hub, watched(stored, "run", run_id)) as comes_now:
            postgres.sql(f"alter database {name} with allow_connections true", database="postgres")
            await comes_now.until(lambda one: bool(one.changes))
        await follower.until(lambda one: bool(one.changes))

        assert follower.told == [(run_id, 1)]
        assert follower.restarts == ["started"]


async def test_while_a_migration_holds_the_table_watchers_stay(hub: Hub, database: Database) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    async with following(hub, watched(stored)) as follower:
        await follower.begun()
        await write(database, run_id)
        async with database.begin() as migration:
            await migration.execute(text("lock table zip_run in access exclusive mode"))
            ring(hub, stored, run_id)
            await until(lambda: hub._outage.away)  # it waits 2 s for a lock
        await follower.until(lambda one: (run_id, 1) in one.told)

        assert follower.restarts == ["started"]


async def test_who_can_not_be_read_for_harms_nobody_else(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, cursed = await make_zip(database), await make_zip(database)
    [run_id] = await make_runs(database, stored)
    read = run_updates.read

    async def breaks(session: Any, wanted: Sequence[tuple[Any, Cursor]], **rest: Any) -> Any:
        if any(subject.id == cursed.zip_id for subject, _ in wanted):
            raise ZeroDivisionError("the secret is 42")
        return await read(session, wanted, **rest)

    monkeypatch.setattr(run_updates, "read", breaks)
    async with following(hub, watched(stored)) as follower:
        cursor = (await moment(database)).cursor
        with hub.follow(watched(cursed), cursor) as broken, pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(20):
                await anext(broken.updates())
        await follower.begun()
        await write(database, run_id)
        await follower.until(lambda one: bool(one.changes))

        assert follower.told == [(run_id, 1)]
