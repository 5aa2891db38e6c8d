"""A worker is frozen in the middle of a step, its run is given to another one, and then it thaws."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.chaos.receiver import Receiver as ChaosReceiver
from tests.chaos.verdict import judge
from tests.fixtures.freezing import freeze
from tests.fixtures.waiting import DEADLINE, until
from tests.integration.stored import execute, make_runs, make_zip, messages, rows, run_row, step
from zipped import ids
from zipped.db import Database
from zipped.services import run_writes
from zipped.settings import Settings


@asynccontextmanager
async def process(settings: Settings, port: int, *altered: str) -> "AsyncIterator[asyncio.subprocess.Process]":
    """A real worker process with its log to be read, killed at the end."""
    environ = os.environ | {
        "ZIPPED_DATABASE_URL": settings.database_url.replace("+asyncpg", ""),
        "ZIPPED_BROKER_FILE": str(settings.broker_file),
        "ZIPPED_SECRET_KEY": settings.secret_key.hex(),
        "ZIPPED_OUTBOUND_ALLOW": f"127.0.0.1:{port}",
    }
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.worker.altered_worker", *altered, "--health-port", "0"),
        env=environ,
        cwd=Path(__file__).parents[3],
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        async with asyncio.timeout(DEADLINE):
            await started.wait()


class Receiver:
    """Holds the first request until it is told to answer; answers all others at once."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.answer_first = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers["Idempotency-Key"])
        if len(self.keys) == 1:
            await self.answer_first.wait()
        return web.json_response({"ok": True})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Its port."""
        app = web.Application()
        app.router.add_post("/", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()


async def freeze_and_thaw(settings: Settings, database: Database, *altered: str, until_logged: bytes = b"") -> None:
    """The frozen worker thaws after another one has finished the run, and logs something or finishes it again."""
    receiver = Receiver()

    async def called() -> bool:
        return bool(receiver.keys)

    async def ended() -> bool:
        return bool(await rows(database, "select 1 from zip_run where status = 'succeeded'"))

    async def finished_twice() -> bool:
        return await finishes(database) == 2

    async with receiver.serving() as port:
        url = f"http://127.0.0.1:{port}/"
        steps = [step("a", "http.request", input={"method": "POST", "url": url})]
        (run_id,) = await make_runs(database, await make_zip(database, steps))
        await execute(database, "update zip_run set queued_at = now() - interval '1 minute'")
        async with process(settings, port, *altered) as first:
            await until(called)
            freeze(first.pid)
            owner = (await run_row(database, run_id)).worker_id
            await execute(database, "update worker set dead_at = now() where id = :id", id=owner)
            async with database.begin() as session:
                assert (await run_writes.requeue_lost(session, owner)).queued == 1
            await execute(database, "update zip_run set queued_at = now() - interval '1 minute'")
            async with process(settings, port):
                await until(ended)
            receiver.answer_first.set()
            os.kill(first.pid, signal.SIGCONT)
            assert first.stderr is not None
            if not until_logged:
                await until(finished_twice)
            async with asyncio.timeout(DEADLINE):
                while until_logged not in await first.stderr.readline():
                    assert first.returncode is None
    assert len(receiver.keys) == 2
    assert len(set(receiver.keys)) == 1


async def finishes(database: Database) -> int:
    """How often the run's end was told."""
    return [news["type"] for news in await messages(database, "zip-result")].count("run.finished")


async def test_what_a_thawed_worker_writes_is_void(settings: Settings, database: Database) -> None:
    await freeze_and_thaw(settings, database, "--oblivious", until_logged=b"run.fenced")

    assert await finishes(database) == 1
    assert await rows(database, "select attempt, status from step_attempt order by 1") == [
        (1, "unknown"),
        (2, "succeeded"),
    ]


async def test_a_thawed_worker_notices_its_death_and_ends(settings: Settings, database: Database) -> None:
    await freeze_and_thaw(settings, database, until_logged=b"worker.declared_dead")

    assert await finishes(database) == 1


async def test_with_the_fence_taken_out_the_run_finishes_twice(settings: Settings, database: Database) -> None:
    await freeze_and_thaw(settings, database, "--oblivious", "--without-fence")

    assert await finishes(database) == 2
    found = await judge(database, [], ChaosReceiver())
    ((run_id,),) = await rows(database, "select id from zip_run")
    assert found.finished_twice == [ids.encode("run", run_id)]  # `make chaos` would fail, and name it
    assert not found.kept


@pytest.mark.parametrize("option", ["--without-fence", "--oblivious"])
def test_the_product_itself_has_no_such_option(option: str) -> None:
    from worker.__main__ import command_line

    with pytest.raises(SystemExit):
        command_line().parse_args([option])


async def test_a_second_signal_ends_the_process_at_once(settings: Settings, database: Database) -> None:
    receiver = Receiver()

    async def called() -> bool:
        return bool(receiver.keys)

    async def leaving() -> bool:
        return bool(await rows(database, "select 1 from worker where draining"))

    async with receiver.serving() as port:
        steps = [step("a", "http.request", input={"method": "POST", "url": f"http://127.0.0.1:{port}/"})]
        await make_runs(database, await make_zip(database, steps))
        await execute(database, "update zip_run set queued_at = now() - interval '1 minute'")
        async with process(settings, port) as worker:
            await until(called)
            worker.send_signal(signal.SIGTERM)
            await until(leaving)  # it waits for its step
            worker.send_signal(signal.SIGTERM)
            async with asyncio.timeout(5):
                assert await worker.wait() == 1

    assert await rows(database, "select status, epoch from zip_run") == [("running", 1)]
