"""The hub: everybody is told once, together, whoever rings, reads slowly or comes back."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from api.watch import hub as hubs
from api.watch.hub import Hub
from api.watch.subscriber import LIMIT, Changed, Restarted, Subscriber
from tests.integration.stored import StoredZip, make_runs, make_zip, rows
from tests.integration.watch.following import Follower, following, until
from tests.integration.watch.reading import moment, watched, write
from zipped.db import Database
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.services import run_updates
from zipped.services.run_cursor import Cursor
from zipped.services.run_updates import MAX_AGE, Kind

RUNS = 700  # almost three mailboxes


def ring(hub: Hub, stored: StoredZip, run_id: UUID) -> None:
    """What a message about the run does."""
    hub.ring(run_id=run_id, zip_id=stored.zip_id, workspace_id=stored.workspace_id)


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


async def test_who_comes_back_again_and_again_misses_nothing_and_hears_nothing_twice(
    hub: Hub, database: Database
) -> None:
    stored = await make_zip(database)
    run_ids = await make_runs(database, stored, 200)
    seed = random.randrange(1 << 30)
    begin = (await moment(database)).cursor
    done = asyncio.Event()

    async def come_and_go(chance: random.Random) -> list[tuple[UUID, int]]:
        told: list[tuple[UUID, int]] = []
        cursor = begin
        while not done.is_set() or dict(told) != final:
            patience = chance.randint(1, 30)
            with hub.follow(watched(stored), cursor) as subscriber, suppress(TimeoutError):
                async with asyncio.timeout(1), aclosing(subscriber.updates()) as updates:
                    async for update in updates:
                        assert isinstance(update, Changed)
                        told.append((update.run.id, update.run.seq))
                        cursor = update.cursor
                        patience -= 1
                        if patience == 0:
                            break  # the socket is gone, in the middle of what waited
        return told

    final: dict[UUID, int] = {}

    async def keep_writing() -> None:
        chance = random.Random(seed)
        for _ in range(300):
            batch = chance.sample(run_ids, k=chance.choice((1, 3, 10, 40)))
            await write(database, *batch)
            ring(hub, stored, batch[0])
        final.update(await rows(database, "select id, seq from zip_run where seq > 0"))
        done.set()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        comers = [group.create_task(come_and_go(random.Random(seed + n))) for n in range(1, 6)]
        group.create_task(keep_writing())

    for comer in comers:
        told = comer.result()
        assert dict(told) == final, f"missed, seed {seed}"
        assert len(set(told)) == len(told), f"told twice, seed {seed}"


async def test_a_thousand_that_do_not_read_hold_little_and_then_get_everything(hub: Hub, database: Database) -> None:
    stored = await make_zip(database)
    run_ids = await make_runs(database, stored, RUNS)
    begin = (await moment(database)).cursor
    with hub.follow(watched(stored), begin) as quick:
        idle = [hub.follow(watched(stored), begin) for _ in range(1000)]
        sleepers = [one.__enter__() for one in idle]
        reading = [asyncio.create_task(first_of(sleeper)) for sleeper in sleepers]
        follower = Follower(quick)
        task = asyncio.create_task(follower.read())
        await until(lambda: all(one.live for one in (quick, *sleepers)))
        # Each takes one update and then reads no more, as one whose client does.
        for chunk in range(0, RUNS, 100):
            await write(database, *run_ids[chunk : chunk + 100])
            ring(hub, stored, run_ids[chunk])
            await follower.until(lambda one, so_far=chunk + 100: len(one.changes) >= so_far)  # type: ignore[misc]
            assert max(sleeper.queued for sleeper in sleepers) <= LIMIT
        assert len(follower.told) == len(set(follower.told)) == RUNS  # the slow harmed nobody
        assert not any(sleeper.live for sleeper in sleepers)

        streams = [await one for one in reading]
        everything = await asyncio.gather(*(rest_of(stream, told, RUNS) for stream, told in streams))

        expected = {(run_id, 1) for run_id in run_ids}
        assert all(len(told) == RUNS and set(told) == expected for told in everything)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for one in idle:
            one.__exit__(None, None, None)
    assert hub.topics == 0


async def first_of(subscriber: Subscriber) -> tuple[Any, list[tuple[UUID, int]]]:
    stream = subscriber.updates()
    update = await anext(stream)
    assert isinstance(update, Changed)
    return stream, [(update.run.id, update.run.seq)]


async def rest_of(stream: Any, told: list[tuple[UUID, int]], count: int) -> list[tuple[UUID, int]]:
    async with asyncio.timeout(60):
        while len(told) < count:
            update = await anext(stream)
            told.append((update.run.id, update.run.seq))
    await stream.aclose()
    return told


async def test_more_at_once_than_a_mailbox_holds_is_told_in_pages(hub: Hub, database: Database) -> None:
    stored = await make_zip(database)
    run_ids = await make_runs(database, stored, 3 * LIMIT + 7)

    async with following(hub, watched(stored)) as follower:
        await follower.begun()
        await write(database, *run_ids)
        await follower.until(lambda one: len(one.changes) >= len(run_ids))
        await write(database, run_ids[0])
        await follower.until(lambda one: len(one.changes) > len(run_ids))

        assert follower.told == [*((run_id, 1) for run_id in run_ids), (run_ids[0], 2)]
        assert len(set(follower.cursors)) == len(follower.cursors)


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


async def test_who_can_not_be_read_for_harms_nobody_else(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, cursed = await make_zip(database), await make_zip(database)
    [run_id] = await make_runs(database, stored)
    read = run_updates.changes

    async def breaks(session: Any, wanted: Sequence[tuple[Any, Cursor]], **rest: Any) -> Any:
        if any(subject.id == cursed.zip_id for subject, _ in wanted):
            raise ZeroDivisionError("the secret is 42")
        return await read(session, wanted, **rest)

    monkeypatch.setattr(run_updates, "changes", breaks)
    async with following(hub, watched(stored)) as follower:
        cursor = (await moment(database)).cursor
        with hub.follow(watched(cursed), cursor) as broken, pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(20):
                await anext(broken.updates())
        await follower.begun()
        await write(database, run_id)
        await follower.until(lambda one: bool(one.changes))

        assert follower.told == [(run_id, 1)]


async def test_one_reading_in_20_ms_serves_everybody(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.hears(True)
    zips = [await make_zip(database) for _ in range(5)]
    run_ids = [(await make_runs(database, stored))[0] for stored in zips]
    readings: list[float] = []
    now = run_updates.now
    loop = asyncio.get_running_loop()

    async def counted(session: Any) -> Any:
        readings.append(loop.time())
        return await now(session)

    monkeypatch.setattr(run_updates, "now", counted)
    contexts = [following(hub, watched(stored)) for stored in zips for _ in range(20)]
    followers = [await context.__aenter__() for context in contexts]
    await until(lambda: all(one.subscriber.live for one in followers))
    readings.clear()
    began = loop.time()
    for _ in range(40):
        for stored, run_id in zip(zips, run_ids, strict=True):
            await write(database, run_id)
            ring(hub, stored, run_id)
    for follower in followers:
        await follower.until(lambda one: one.told[-1:] != [] and one.told[-1][1] == 40)
    took = loop.time() - began

    # 200 rings and 100 watchers: no more readings than the time had room for.
    assert len(readings) <= took / hubs.INTERVAL + 1
    for context in contexts:
        await context.__aexit__(None, None, None)
    assert hub.topics == 0


async def test_nobody_watching_means_nothing_is_read(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    async with following(hub, watched(stored)) as follower:
        await follower.begun()
    assert hub.topics == 0

    async def never(session: Any) -> Any:
        raise AssertionError("read for nobody")

    monkeypatch.setattr(run_updates, "now", never)
    ring(hub, stored, run_id)
    hub.ring_all()

    assert not hub._rung
    assert not hub._asking
