"""The database away, frozen, full or read-only: 503 within 3 s with Retry-After, and back by itself."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from tests.api.hooks.ledger import counts
from tests.fixtures.freezing import freeze
from tests.fixtures.hooks import Hook, MakeHook
from tests.fixtures.serving import Said, Serving, serving
from tests.fixtures.waiting import until
from zipped.db import Database
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.migrations import upgrade
from zipped.settings import Settings


@pytest.fixture
def own_postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, to be killed."""
    server = EmbeddedPostgres(folder)  # durable: what was committed must survive the kill
    try:
        server.start()
        upgrade(server.url())
        yield server
    finally:
        server.stop()


@pytest.fixture
def database_url(own_postgres: EmbeddedPostgres) -> str:
    """The address of that server's database, for every fixture that needs one."""
    return own_postgres.url()


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Serving]:
    """A door on it; no broker is anywhere."""
    settings = Settings(
        database_url=database_url,
        kafka_bootstrap_servers="127.0.0.1:1",
        broker_file=None,
        secret_key=bytes(range(32)),
    )
    async with serving(replace(settings)) as running:
        yield running


async def check_refused(server: Serving, hook: Hook) -> None:
    """The whole of what a sender and a load balancer see."""
    for path in (hook.path, "/hooks/unknown"):
        started = time.monotonic()
        said = await server.post(path, idempotency_key="k")
        assert said.status == 503
        assert time.monotonic() - started < 3
        assert 1 <= int(said.headers["retry-after"]) <= 5
        assert said.json()["error"]["code"] == "unavailable"
        assert said.headers["content-security-policy"] == "sandbox"
    await until(refuses(server, "/readyz"), within=4)
    assert (await server.send("GET", "/livez")).status == 200


async def answer_again(server: Serving, hook: Hook) -> Said:
    """The first answer that is not a 503."""
    said: list[Said] = []

    async def answers() -> bool:
        said.append(await server.post(hook.path, idempotency_key="k"))
        return said[-1].status != 503

    await until(answers)
    return said[-1]


def refuses(server: Serving, path: str, method: str = "GET") -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return (await server.send(method, path)).status == 503

    return check


def answers_well(server: Serving, path: str) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return (await server.send("GET", path)).status == 200

    return check


async def test_the_database_is_killed_and_comes_back(
    server: Serving, make_hook: MakeHook, own_postgres: EmbeddedPostgres, database: Database
) -> None:
    # given
    hook = await make_hook()
    assert (await server.post(hook.path)).status == 202
    assert (await server.send("GET", "/readyz")).json() == {"status": "ready"}

    # when
    own_postgres.kill()

    # then
    await until(refuses(server, hook.path, "POST"), within=3)
    await check_refused(server, hook)

    # when
    await asyncio.to_thread(own_postgres.spawn)
    await until(lambda: asyncio.to_thread(own_postgres.ready), within=30)
    back = time.monotonic()

    # then
    said = await answer_again(server, hook)
    assert said.status == 202
    assert time.monotonic() - back < 2
    await until(answers_well(server, "/readyz"))
    assert (await server.post(hook.path, idempotency_key="k")).status == 200


async def test_the_database_stands_still(
    server: Serving, make_hook: MakeHook, own_postgres: EmbeddedPostgres, database: Database
) -> None:
    # given
    hook = await make_hook()
    assert (await server.post(hook.path)).status == 202
    processes = [psutil.Process(own_postgres.pid), *psutil.Process(own_postgres.pid).children(recursive=True)]

    # when
    for process in processes:
        freeze(process.pid)
    try:
        await check_refused(server, hook)
        said = await asyncio.gather(*(server.post(hook.path) for _ in range(50)))
        assert {one.status for one in said} == {503}
    finally:
        for process in processes:
            os.kill(process.pid, signal.SIGCONT)

    # then: what was answered with 503 made at most one run under its key
    assert (await answer_again(server, hook)).status in (200, 202)
    await until(answers_well(server, "/readyz"))
    async with database.begin() as session:
        assert await session.scalar(text("select count(*) from dedupe")) == 1


async def test_a_read_only_database_is_as_good_as_none(
    server: Serving, make_hook: MakeHook, own_postgres: EmbeddedPostgres
) -> None:
    # given
    hook = await make_hook()
    assert (await server.post(hook.path)).status == 202

    # when
    own_postgres.sql("alter role zipped set default_transaction_read_only = on")
    own_postgres.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'zipped'")

    # then
    await until(refuses(server, hook.path, "POST"))
    for _ in range(3):
        said = await server.post(hook.path)
        assert said.status == 503

    # when
    own_postgres.sql("alter role zipped reset default_transaction_read_only")
    own_postgres.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'zipped'")

    # then
    assert (await answer_again(server, hook)).status == 202


async def test_connections_cut_at_random_lose_and_double_nothing(
    server: Serving, make_hook: MakeHook, own_postgres: EmbeddedPostgres, database: Database
) -> None:
    # given
    hook = await make_hook()
    cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'zipped-door'"
    answered: dict[str, str] = {}

    async def send(key: str) -> None:
        async with asyncio.timeout(30):
            while (said := await server.post(hook.path, idempotency_key=key)).status not in (200, 202):
                assert said.status == 503
                await asyncio.sleep(0.02)
        answered[key] = said.json()["runId"]

    # when
    for number in range(10):
        keys = [f"{number}-{key}" for key in range(40)]
        sending = asyncio.gather(*(send(key) for key in keys))
        await asyncio.to_thread(own_postgres.sql, cut)
        await sending

    # then
    assert len(answered) == len(set(answered.values())) == 400
    assert (await counts(database))[:3] == (400, 400, 400)
