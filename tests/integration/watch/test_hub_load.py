"""The hub with many who watch: bounded, together, and nothing lost to who reads slowly or comes and goes."""

import asyncio
import random
from contextlib import aclosing, suppress
from typing import Any
from uuid import UUID

import pytest

from api.watch import hub as hubs
from api.watch.hub import Hub
from api.watch.subscriber import LIMIT, Changed, Subscriber
from tests.fixtures.waiting import until
from tests.integration.stored import make_runs, make_zip, rows
from tests.integration.watch.following import Follower, following, ring
from tests.integration.watch.reading import moment, watched, write
from zipped.db import Database
from zipped.services import run_updates

RUNS = 700  # almost three mailboxes


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


async def test_one_reading_serves_everybody(hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.hears(True)
    zips = [await make_zip(database) for _ in range(5)]
    run_ids = [(await make_runs(database, stored))[0] for stored in zips]
    readings: list[float] = []
    read = run_updates.read
    loop = asyncio.get_running_loop()

    async def counted(*arguments: Any, **named: Any) -> Any:
        readings.append(loop.time())
        return await read(*arguments, **named)

    monkeypatch.setattr(run_updates, "read", counted)
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

    async def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("read for nobody")

    monkeypatch.setattr(run_updates, "read", never)
    ring(hub, stored, run_id)
    hub.ring_all()

    assert not hub._rung
    assert not hub._asking
