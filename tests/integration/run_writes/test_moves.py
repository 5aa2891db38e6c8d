"""What others than its owner do to a run: cancel it, wake it, take it from a dead worker."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from tests.integration.run_writes.owning import claim, claimed_runs, ending, going_on, parking, save, saved, started
from tests.integration.stored import execute, make_runs, make_worker, make_zip, messages, one, rows, run_row
from zipped.db import Database
from zipped.errors import NotFound
from zipped.services import run_writes
from zipped.services.run_writes import AttemptWrite


async def cancel(database: Database, workspace_id: UUID, run_id: UUID) -> bool:
    async with database.begin() as session:
        return await run_writes.cancel(session, workspace_id, run_id)


async def requeue(database: Database, worker_id: UUID) -> tuple[int, int]:
    """Declare the worker dead and take its runs: how many are queued and dead."""
    await execute(database, "update worker set dead_at = now() where id = :id", id=worker_id)
    async with database.begin() as session:
        requeued = await run_writes.requeue_lost(session, worker_id)
    return requeued.queued, requeued.dead


async def wake(database: Database) -> int:
    async with database.begin() as session:
        return await run_writes.wake_due(session)


async def test_cancelling_a_running_run_fences_its_worker(database: Database) -> None:
    stored_zip, _, (mine,) = await claimed_runs(database, 1)
    write = going_on(mine.run, started())
    await save(database, write)

    assert await cancel(database, stored_zip.workspace_id, mine.run.id)

    assert await save(database, ending(saved(write))) == set()
    row = await run_row(database, mine.run.id)
    assert (row.status, row.ended_by, row.epoch, row.worker_id) == ("cancelled", "cancel", 2, None)
    assert row.finished_at is not None
    assert await rows(database, "select status, error_code from step_attempt") == [("unknown", "cancelled")]
    assert [news["type"] for news in await messages(database, "zip-result")] == ["run.finished"]


async def test_cancelling_twice_changes_nothing_the_second_time(database: Database) -> None:
    stored_zip = await make_zip(database)
    (run_id,) = await make_runs(database, stored_zip)

    assert await cancel(database, stored_zip.workspace_id, run_id)
    assert not await cancel(database, stored_zip.workspace_id, run_id)

    assert (await run_row(database, run_id)).seq == 1
    assert len(await messages(database, "zip-result")) == 1


async def test_another_workspace_cannot_cancel_and_sees_no_run(database: Database) -> None:
    stored_zip, other = await make_zip(database), await make_zip(database)
    (run_id,) = await make_runs(database, stored_zip)

    with pytest.raises(NotFound):
        await cancel(database, other.workspace_id, run_id)

    assert (await run_row(database, run_id)).status == "queued"


async def test_a_browsers_transaction_may_cancel(database: Database) -> None:
    stored_zip, _, (mine,) = await claimed_runs(database, 1)
    await save(database, going_on(mine.run, started()))

    async with database.begin_as([stored_zip.workspace_id]) as session:
        assert await run_writes.cancel(session, stored_zip.workspace_id, mine.run.id)

    assert (await run_row(database, mine.run.id)).status == "cancelled"


async def test_two_timers_wake_each_run_once(database: Database) -> None:
    _, _, mine = await claimed_runs(database, 200)
    await save(database, *(parking(one.run, seconds=-1) for one in mine))

    async def timer() -> int:
        woken = 0
        for _ in range(10):
            woken += await wake(database)
        return woken

    counts = await asyncio.gather(timer(), timer())

    assert sum(counts) == 200
    assert await rows(database, "select distinct status, epoch, seq, wake_at from zip_run") == [("queued", 1, 3, None)]
    rung = [bell["runId"] for bell in await messages(database, "zip-execution")]
    assert sorted(rung) == [f"run_{one.run.id}" for one in mine]


async def test_what_is_not_due_is_not_woken(database: Database) -> None:
    _, _, (mine,) = await claimed_runs(database, 1)
    await save(database, parking(mine.run, seconds=60))

    assert await wake(database) == 0
    assert (await run_row(database, mine.run.id)).status == "waiting"


async def test_a_parked_run_has_left_its_worker_and_says_what_it_waits_for(database: Database) -> None:
    _, _, (mine,) = await claimed_runs(database, 1)

    await save(database, parking(mine.run, seconds=60))

    row = await run_row(database, mine.run.id)
    assert (row.status, row.worker_id, row.waits_for, row.deadline) == ("waiting", None, "delay", None)
    assert await rows(database, "select kind, step_id, wake_at from wait") == [("delay", "call", row.wake_at)]
    assert [news["type"] for news in await messages(database, "zip-result")] == ["run.waiting"]


async def test_the_runs_of_a_dead_worker_are_queued_again_and_rung_for(database: Database) -> None:
    _, worker_id, (idle, busy) = await claimed_runs(database, 2)
    await save(database, going_on(busy.run, started()))

    assert await requeue(database, worker_id) == (2, 0)

    assert await rows(database, "select status, epoch, crashes, worker_id from zip_run order by id") == [
        ("queued", 2, 0, None),
        ("queued", 2, 1, None),
    ]
    rung = [bell["runId"] for bell in await messages(database, "zip-execution")]
    assert sorted(rung) == [f"run_{idle.run.id}", f"run_{busy.run.id}"]
    assert await requeue(database, worker_id) == (0, 0)


async def test_a_write_of_a_worker_that_was_declared_dead_is_fenced(database: Database) -> None:
    _, worker_id, (mine,) = await claimed_runs(database, 1)
    await requeue(database, worker_id)

    assert await save(database, ending(mine.run)) == set()
    assert (await run_row(database, mine.run.id)).status == "queued"


async def test_a_living_workers_runs_are_left_alone(database: Database) -> None:
    _, worker_id, (mine,) = await claimed_runs(database, 1)

    async with database.begin() as session:
        requeued = await run_writes.requeue_lost(session, worker_id)

    assert requeued.total == 0
    assert (await run_row(database, mine.run.id)).status == "running"


async def test_the_runs_of_a_worker_without_a_row_are_taken_too(database: Database) -> None:
    _, worker_id, (mine,) = await claimed_runs(database, 1)
    await execute(database, "delete from worker")

    async with database.begin() as session:
        requeued = await run_writes.requeue_lost(session, worker_id)

    assert requeued.queued == 1
    assert (await run_row(database, mine.run.id)).status == "queued"


async def test_a_crash_counts_only_with_a_step_started_and_the_third_is_the_end(database: Database) -> None:
    stored_zip = await make_zip(database)
    (run_id,) = await make_runs(database, stored_zip)

    async def crash(*attempts: AttemptWrite) -> tuple[int, int]:
        worker_id = await make_worker(database)
        (mine,) = await claim(database, [run_id], worker_id, alone=True)
        if attempts:
            await save(database, going_on(mine.run, *attempts))
        return await requeue(database, worker_id)

    assert await crash() == (1, 0)
    assert (await run_row(database, run_id)).crashes == 0
    assert await crash(started(1)) == (1, 0)
    assert await crash(started(2)) == (1, 0)
    assert (await run_row(database, run_id)).crashes == 2
    assert await crash(started(3)) == (0, 1)

    row = await run_row(database, run_id)
    assert (row.status, row.ended_by, row.crashes, row.error_code, row.error_step_id) == (
        "dead",
        "crash",
        3,
        "crash",
        "call",
    )
    assert row.error_message == "3 workers died while they performed this step."
    assert row.finished_at is not None
    assert await rows(database, "select distinct status from step_attempt") == [("unknown",)]
    assert (await messages(database, "zip-result"))[-1]["type"] == "run.finished"


async def test_time_until_a_death_is_noticed_is_not_running_time(database: Database) -> None:
    _, worker_id, (mine,) = await claimed_runs(database, 1)
    await execute(database, "update zip_run set claimed_at = now() - interval '2 hours'")
    await execute(database, "update worker set seen_at = now() - interval '119 minutes'")

    await requeue(database, worker_id)

    assert (await run_row(database, mine.run.id)).active_ms == pytest.approx(60_000, abs=100)


async def test_requeueing_is_bounded_and_goes_on(database: Database) -> None:
    _, worker_id, _ = await claimed_runs(database, 5)
    await execute(database, "update worker set dead_at = now()")

    totals = []
    for _ in range(4):
        async with database.begin() as session:
            totals.append((await run_writes.requeue_lost(session, worker_id, limit=2)).total)

    assert totals == [2, 2, 1, 0]


async def test_giving_back_is_fenced_too(database: Database) -> None:
    _, _, (mine, taken) = await claimed_runs(database, 2)
    await execute(database, "update zip_run set epoch = 5 where id = :id", id=taken.run.id)

    async with database.begin() as session:
        given = await run_writes.give_back(session, [(mine.run.id, 1), (taken.run.id, 1)], delay=timedelta(seconds=30))

    assert given == {mine.run.id}
    row = await run_row(database, mine.run.id)
    assert (row.status, row.waits_for, row.epoch, row.worker_id) == ("waiting", "retry", 2, None)
    ahead = await one(
        database, "select wake_at - clock_timestamp() as ahead from zip_run where id = :id", id=mine.run.id
    )
    assert ahead.ahead == pytest.approx(timedelta(seconds=30), abs=timedelta(seconds=2))
    assert (await run_row(database, taken.run.id)).status == "running"
