"""How a worker leaves: what it holds is let go in good order, and nothing of it counts as a crash."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from tests.fixtures.waiting import until
from tests.integration.acting import Stage, attempts, relaying, ring, until_status, working
from tests.integration.stored import make_runs, make_zip, messages, rows, run_row, step
from zipped.db import Database
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.settings import Settings


async def hold(settings: Settings, stage: Stage, run_id: UUID) -> None:
    """Ring, and wait until the run's step is under way."""
    await ring(settings, run_id)
    async with asyncio.timeout(10):
        await stage.called.wait()


async def test_a_step_under_way_may_end_and_the_rest_is_left_to_another_worker(
    settings: Settings, database: Database
) -> None:
    first, second = Stage(), Stage()
    steps = [step("a", "test.hold", input={"n": 1}), step("b", "test.call", input={"n": "{{ steps.a.held.n }}"})]
    (run_id,) = await make_runs(database, await make_zip(database, steps))

    async with working(settings, first):
        await hold(settings, first, run_id)
        asyncio.get_running_loop().call_later(0.3, first.opened.set)
    let_go = await run_row(database, run_id)
    async with working(settings, second), relaying(settings, database):
        await until_status(database, "succeeded")

    assert (let_go.status, let_go.epoch, let_go.worker_id, let_go.crashes) == ("queued", 2, None, 0)
    assert let_go.cursor == [{"index": 1}]
    assert await attempts(database) == [("a", 1, "succeeded"), ("b", 1, "succeeded")]
    assert second.inputs("call") == [{"n": 1}]
    assert len(await messages(database, "zip-execution")) == 1


async def test_a_step_that_does_not_end_in_time_is_interrupted_and_taken_up_as_unknown(
    settings: Settings, database: Database
) -> None:
    first, second = Stage(), Stage()
    second.opened.set()
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.hold")]))

    async with working(settings, first, patience=0.2):
        await hold(settings, first, run_id)
    let_go = await run_row(database, run_id)
    left = await attempts(database)
    async with working(settings, second), relaying(settings, database):
        await until_status(database, "succeeded")

    assert (let_go.status, let_go.epoch, let_go.crashes) == ("queued", 2, 0)
    assert left == [("a", 1, "started")]
    assert await rows(database, "select attempt, status, maybe_repeated from step_attempt order by 1") == [
        (1, "unknown", False),
        (2, "succeeded", True),
    ]
    assert first.keys == second.keys


async def test_a_run_that_waits_in_its_slot_is_let_go_at_once(settings: Settings, database: Database) -> None:
    stage = Stage()
    steps = [step("wait", "test.delay", input={"seconds": 1.9}), step("b", "test.call")]
    (run_id,) = await make_runs(database, await make_zip(database, steps))

    async def waits() -> bool:
        return (await run_row(database, run_id)).wake_at is not None

    async with working(settings, stage):
        await ring(settings, run_id)
        await until(waits)
        loop = asyncio.get_running_loop()
        leaving = loop.time()
    assert loop.time() - leaving < 1.0

    row = await run_row(database, run_id)
    assert (row.status, row.epoch, row.crashes) == ("queued", 2, 0)
    assert stage.inputs("call") == []


async def test_a_worker_that_left_says_so_and_owns_nothing(settings: Settings, database: Database) -> None:
    async with working(settings, Stage()):
        assert await rows(database, "select draining, dead_at is null from worker") == [(False, True)]

    assert await rows(database, "select draining, dead_at is null from worker") == [(True, False)]


async def test_what_was_heard_and_not_claimed_is_heard_by_the_next(settings: Settings, database: Database) -> None:
    first, second = Stage(), Stage()
    second.opened.set()
    run_ids = await make_runs(database, await make_zip(database, [step("a", "test.hold")]), 6)

    async def two_held() -> bool:
        return len(first.calls) == 2

    async with working(settings, first, slots=2):
        await ring(settings, *run_ids)
        await until(two_held)
        in_hand = await rows(database, "select 1 from zip_run where status = 'running'")
        first.opened.set()
    async with working(settings, second), relaying(settings, database):
        await until_status(database, "succeeded")

    assert len(in_hand) == 2
    assert len(first.calls) + len(second.calls) == 6


def start_process(settings: Settings) -> "subprocess.Popen[bytes]":
    """The real worker process."""
    environ = os.environ | {
        "ZIPPED_DATABASE_URL": settings.database_url.replace("+asyncpg", ""),
        "ZIPPED_BROKER_FILE": str(settings.broker_file),
        "ZIPPED_SECRET_KEY": settings.secret_key.hex(),
    }
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "worker", "--health-port", "0"]
    return subprocess.Popen(command, env=environ, cwd=root, stderr=subprocess.PIPE)


async def test_the_process_ends_in_good_order_at_sigterm(settings: Settings, database: Database) -> None:
    process = start_process(settings)

    async def registered() -> bool:
        return bool(await rows(database, "select 1 from worker"))

    try:
        await until(registered)
        process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(process.wait, 15)
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()

    assert code == 0
    assert await rows(database, "select dead_at is null from worker") == [(False,)]


def test_a_worker_of_a_database_that_was_never_migrated_says_so_in_one_line(
    settings: Settings, postgres: EmbeddedPostgres
) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "worker", "--health-port", "0"],
        env=os.environ
        | {
            "ZIPPED_DATABASE_URL": postgres.url("postgres").replace("+asyncpg", ""),
            "ZIPPED_BROKER_FILE": str(settings.broker_file),
            "ZIPPED_SECRET_KEY": settings.secret_key.hex(),
        },
        cwd=Path(__file__).parents[3],
        capture_output=True,
        timeout=30,
        check=False,
    )

    assert process.returncode == 1
    assert process.stderr.decode().strip() == "worker: The database has no tables yet: run `zipped migrate`."


async def test_a_worker_waits_for_its_database_and_can_be_ended_meanwhile(settings: Settings) -> None:
    nowhere = replace(settings, database_url="postgresql+asyncpg://nobody@127.0.0.1:1/none")
    process = start_process(nowhere)
    assert process.stderr is not None
    try:
        line = await asyncio.to_thread(process.stderr.readline)
        process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(process.wait, 15)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()

    assert b"database.away" in line
    assert code == 0
