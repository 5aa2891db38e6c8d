"""`python -m api` as operators start and stop it: one line when it must not serve, and a slow goodbye."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from api import startup
from tests.fixtures.hooks import MakeHook
from tests.fixtures.waiting import until
from zipped import database_check
from zipped.db import Database
from zipped.embedded.broker import EmbeddedBroker
from zipped.embedded.ports import free_port
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(database_url: str, port: int, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZIPPED_")}
    return {
        **kept,
        "ZIPPED_DATABASE_URL": database_url,
        "ZIPPED_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",  # no broker is there, and none is needed to accept
        "ZIPPED_SECRET_KEY": bytes(range(32)).hex(),
        "ZIPPED_PORT": str(port),
        **more,
    }


@asynccontextmanager
async def started(environ: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", cwd=ROOT, env=environ, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def refusal(environ: dict[str, str]) -> tuple[int | None, str]:
    """Exit code and what it said, of one that must not serve."""
    async with started(environ) as process:
        async with asyncio.timeout(30):
            _, said = await process.communicate()
        return process.returncode, said.decode()


async def test_it_serves_and_leaves_slowly(database_url: str, make_hook: MakeHook, database: Database) -> None:
    # given
    hook, port = await make_hook(), free_port()
    base = f"http://127.0.0.1:{port}"
    async with started(environment(database_url, port)) as process, aiohttp.ClientSession() as client:

        async def status(path: str, method: str = "GET") -> int:
            try:
                async with client.request(method, base + path) as answer:
                    return answer.status
            except aiohttp.ClientError:
                return 0

        async def ready() -> bool:
            return await status("/readyz") == 200

        await until(ready, within=30)
        assert await status(hook.path, "POST") == 202
        assert await status("/graphql?query={viewer{id}}") in (200, 400, 401)
        assert await status("/") == 200
        assert await status("/hooks") == 404
        started_at = time.monotonic()

        # when
        process.send_signal(signal.SIGTERM)

        # then: red first, and still accepting
        async def draining() -> bool:
            return await status("/readyz") == 503

        await until(draining, within=1)
        assert await status(hook.path, "POST") == 202
        async with asyncio.timeout(15):
            assert await process.wait() == 0
        assert time.monotonic() - started_at >= 1
        assert await status("/livez") == 0
    async with database.begin() as session:
        assert await session.scalar(text("select count(*) from zip_run")) == 2


async def test_what_is_under_way_is_finished(database_url: str, make_hook: MakeHook, database: Database) -> None:
    # given: a request that waits for a lock
    hook, port = await make_hook(), free_port()
    async with started(environment(database_url, port)) as process, aiohttp.ClientSession() as client:

        async def ready() -> bool:
            try:
                async with client.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        await until(ready, within=30)
        async with database.begin() as session:
            await session.execute(text("lock table event in share mode"))
            waiting = asyncio.create_task(client.post(f"http://127.0.0.1:{port}{hook.path}", data=b"{}"))

            async def blocked() -> bool:
                async with database.begin() as other:
                    return bool(
                        await other.scalar(text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'"))
                    )

            async def closed() -> bool:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except ConnectionRefusedError:
                    return True
                writer.close()
                return False

            await until(blocked)

            # when
            process.send_signal(signal.SIGTERM)
            await until(closed)
        answer = await waiting

        # then
        assert answer.status == 202
        async with asyncio.timeout(15):
            assert await process.wait() == 0
    async with database.begin() as session:
        assert await session.scalar(text("select count(*) from zip_run")) == 1


async def test_a_broker_that_goes_away_keeps_no_webhook_from_its_202(
    database_url: str, make_hook: MakeHook, database: Database, own_broker: EmbeddedBroker
) -> None:
    # given: an api that hears its broker
    hook, port = await make_hook(), free_port()
    environ = environment(database_url, port, ZIPPED_BROKER_FILE=str(own_broker.address_file))
    del environ["ZIPPED_KAFKA_BOOTSTRAP_SERVERS"]
    base = f"http://127.0.0.1:{port}"
    async with started(environ), aiohttp.ClientSession() as client:

        async def broker_is(up: float) -> bool:
            try:
                async with client.get(f"{base}/metrics") as answer:
                    return f"zipped_broker_up {up}" in await answer.text()
            except aiohttp.ClientError:
                return False

        async def post() -> int:
            async with client.post(base + hook.path, data=b"{}") as answer:
                return answer.status

        await until(lambda: broker_is(1.0), within=30)
        statuses = [await post()]

        # when
        own_broker.kill()
        statuses += [await post() for _ in range(5)]
        await until(lambda: broker_is(0.0), within=30)
        statuses += [await post() for _ in range(5)]

        # then
        assert statuses == [202] * 11
        async with client.get(f"{base}/readyz") as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ready"})
    async with database.begin() as session:
        assert await session.scalar(text("select count(*) from zip_run")) == 11


async def test_a_taken_port_is_one_line(database_url: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = await refusal(environment(database_url, port))
    assert code == 1
    assert said == (
        f"ZIPPED_PORT: 127.0.0.1:{port} can't be had (Address already in use); is something else running there?\n"
    )


async def test_a_bad_setting_is_one_line(database_url: str) -> None:
    code, said = await refusal(environment(database_url, 1, ZIPPED_SIGNUP="maybe"))
    assert (code, said) == (1, "ZIPPED_SIGNUP is “maybe”: it takes closed or open.\n")


async def test_a_disk_that_is_not_there_is_one_line(database_url: str) -> None:
    code, said = await refusal(environment(database_url, free_port(), ZIPPED_DATABASE_DISK="/nowhere"))
    assert (code, said) == (1, "ZIPPED_DATABASE_DISK: /nowhere can't be looked at: No such file or directory.\n")


async def test_missing_tables_are_one_line(postgres: EmbeddedPostgres) -> None:
    postgres.sql("create database empty owner zipped", database="postgres")
    try:
        code, said = await refusal(environment(postgres.url("empty"), free_port()))
    finally:
        postgres.sql("drop database empty with (force)", database="postgres")
    assert (code, said) == (1, "The database has no tables yet: run `zipped migrate`.\n")


async def test_older_tables_are_refused_and_newer_ones_are_fine(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(text("update alembic_version set version_num = '9999'"))
    await database_check.check_tables(database)
    async with database.begin() as session:
        await session.execute(text("delete from alembic_version"))
    with pytest.raises(SettingsError, match="run `zipped migrate`"):
        await database_check.check_tables(database)


async def test_a_database_that_stays_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "PATIENCE", 0.0)
    away = Database("postgresql+asyncpg://x@127.0.0.1:1/x", application_name="x")
    with pytest.raises(SettingsError, match="ZIPPED_DATABASE_URL: the database does not answer: "):
        await startup.check(away)


async def test_a_database_that_is_not_there_is_one_line(postgres: EmbeddedPostgres) -> None:
    missing = Database(postgres.url("nowhere"), application_name="x")
    with pytest.raises(SettingsError, match=r'^ZIPPED_DATABASE_URL: 3D000: database "nowhere" does not exist$'):
        await startup.check(missing)


async def test_a_second_wall_that_does_not_stand_stops_the_start(
    database: Database, postgres: EmbeddedPostgres
) -> None:
    # given
    name = database.engine.url.database
    postgres.sql("alter table zip disable row level security", database=name or "")

    # then
    with pytest.raises(SettingsError, match="Row-level security is off for zip"):
        await startup.check(database)
