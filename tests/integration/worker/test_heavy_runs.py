"""Runs whose steps look at much: loaded in turn, step by step, and counted when they are what ends a worker."""

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.fixtures.waiting import DEADLINE, until
from tests.integration.acting import Stage, relaying, ring, until_status, working
from tests.integration.stored import execute, make_runs, make_zip, rows, run_row, step
from worker.loading import Context, Loader
from worker.room import LIGHT, Room
from zipped.db import Database
from zipped.engine.outcome import Failed, Succeeded
from zipped.engine.path import idempotency_key
from zipped.services import run_writes
from zipped.settings import Settings

HEAVY = orjson.dumps({"n": 5, "rest": "x" * (2 * LIGHT)})


class Watched:
    """Looks on while contexts are opened; holds them up while it isn't `opened`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = asyncio.Event()
        self.inside = 0
        self.most = 0
        self.total = 0
        original = Loader.open

        async def watched(loader: Loader, *arguments: Any) -> Context:
            self.inside += 1
            self.total += 1
            self.most = max(self.most, self.inside)
            try:
                await self.opened.wait()
                return await original(loader, *arguments)
            finally:
                self.inside -= 1

        monkeypatch.setattr(Loader, "open", watched)


async def test_a_heavy_run_goes_through_its_steps_as_a_light_one_does(settings: Settings, database: Database) -> None:
    stage = Stage()
    steps = [
        step("a", "test.echo", input={"n": "{{ trigger.body.n }}"}),
        step("b", "test.call", input={"said": "{{ steps.a.n }} in {{ zip.name }}"}),
        step("c", "test.read", input={"size": "{{ trigger.raw | length }}"}),
    ]
    (run_id,) = await make_runs(database, await make_zip(database, steps, name="Orders"), body=HEAVY)

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert [(name, input) for name, input, _ in stage.calls] == [
        ("echo", {"n": 5}),
        ("call", {"said": "5 in Orders"}),
        ("read", {"size": len(HEAVY)}),
    ]
    assert await rows(
        database, "select step_id, attempt, status, effect, input, error_code from step_attempt order by step_id"
    ) == [
        ("a", 1, "succeeded", "pure", b'{"n":5}', None),
        ("b", 1, "succeeded", "write", b'{"said":"5 in Orders"}', None),
        ("c", 1, "succeeded", "read", b'{"size":%d}' % len(HEAVY), None),
    ]
    assert (await run_row(database, run_id)).crashes == 0


async def test_a_run_grows_heavy_by_what_its_steps_return(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(monkeypatch)
    watched.opened.set()
    stage = Stage(outcomes=[Succeeded({"n": 7, "rest": "x" * LIGHT})])
    steps = [
        step("a", "test.call"),
        step("b", "test.echo", input={"n": "{{ steps.a.n }}"}),
        step("c", "test.call", input={"n": "{{ steps.b.n }}"}),
    ]
    (run_id,) = await make_runs(database, await make_zip(database, steps))

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert [input for _, input, _ in stage.calls] == [{}, {"n": 7}, {"n": 7}]
    assert watched.total == 2


async def test_every_try_of_a_heavy_step_sends_the_same(settings: Settings, database: Database) -> None:
    stage = Stage(outcomes=[Failed("away", "Not there.", retryable=True, retry_after=100)])
    steps = [
        step("a", "test.call", input={"n": "{{ trigger.body.n }}"}, settings={"retry": {"attempts": 2}}),
        step("b", "test.call", input={"n": "{{ trigger.body.n }}"}),
    ]
    (run_id,) = await make_runs(database, await make_zip(database, steps), body=HEAVY)

    async with working(settings, stage), relaying(settings, database):
        await ring(settings, run_id)
        await until_status(database, "waiting")
        await execute(database, "update event_body set body = :body", body=HEAVY.replace(b'"n":5', b'"n":6'))
        await execute(database, "update zip_run set wake_at = now()")
        await until_status(database, "succeeded")

    assert stage.inputs("call") == [{"n": 5}, {"n": 5}, {"n": 6}]
    assert await rows(database, "select step_id, attempt, status, effect from step_attempt order by 1, 2") == [
        ("a", 1, "failed", "write"),
        ("a", 2, "succeeded", "write"),
        ("b", 1, "succeeded", "write"),
    ]


async def test_heavy_runs_are_opened_in_turn_and_light_ones_pass_by(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.worker.Room", partial(Room, 3 * LIGHT))
    watched = Watched(monkeypatch)
    stage = Stage()
    stored_zip = await make_zip(database, [step("a", "test.call", input={"n": "{{ trigger.body.n }}"})])
    heavy = await make_runs(database, stored_zip, 4, body=HEAVY)
    light = await make_runs(database, stored_zip, 4, body=b'{"n":1}')

    async def passed() -> bool:
        done = await rows(database, "select 1 from zip_run where status = 'succeeded'")
        return len(done) == len(light) and watched.inside == 1

    async with working(settings, stage):
        await ring(settings, *heavy, *light)
        await until(passed)
        marked = await rows(database, "select effect, status, input from step_attempt where status = 'started'")
        watched.opened.set()
        await until_status(database, "succeeded")

    assert marked == [("pure", "started", None)]
    assert watched.most == 1
    assert len(stage.calls) == 8


async def test_a_worker_that_leaves_lets_go_of_heavy_runs_that_wait_for_room(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.worker.Room", partial(Room, 3 * LIGHT))
    watched = Watched(monkeypatch)
    first, second = Stage(), Stage()
    stored_zip = await make_zip(database, [step("a", "test.call", input={"n": "{{ trigger.body.n }}"})])
    run_ids = await make_runs(database, stored_zip, 3, body=HEAVY)

    async def one_inside() -> bool:
        running = await rows(database, "select 1 from zip_run where status = 'running'")
        return len(running) == 3 and watched.inside == 1

    async with working(settings, first):
        await ring(settings, *run_ids)
        await until(one_inside)
        asyncio.get_running_loop().call_later(0.3, watched.opened.set)
    async with working(settings, second), relaying(settings, database):
        await until_status(database, "succeeded")

    assert len(first.calls) == 1
    assert len(second.calls) == 2
    assert await rows(database, "select distinct crashes from zip_run") == [(0,)]
    assert await rows(database, "select distinct attempt, status from step_attempt") == [(1, "succeeded")]


async def test_a_step_that_finds_no_memory_fails_and_costs_nobody_else_anything(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_memory(*_: Any) -> Context:
        raise MemoryError

    monkeypatch.setattr(Loader, "open", no_memory)
    stage = Stage()
    once = {"retry": {"attempts": 1}}
    stored_zip = await make_zip(database, [step("a", "test.call", input={"n": "{{ trigger.body.n }}"}, settings=once)])
    (heavy,) = await make_runs(database, stored_zip, body=HEAVY)
    (light,) = await make_runs(database, stored_zip, body=b'{"n":1}')

    async with working(settings, stage):
        await ring(settings, heavy, light)
        await until_status(database, "failed", "succeeded")

    failed = await run_row(database, heavy)
    assert (failed.status, failed.error_code, failed.error_step_id) == ("failed", "too_large", "a")
    assert (await run_row(database, light)).status == "succeeded"
    assert stage.inputs("call") == [{"n": 1}]


async def killed_by(settings: Settings, run_id: UUID) -> int:
    """Ring for the run with a worker that opening a heavy one kills; its exit code."""
    environ = os.environ | {
        "ZIPPED_DATABASE_URL": settings.database_url.replace("+asyncpg", ""),
        "ZIPPED_BROKER_FILE": str(settings.broker_file),
        "ZIPPED_SECRET_KEY": settings.secret_key.hex(),
    }
    altered = "tests.integration.worker.altered_worker"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", altered, "--killed-by-weight", "--health-port", "0"),
        env=environ,
        cwd=Path(__file__).parents[3],
    )
    try:
        await ring(settings, run_id)
        async with asyncio.timeout(DEADLINE):
            return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def bury(database: Database) -> None:
    """Whoever works is declared dead, and their runs are taken from them."""
    await execute(database, "update worker set dead_at = now() where dead_at is null")
    for (worker_id,) in await rows(database, "select id from worker"):
        async with database.begin() as session:
            await run_writes.requeue_lost(session, worker_id)


async def test_a_run_too_heavy_for_its_workers_is_dead_after_the_third(settings: Settings, database: Database) -> None:
    steps = [step("a", "test.call", input={"n": "{{ trigger.body.n }}"})]
    (run_id,) = await make_runs(database, await make_zip(database, steps), body=HEAVY)

    seen = []
    for _ in range(3):
        assert await killed_by(settings, run_id) == -signal.SIGKILL
        await bury(database)
        row = await run_row(database, run_id)
        seen.append((row.status, row.crashes))

    assert seen == [("queued", 1), ("queued", 2), ("dead", 3)]
    row = await run_row(database, run_id)
    assert (row.ended_by, row.error_code, row.error_step_id) == ("crash", "crash", "a")
    assert await rows(
        database, "select attempt, effect, status, error_code, idempotency_key from step_attempt order by 1"
    ) == [
        (n, "pure", "unknown", code, idempotency_key(run_id, "a", "", 0))
        for n, code in ((1, "worker_lost"), (2, "worker_lost"), (3, "crash"))
    ]


async def test_after_a_death_while_it_was_opened_a_write_is_not_called_repeated(
    settings: Settings, database: Database
) -> None:
    stage = Stage()
    steps = [step("a", "test.call", input={"n": "{{ trigger.body.n }}"}, settings={"onUnknown": "stop"})]
    (run_id,) = await make_runs(database, await make_zip(database, steps), body=HEAVY)
    await killed_by(settings, run_id)
    await bury(database)

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert stage.inputs("call") == [{"n": 5}]
    assert await rows(database, "select attempt, effect, status, maybe_repeated from step_attempt order by 1") == [
        (1, "pure", "unknown", False),
        (2, "write", "succeeded", False),
    ]
