"""The database goes away in the middle of everything: nothing is lost, nothing is done twice."""

import asyncio

import pytest
from sqlalchemy import text

from tests.integration.acting import Stage, relaying, ring, until_status, working
from tests.integration.stored import execute, make_runs, make_zip, rows, step
from worker import ownership
from zipped.db import Database
from zipped.settings import Settings

CUT = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'zipped-worker%'"


async def test_connections_that_die_under_load_lose_no_run_and_repeat_no_step(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "STRAY_AFTER", 1.0)
    monkeypatch.setattr(ownership, "INTERVAL", 0.3)
    stage = Stage()
    steps = [step("a", "test.call", input={"n": 1}), step("b", "test.call", input={"n": "{{ steps.a.called.n }}"})]
    run_ids = await make_runs(database, await make_zip(database, steps), 400)

    async def cut() -> None:
        while True:
            await execute(database, CUT)
            await asyncio.sleep(0.02)

    async with working(settings, stage), relaying(settings, database):
        cutting = asyncio.create_task(cut())
        await ring(settings, *run_ids)
        await asyncio.sleep(1.5)  # how long it goes on; what is waited for comes after
        cutting.cancel()
        await asyncio.wait([cutting])
        await until_status(database, "succeeded")

    assert len(stage.calls) == 800
    assert len(set(stage.keys)) == 800
    assert await rows(database, "select status, count(*) from step_attempt group by 1") == [("succeeded", 800)]
    finished = (
        "select count(*), count(distinct key) from zip_outbox where convert_from(body, 'UTF8') like '%run.finished%'"
    )
    assert await rows(database, finished) == [(400, 400)]


async def test_a_result_waits_for_the_database_for_as_long_as_it_takes(settings: Settings, database: Database) -> None:
    stage = Stage()
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.hold")]))

    async with working(settings, stage):
        await ring(settings, run_id)
        async with asyncio.timeout(10):
            await stage.called.wait()
        # Whoever writes a run now waits until this transaction ends.
        async with database.begin() as session:
            await session.execute(text("lock table zip_run in share mode"))
            stage.opened.set()
            await asyncio.sleep(3)  # longer than a lock may take
        await until_status(database, "succeeded")

    assert len(stage.calls) == 1


async def test_leaving_takes_its_time_and_no_longer_while_nothing_can_be_saved(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.executor.LAST_SAVES", 0.2)
    monkeypatch.setattr("worker.worker.FAREWELL", 0.2)
    stage = Stage()
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.hold")]))
    loop = asyncio.get_running_loop()

    async with database.begin() as session:
        async with working(settings, stage, patience=0.2):
            await ring(settings, run_id)
            async with asyncio.timeout(10):
                await stage.called.wait()
            await session.execute(text("lock table zip_run in share mode"))
            leaving = loop.time()
        assert loop.time() - leaving < 15

    assert await rows(database, "select status from zip_run") == [("running",)]
    assert await rows(database, "select dead_at is null from worker") == [(False,)]  # so it is taken from us at once
