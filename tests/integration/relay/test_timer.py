"""Runs that wait are queued when their time has come, once, and in bounded herds."""

import asyncio
from uuid import UUID

from relay.timer import INTERVAL, LIMIT, Timer
from relay.wake import Wake
from tests.integration import stored
from tests.integration.stored import make_runs, make_zip
from zipped.db import Database

PARK = """
    update zip_run
    set status = 'waiting', waits_for = 'delay', wake_at = clock_timestamp() + make_interval(secs => :secs)
    where id = any(:ids)
"""


async def waiting_runs(database: Database, count: int, *, due_in: float) -> list[UUID]:
    run_ids = await make_runs(database, await make_zip(database), count)
    await stored.execute(database, PARK, ids=run_ids, secs=due_in)
    return run_ids


async def queued(database: Database) -> int:
    (count,) = await stored.one(database, "select count(*) from zip_run where status = 'queued' and wake_at is null")
    return int(count)


async def test_what_is_due_is_queued_and_rung_for_and_the_rest_sleeps_on(database: Database) -> None:
    due = await waiting_runs(database, 3, due_in=-1)
    await waiting_runs(database, 2, due_in=60)
    wake = Wake(database)
    timer = Timer(database, wake)

    pauses = [await timer.turn(), await timer.turn()]

    assert pauses == [0.0, INTERVAL]
    rows = await stored.rows(database, "select id, status, seq from zip_run order by id")
    assert [row for row in rows if row[1] == "queued"] == [(run_id, "queued", 1) for run_id in due]
    assert len(await stored.messages(database, "zip-execution")) == 3
    assert await wake.wait(0) is True


async def test_the_pause_ends_when_the_next_run_is_due(database: Database) -> None:
    await waiting_runs(database, 1, due_in=0.1)

    pause = await Timer(database, Wake(database)).turn()

    assert 0 < pause <= 0.1


async def test_nothing_waits_nothing_happens(database: Database) -> None:
    wake = Wake(database)

    pause = await Timer(database, wake).turn()

    assert pause == INTERVAL
    assert await wake.wait(0) is False


async def test_a_herd_comes_500_at_a_time(database: Database) -> None:
    await waiting_runs(database, 1200, due_in=-1)
    timer = Timer(database, Wake(database))
    steps = []

    for _ in range(4):
        steps.append((await timer.turn(), await queued(database)))

    assert LIMIT == 500
    assert steps == [(INTERVAL, 500), (INTERVAL, 1000), (0.0, 1200), (INTERVAL, 1200)]


async def test_two_timers_wake_each_run_once(database: Database) -> None:
    await waiting_runs(database, 600, due_in=-1)
    timers = [Timer(database, Wake(database)) for _ in range(2)]

    for _ in range(3):
        await asyncio.gather(*(timer.turn() for timer in timers))

    assert await stored.rows(database, "select status, seq, count(*) from zip_run group by 1, 2") == [
        ("queued", 1, 600)
    ]
    assert len(await stored.messages(database, "zip-execution")) == 600
