"""The bell of who commits rows, and what the relay's statements cost on nine partitions."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from relay.wake import Wake
from tests.fixtures.waiting import DEADLINE, until
from tests.integration import stored
from tests.integration.relay.rows import put
from zipped.db import Database
from zipped.lines import Lines
from zipped.services import outbox
from zipped.services.outbox import ANY_DUE, CHANNEL, MARK, RING_INTERVAL, TAKE, Bell


@pytest.fixture
async def rings(database_url: str) -> AsyncIterator[list[float]]:
    """When the bell was heard, in monotonic seconds."""
    heard: list[float] = []
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    await connection.add_listener(CHANNEL, lambda *_: heard.append(time.monotonic()))
    yield heard
    await connection.close()


async def test_the_first_ring_goes_at_once_and_the_rest_now_and_then(
    database: Database, rings: list[float], lines: Lines
) -> None:
    bell = Bell(lines)
    start = time.monotonic()
    rung = 0
    async with asyncio.timeout(DEADLINE):
        while len(rings) < 3:  # while it is rung on and on, it is heard
            for _ in range(10):
                bell.ring()
            rung += 10
            await asyncio.sleep(0.001)
    await bell.stop()

    assert len(rings) <= (time.monotonic() - start) / RING_INTERVAL + 2
    assert rung > len(rings)


async def test_a_ring_during_the_pause_is_not_forgotten(database: Database, rings: list[float], lines: Lines) -> None:
    bell = Bell(lines)
    bell.ring()

    async def heard_once() -> bool:
        return len(rings) == 1

    await until(heard_once)
    bell.ring()
    await bell.stop()

    async def heard_twice() -> bool:
        return len(rings) == 2

    await until(heard_twice)


async def test_a_bell_in_an_outage_raises_nothing_and_rings_afterwards(
    database: Database, rings: list[float], lines: Lines
) -> None:
    bell = Bell(lines)
    await stored.execute(
        database,
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where application_name = 'tests' and pid <> pg_backend_pid()",
    )
    bell.ring()
    await bell.stop()
    bell.ring()
    await bell.stop()

    async def heard() -> bool:
        return bool(rings)

    await until(heard)


async def test_a_listening_relay_is_woken_again_after_it_lost_its_connection(database: Database, lines: Lines) -> None:
    wake = Wake(database)
    listening = asyncio.create_task(wake.listen())
    bell = Bell(lines)
    assert await wake.wait(10)  # once it listens
    bell.ring()
    woken = await wake.wait(10)

    await stored.execute(
        database,
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'zipped-relay-listen'",
    )
    woken_anew = await wake.wait(10)  # by the new connection, for what came in between
    bell.ring()
    woken_by_it = await wake.wait(10)
    listening.cancel()
    await asyncio.wait([listening])
    await bell.stop()

    assert (woken, woken_anew, woken_by_it) == (True, True, True)


async def test_without_a_ring_waiting_ends_by_itself(database: Database) -> None:
    wake = Wake(database)

    assert await wake.wait(0.01) is False
    wake.ring()
    assert await wake.wait(0.01) is True
    assert await wake.wait(0.01) is False


async def test_looking_finds_what_is_due_and_assumes_it_while_it_cannot_look(database: Database) -> None:
    wake = Wake(database)
    without = await wake.any_due()
    listening = asyncio.create_task(wake.listen())
    await wake.wait(10)
    before = await wake.any_due()
    await put(database, 1)
    after = await wake.any_due()
    await stored.execute(
        database,
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'zipped-relay-listen'",
    )
    lost = await wake.any_due()
    listening.cancel()
    await asyncio.wait([listening])

    assert (without, before, after, lost) == (True, False, True, True)


async def explain(lines: Lines, statement: str, **values: object) -> str:
    async with lines.begin() as line:
        return "\n".join(row[0] for row in await line.execute(text(f"explain (costs off) {statement}"), values))


@pytest.mark.parametrize("analyzed", [False, True], ids=["without-statistics", "with-statistics"])
async def test_the_relays_statements_go_by_the_index_of_each_day(
    database: Database, database_url: str, analyzed: bool
) -> None:
    relays = Database(database_url, application_name="tests", pinned=True, by_index=True)
    for _ in range(8):
        await put(database, 2500)
    if analyzed:
        await stored.execute(database, "analyze zip_outbox")
    lines = Lines(relays, size=1)
    async with lines.transaction() as line:
        rows = await outbox.take(line)
    created = [row.created_at for row in rows]

    take = await explain(lines, TAKE.text, limit=500)
    look = await explain(lines, ANY_DUE)
    mark = await explain(lines, MARK.text, ids=[row.id for row in rows], first=min(created), last=max(created))

    await lines.close()
    await relays.dispose()

    partitions = await stored.one(database, "select count(*) from pg_inherits where inhparent = 'zip_outbox'::regclass")
    assert tuple(partitions) == (9,)
    assert take.count("Index Scan using zip_outbox_") == 9
    assert "Sort Key: zip_outbox.id" in take  # of the merge, not of a sort
    assert "Seq Scan" not in take + look
    assert "->  Sort" not in take
    assert "Seq Scan" not in mark
    assert mark.count("Scan") == 1  # the batch's own day and no other
