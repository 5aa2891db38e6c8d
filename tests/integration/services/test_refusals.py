"""Refusals in the ledger: a hundred rows of a trigger and hour, then a number."""

import asyncio
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from api.hooks.refused import Refused
from tests.fixtures.hooks import Hook, MakeHook
from zipped.clock import SystemClock
from zipped.db import Database
from zipped.services.refusals import Outcome, Refusal, record


def refusal(hook: Hook, outcome: Outcome = "malformed", body: bytes = b"{", size: int | None = None) -> Refusal:
    return Refusal(
        trigger_id=hook.trigger_id,
        outcome=outcome,
        reason="It was bad.",
        method="POST",
        query=b"a=1",
        headers=b"[]",
        body=body,
        body_size=len(body) if size is None else size,
        source_ip="203.0.113.7",
    )


async def rows(database: Database, query: str) -> list[Any]:
    async with database.begin() as session:
        return list(await session.execute(text(query)))


async def tally(database: Database, hook: Hook) -> dict[str, tuple[int, int]]:
    found = await rows(database, f"select * from event_tally where trigger_id = '{hook.trigger_id}'")
    return {row.outcome: (row.kept, row.dropped) for row in found}


async def test_a_refusal_is_an_event_without_a_run(database: Database, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()

    # when
    async with database.begin() as session:
        full = await record(session, [refusal(hook, "too_large", b"x" * 4096, 5000), refusal(hook, body=b"")])

    # then
    assert full == {}
    large, empty = await rows(
        database,
        "select e.*, b.body, b.truncated from event e left join event_body b on b.event_id = e.id order by e.id",
    )
    assert (large.outcome, large.reason, large.method, large.query) == ("too_large", "It was bad.", "POST", b"a=1")
    assert (large.workspace_id, large.zip_id, large.trigger_id) == (hook.workspace_id, hook.zip_id, hook.trigger_id)
    assert (large.body, large.truncated, large.body_size) == (b"x" * 4096, True, 5000)
    assert (large.run_id, large.dedupe_key, large.source_ip) == (None, None, "203.0.113.7")
    assert (empty.outcome, empty.body) == ("malformed", None)
    assert await tally(database, hook) == {"too_large": (1, 0), "malformed": (1, 0)}


async def test_a_hundred_rows_an_hour_whatever_the_outcome(database: Database, make_hook: MakeHook) -> None:
    # given
    hook, other = await make_hook(), await make_hook()
    async with database.begin() as session:
        await record(session, [refusal(hook)] * 60)

    # when
    async with database.begin() as session:
        full = await record(
            session,
            [refusal(hook, "bad_signature")] * 50 + [refusal(other)] * 5,
            more={(hook.trigger_id, "malformed"): 1000, (other.trigger_id, "throttled"): 7},
        )

    # then
    assert await tally(database, hook) == {"malformed": (60, 1000), "bad_signature": (40, 10)}
    assert await tally(database, other) == {"malformed": (5, 0), "throttled": (0, 7)}
    assert full.keys() == {hook.trigger_id}
    assert 0 < full[hook.trigger_id] <= 3600
    assert [row.count for row in await rows(database, "select count(*) from event group by trigger_id order by 1")] == [
        5,
        100,
    ]


async def test_two_apis_keep_a_hundred_between_them(database: Database, make_hook: MakeHook) -> None:
    # given
    hooks = [await make_hook() for _ in range(3)]

    async def write(order: int) -> None:
        for _ in range(8):
            async with database.begin() as session:
                await record(session, [refusal(hook) for hook in hooks[::order] for _ in range(10)])

    # when
    await asyncio.gather(*(write(order) for order in (1, -1, 1, -1)))

    # then
    for hook in hooks:
        assert await tally(database, hook) == {"malformed": (100, 220)}


async def test_the_next_hour_has_room_again(database: Database, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    async with database.begin() as session:
        await record(session, [refusal(hook)] * 120)
        await session.execute(text("update event_tally set hour = hour - interval '1 hour'"))

    # when
    async with database.begin() as session:
        full = await record(session, [refusal(hook)])

    # then
    assert full == {}
    [found] = await rows(database, "select count(*) from event")
    assert found.count == 101


async def test_a_trigger_that_is_gone_is_passed_over(database: Database, make_hook: MakeHook) -> None:
    hook = await make_hook()
    gone = Hook("", uuid4(), uuid4(), uuid4(), uuid4())
    async with database.begin() as session:
        await record(session, [refusal(gone), refusal(hook)], more={(gone.trigger_id, "malformed"): 3})
    assert await tally(database, hook) == {"malformed": (1, 0)}
    assert await tally(database, gone) == {}


async def test_the_entrance_bounds_what_waits_and_loses_no_count(database: Database, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    refused = Refused(database, clock=SystemClock())

    # when
    for _ in range(5000):
        refused.add(refusal(hook))
    assert len(refused._rows) == 100
    assert not refused.has_room(hook.trigger_id)
    await refused.close()

    # then
    assert await tally(database, hook) == {"malformed": (100, 4900)}


async def test_while_the_database_is_away_refusals_are_counted(make_hook: MakeHook, database: Database) -> None:
    # given
    hook = await make_hook()
    refused = Refused(Database("postgresql+asyncpg://x@127.0.0.1:1/x", application_name="x"), clock=SystemClock())

    # when
    for _ in range(10):
        refused.add(refusal(hook))
    async with asyncio.timeout(5):
        await refused.close()

    # then
    assert refused._more == {(hook.trigger_id, "malformed"): 10}
    assert refused._rows == []
