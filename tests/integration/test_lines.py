"""Kept connections: one statement, one transaction, one round trip."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from tests.fixtures.waiting import until
from tests.integration.stored import rows
from zipped.db import Database
from zipped.errors import Unavailable
from zipped.lines import Lines

PID = text("select pg_backend_pid()")


@pytest.fixture
async def lines(database: Database) -> AsyncIterator[Lines]:
    lines = Lines(database, size=2)
    yield lines
    await lines.close()


async def backend(lines: Lines) -> int:
    async with lines.begin() as line:
        [row] = await line.execute(PID)
    return int(row.pg_backend_pid)


async def test_every_statement_is_committed_at_once(database: Database, lines: Lines) -> None:
    async with lines.begin() as line:
        await line.execute(text("insert into workspace (name) values ('a')"))
        assert await rows(database, "select name from workspace") == [("a",)]


async def test_names_stand_for_values_wherever_they_occur_and_columns_are_attributes(lines: Lines) -> None:
    statement = text("select cast(:one as int) as a, cast(:two as text) as b, :one + 1 as c, '\\:one' as d")

    async with lines.begin() as line:
        [row] = await line.execute(statement, {"two": "2", "one": 1})

    assert (row.a, row.b, row.c, row.d) == (1, "2", 2, ":one")
    with pytest.raises(AttributeError):
        _ = row.e


async def test_a_connection_is_used_again(lines: Lines) -> None:
    assert await backend(lines) == await backend(lines)


async def test_a_connection_on_which_the_server_refused_a_value_is_kept(lines: Lines) -> None:
    before = await backend(lines)

    with pytest.raises(asyncpg.DivisionByZeroError):
        async with lines.begin() as line:
            await line.execute(text("select 1 / 0"))

    assert await backend(lines) == before


async def test_a_connection_that_failed_otherwise_is_not_used_again(lines: Lines) -> None:
    before = await backend(lines)

    with pytest.raises(asyncpg.UndefinedColumnError):
        async with lines.begin() as line:
            await line.execute(text("select no_such_column"))

    assert await backend(lines) != before


async def test_a_connection_that_is_cut_in_use_is_replaced_and_its_work_is_refused_in_one_way(
    database: Database, lines: Lines
) -> None:
    pid = await backend(lines)

    async def be_cut() -> None:
        async with lines.begin() as line:
            await rows(database, "select pg_terminate_backend(:pid)", pid=pid)
            await line.execute(PID)

    with pytest.raises(Unavailable):
        await be_cut()

    assert await backend(lines) != pid


async def test_a_connection_that_was_cut_while_it_was_idle_is_replaced_and_nobody_notices(
    database: Database, lines: Lines
) -> None:
    async with lines.begin() as line:
        [row] = await line.execute(PID)
    await rows(database, "select pg_terminate_backend(:pid)", pid=row.pg_backend_pid)
    await until(line.driver.is_closed)

    assert await backend(lines) != row.pg_backend_pid


async def test_who_finds_no_connection_free_in_time_is_refused(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zipped.lines.POOL_WAIT", 0.05)

    async with lines.begin(), lines.begin():
        with pytest.raises(Unavailable):
            await backend(lines)

    assert await backend(lines)


async def test_a_statement_that_was_given_up_on_takes_its_connection_with_it(lines: Lines) -> None:
    before = await backend(lines)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), lines.begin() as line:
            await line.execute(text("select pg_sleep(5)"))

    assert await backend(lines) != before


async def test_closing_cuts_off_what_is_under_way(lines: Lines) -> None:
    started = asyncio.Event()

    async def sleep() -> None:
        async with lines.begin() as line:
            started.set()
            await line.execute(text("select pg_sleep(5)"))

    sleeping = asyncio.create_task(sleep())
    await started.wait()
    await lines.close()

    with pytest.raises(Unavailable):
        async with asyncio.timeout(2):
            await sleeping


async def test_who_reads_as_a_workspace_sees_that_and_writes_nothing_and_the_next_is_the_login_role(
    database: Database,
) -> None:
    (mine,), (theirs,) = await rows(database, "insert into workspace (name) values ('a'), ('b') returning id")
    seen = text("select current_user, (select array_agg(id) from workspace)")
    one = Lines(database, size=1)
    pid = await backend(one)

    async with one.begin_as([mine]) as line:
        [as_mine] = await line.execute(seen)
    async with one.begin_as([theirs]) as line:
        [as_theirs] = await line.execute(seen)
    async with one.begin() as line:
        [as_ourselves] = await line.execute(seen)
    again = await backend(one)
    with pytest.raises(Unavailable):
        async with one.begin_as([mine]) as line:
            await line.execute(text("insert into workspace (name) values ('c')"))
    await one.close()

    assert tuple(as_mine) == ("zipped_api", [mine])
    assert tuple(as_theirs) == ("zipped_api", [theirs])
    assert (as_ourselves[0], set(as_ourselves[1])) == ("zipped", {mine, theirs})
    assert again == pid


async def test_a_transaction_is_stored_whole_or_not_at_all(database: Database, lines: Lines) -> None:
    async def store(name: str, then: str) -> None:
        async with lines.transaction() as line:
            await line.execute(text("insert into workspace (name) values (:name)"), {"name": name})
            await line.execute(text(then))

    await store("a", "insert into workspace (name) values ('b')")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await store("c", "select 1 / 0")

    assert await rows(database, "select name from workspace order by name") == [("a",), ("b",)]
