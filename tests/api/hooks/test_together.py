"""Many at once: two apis, one bad row among good ones, callers that go away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from api.hooks import door, store
from api.hooks.disk import Disk
from api.hooks.store import NotStorable, Store
from tests.api.hooks.ledger import counts, rows
from tests.fixtures.bell import SilentBell
from tests.fixtures.hooks import MakeHook, delivery
from tests.fixtures.serving import Serving
from tests.fixtures.waiting import until
from zipped.clock import SystemClock
from zipped.db import Database
from zipped.lines import Lines
from zipped.services.accept import Decision, Delivery, accept

StartServer = Callable[..., Awaitable[Serving]]

ROUNDS = 60
ROOMY = Disk(None, reserve=0, clock=SystemClock())
KEYS = 30


async def deadlocks(database: Database) -> int:
    async with database.begin() as session:
        await session.execute(text("select pg_stat_force_next_flush()"))
    [found] = await rows(database, "select deadlocks from pg_stat_database where datname = current_database()")
    return int(found.deadlocks)


async def test_two_apis_posting_the_same_keys_in_opposite_order(
    start_server: StartServer, make_hook: MakeHook, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: nobody is answered 503 because the machine is busy
    monkeypatch.setattr(door, "PATIENCE", 60.0)
    monkeypatch.setattr(store, "MAX_AGE", 60.0)
    one, two = await start_server(), await start_server()
    hook = await make_hook()
    statuses: list[int] = []
    for number in range(ROUNDS):
        keys = [f"{number}-{key:02}" for key in range(KEYS)]

        # when
        said = await asyncio.gather(
            *(one.post(hook.path, b'{"n":1}', idempotency_key=key) for key in keys),
            *(two.post(hook.path, b'{"n":1}', idempotency_key=key) for key in reversed(keys)),
        )

        # then: the same ids from both, whoever was first
        assert [first.body for first in said[:KEYS]] == [second.body for second in reversed(said[KEYS:])]
        statuses += [answer.status for answer in said]
    assert sorted(statuses) == [200] * ROUNDS * KEYS + [202] * ROUNDS * KEYS
    assert await counts(database) == (ROUNDS * KEYS, ROUNDS * KEYS, ROUNDS * KEYS, 2 * ROUNDS * KEYS)
    assert await deadlocks(database) == 0


async def test_two_batches_with_the_same_keys_in_opposite_order(
    database: Database, make_hook: MakeHook, lines: Lines
) -> None:
    # given
    hooks = [await make_hook() for _ in range(3)]

    async def commit(deliveries: list[Delivery]) -> list[Decision]:
        return [one for one in await accept(lines, deliveries) if isinstance(one, Decision)]

    for number in range(ROUNDS):
        batch = [delivery(hook, key=f"{number}-{key}") for hook in hooks for key in range(80)]

        # when
        one, two = await asyncio.gather(commit(batch), commit(batch[::-1]))

        # then
        assert sorted(decision.outcome for decision in one + two) == ["accepted"] * 240 + ["duplicate"] * 240
        assert [decision.run_id for decision in one] == [decision.run_id for decision in reversed(two)]
    assert (await counts(database))[0] == ROUNDS * 240
    assert await deadlocks(database) == 0


async def test_a_poisoned_row_among_a_hundred_harms_its_own_caller_only(
    database: Database, make_hook: MakeHook, lines: Lines
) -> None:
    # given: what no request can bring this far
    hook, bell = await make_hook(), SilentBell()
    made = Store(lines, bell=bell, disk=ROOMY)
    deliveries = [delivery(hook, key="a\x00b" if number == 57 else f"k{number}") for number in range(100)]

    # when
    results: list[Any] = await asyncio.gather(
        *(made.submit(one, patience=60) for one in deliveries), return_exceptions=True
    )

    # then
    poisoned = results.pop(57)
    assert isinstance(poisoned, NotStorable)
    assert [result.outcome for result in results] == ["accepted"] * 99
    assert await counts(database) == (99, 99, 99, 99)
    assert bell.rung > 0


async def test_no_bell_without_a_run(database: Database, make_hook: MakeHook, lines: Lines) -> None:
    hook, bell = await make_hook(state="draft"), SilentBell()
    decision = await Store(lines, bell=bell, disk=ROOMY).submit(delivery(hook, key=None), patience=60)
    assert (decision.outcome, bell.rung) == ("draft", 0)


async def test_clients_that_go_away_cancel_nothing_and_leak_nothing(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    # given: the table is locked, so that requests are under way for as long as we like
    hook = await make_hook()
    memory = server.api._door._memory

    def holds(size: int) -> Callable[[], Awaitable[bool]]:
        async def check() -> bool:
            return memory.held == size

        return check

    for group in range(0, 500, 100):
        async with database.begin() as session:
            await session.execute(text("lock table event in share mode"))
            writers = []
            for number in range(group, group + 100):
                _, writer = await asyncio.open_connection("127.0.0.1", server.port)
                head = f"POST {hook.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nIdempotency-Key: {number}\r\n\r\n"
                writer.write(head.encode() + b"{}")
                writers.append(writer)
            await until(holds(200))

            # when
            for number, writer in enumerate(writers):
                if number % 2:
                    writer.close()
                else:
                    writer.transport.abort()
        await until(holds(0))

    # then: everything that had arrived is stored, and nobody holds anything
    said = [await server.post(hook.path, b"{}", idempotency_key=str(number)) for number in range(500)]
    assert {answer.status for answer in said} == {200}
    assert await counts(database) == (500, 500, 500, 1000)
    [found] = await rows(
        database,
        "select count(*), count(*) filter (where state <> 'idle') from pg_stat_activity "
        "where application_name = 'zipped-door' and datname = current_database()",
    )
    assert found[0] <= 6
    assert found[1] == 0


async def test_who_stays_is_answered_while_half_the_clients_leave(server: Serving, make_hook: MakeHook) -> None:
    hook = await make_hook()
    for _ in range(20):
        leaving = [asyncio.create_task(server.post(hook.path)) for _ in range(10)]
        staying = [asyncio.create_task(server.post(hook.path)) for _ in range(10)]
        await asyncio.sleep(0)
        for task in leaving:
            task.cancel()
        said = await asyncio.gather(*staying)
        assert [answer.status for answer in said] == [202] * 10
        await asyncio.gather(*leaving, return_exceptions=True)
