"""The relay as operators run it: `python -m relay`."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from relay.process import RelayProcess
from tests.fixtures.waiting import until
from tests.integration import stored
from tests.integration.relay.rows import put, unpublished
from zipped import migrations
from zipped.clock import SystemClock
from zipped.db import Database
from zipped.embedded.broker import EmbeddedBroker
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.errors import SettingsError
from zipped.lines import Lines
from zipped.services.outbox import Bell
from zipped.settings import Settings


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Settings) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZIPPED_")}
    return kept | {
        "ZIPPED_DATABASE_URL": settings.database_url,
        "ZIPPED_BROKER_FILE": str(settings.broker_file),
        "ZIPPED_SECRET_KEY": settings.secret_key.hex(),
    }


@asynccontextmanager
async def relay(settings: Settings, *, port: int) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "relay", "--health-port", str(port), env=environment(settings), stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def get(port: int, path: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nhost: relay\r\n\r\n".encode())
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
        return int(head.split(" ")[1]), body
    finally:
        writer.close()
        await writer.wait_closed()


def looks(port: int, wanted: Callable[[int, dict[str, object]], bool]) -> Callable[[], Awaitable[dict[str, object]]]:
    """Asks /readyz; the answer, if it is the one that is wanted."""

    async def look() -> dict[str, object]:
        try:
            status, body = await get(port, "/readyz")
        except OSError:
            return {}
        document = json.loads(body)
        return document if wanted(status, document) else {}

    return look


def ready(status: int, document: dict[str, object]) -> bool:
    return status == 200 and document["status"] == "ready"


async def none_unpublished(database: Database) -> None:
    async def look() -> bool:
        return not await unpublished(database)

    await until(look)


async def test_it_publishes_says_how_it_is_and_ends_when_asked(
    settings: Settings, database: Database, port: int
) -> None:
    async with relay(settings, port=port) as process:
        document = await until(looks(port, ready))
        await put(database, 40)
        await none_unpublished(database)
        alive = await get(port, "/livez")
        status, metrics = await get(port, "/metrics")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            code = await process.wait()

    assert document["degraded"] == []
    assert alive[0] == 200
    assert status == 200
    assert 'zipped_outbox_published_total{topic="zip-execution"} 40.0' in metrics
    assert "zipped_broker_up 1.0" in metrics
    assert code == 0


async def test_a_rung_row_goes_out_though_nobody_looks(
    settings: Settings, database: Database, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.relay.POLL", 3600.0)
    bell = Bell(lines)
    running = asyncio.create_task(RelayProcess(settings, clock=SystemClock()).run(asyncio.Event()))

    for _ in range(5):
        await put(database, 1)
        bell.ring()
        await none_unpublished(database)

    await bell.stop()
    running.cancel()
    await asyncio.wait([running])


async def test_the_second_takes_the_next_port(settings: Settings, port: int) -> None:
    async with relay(settings, port=port), relay(settings, port=port):
        await until(looks(port, ready))
        await until(looks(port + 1, ready))


async def test_without_a_broker_it_is_degraded_and_comes_back_by_itself(
    settings: Settings, database: Database, own_broker: EmbeddedBroker, port: int
) -> None:
    own_broker.stop()
    async with relay(replace(settings, broker_file=own_broker.address_file), port=port):
        await put(database, 3)
        away = await until(looks(port, lambda _, document: document["degraded"] == ["broker"]))
        own_broker.start()
        await until(looks(port, ready))
        await none_unpublished(database)

    assert away["status"] == "degraded"


async def test_without_a_database_it_waits_and_says_so(settings: Settings, port: int) -> None:
    nowhere = replace(settings, database_url="postgresql+asyncpg://zipped@127.0.0.1:1/nothing")
    async with relay(nowhere, port=port) as process:
        away = await until(looks(port, lambda status, _: status == 503))
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            code = await process.wait()

    assert away["status"] == "unready"
    assert code == 0


async def refusal(settings: Settings) -> tuple[int | None, str]:
    """Exit code and words of a relay that does not start."""
    async with asyncio.timeout(20):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "relay", "--health-port", "0"), env=environment(settings), stderr=PIPE
        )
        _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_a_database_without_tables_is_one_line(settings: Settings, postgres: EmbeddedPostgres) -> None:
    empty = replace(settings, database_url=postgres.url("postgres"))

    assert await refusal(empty) == (1, "relay: The database has no tables yet: run `zipped migrate`.\n")


async def test_tables_of_an_older_release_are_one_line(settings: Settings, database: Database) -> None:
    await stored.execute(database, "delete from alembic_version")

    assert await refusal(settings) == (
        1,
        "relay: The database's tables are of version none, this release's of "
        f"{migrations.head()}: run `zipped migrate`.\n",
    )


async def test_a_database_that_is_not_there_is_one_line(settings: Settings, postgres: EmbeddedPostgres) -> None:
    code, said = await refusal(replace(settings, database_url=postgres.url("missing")))

    assert (code, said) == (1, 'relay: ZIPPED_DATABASE_URL: 3D000: database "missing" does not exist\n')


async def test_an_older_postgresql_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zipped.db.MIN_VERSION", 990000)

    with pytest.raises(SettingsError, match=r"names PostgreSQL \d\d; Zipped needs PostgreSQL 18 or newer"):
        await RelayProcess(settings, clock=SystemClock()).run(asyncio.Event())


async def test_a_missing_setting_is_one_line(settings: Settings) -> None:
    incomplete = environment(settings)
    del incomplete["ZIPPED_SECRET_KEY"]

    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "relay", env=incomplete, stderr=PIPE)
    _, said = await process.communicate()

    assert process.returncode == 1
    assert said.decode().startswith("relay: ZIPPED_SECRET_KEY is missing")
    assert said.count(b"\n") == 1


async def test_killed_over_and_over_it_loses_nothing(settings: Settings, database: Database, port: int) -> None:
    for _ in range(4):
        async with relay(settings, port=port) as process:
            await put(database, 2000)

            async def some_went_out() -> bool:
                (count,) = await stored.one(database, "select count(*) from zip_outbox where published_at is null")
                return bool(count < 2000)

            await until(some_went_out)
            process.kill()
            await process.wait()
    async with relay(settings, port=port):
        await none_unpublished(database)

    assert await stored.rows(database, "select count(*) from zip_outbox") == [(8000,)]
