"""The four rules of run_writes; each test also takes its rule out and sees the harm that it prevents."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.integration.run_writes.owning import attempt, claimed_runs, ending, going_on, parking, save, saved, started
from tests.integration.stored import execute, make_runs, make_worker, make_zip, messages, one, rows, run_row
from zipped.db import Database, sqlstate
from zipped.engine.run import release
from zipped.errors import Unavailable
from zipped.messages import RunRequested, decode_changed
from zipped.services import run_claims, run_saves, run_writes
from zipped.services.run_writes import RunWrite

WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


def altered(statement: TextClause, rule: str, instead: str) -> TextClause:
    """The statement without one of its rules."""
    told = str(statement)
    assert rule in told
    return text(told.replace(rule, instead).replace('{"v":1', '{"v"\\:1'))


async def wait_until_blocked(database: Database) -> None:
    """Until a transaction of this database waits for a lock."""
    async with asyncio.timeout(5):
        while (await one(database, WAITING)).count == 0:  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.01)


async def save_in_opposite_order(database: Database) -> None:
    """One transaction holds the first run and then writes the second; another writes second and first."""
    _, _, (first, second) = await claimed_runs(database, 2)

    async def both() -> None:
        await save(database, ending(second.run), ending(first.run))

    async with database.begin() as session:
        await session.execute(text("select 1 from zip_run where id = :id for update"), {"id": first.run.id})
        other = asyncio.create_task(both())
        try:
            await wait_until_blocked(database)
            await run_writes.save(session, [ending(second.run)])
        except BaseException:
            other.cancel()
            raise
    await other


async def test_a_saves_lock_in_id_order_and_do_not_deadlock(database: Database) -> None:
    await save_in_opposite_order(database)

    assert await rows(database, "select status, seq from zip_run") == [("succeeded", 2), ("succeeded", 2)]


async def test_a_taken_out_saves_in_another_order_deadlock(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    unordered = altered(run_saves.statement(attempts=False, waits=False), "order by r.id", "order by r.id desc")
    monkeypatch.setattr(run_saves, "statement", lambda **_: unordered)

    with pytest.raises(DBAPIError) as raised:
        await save_in_opposite_order(database)

    assert sqlstate(raised.value) == "40P01"


async def claim_what_another_claims(database: Database) -> set[object]:
    """While one worker's claim of the first run is not committed, another one claims both."""
    stored_zip = await make_zip(database)
    first, second = await make_runs(database, stored_zip, 2)
    worker_id = await make_worker(database)
    async with database.begin() as session:
        await run_writes.claim(session, [first], worker_id=worker_id)
        async with asyncio.timeout(1), database.begin() as other:
            claims = await run_writes.claim(other, [second, first], worker_id=worker_id)
    return {one.run.id == second for one in claims.claimed}


async def test_a_claims_skip_what_another_transaction_holds(database: Database) -> None:
    assert await claim_what_another_claims(database) == {True}


async def test_a_taken_out_claims_wait_for_each_other(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_claims, "CLAIM", altered(run_claims.CLAIM, "skip locked", ""))

    with pytest.raises(Unavailable):
        await claim_what_another_claims(database)


async def save_one_run_twice(database: Database) -> set[int]:
    """A run's two writes, one worked out from the other, in one batch."""
    _, _, (mine,) = await claimed_runs(database, 1)
    first = going_on(mine.run, attempt(1))
    second = ending(saved(first), attempt(2))
    return await save(database, first, second)


async def test_b_two_writes_of_a_run_in_a_batch_are_both_stored_in_order(database: Database) -> None:
    stored = await save_one_run_twice(database)

    assert stored == {0, 1}
    assert await rows(database, "select status, seq from zip_run") == [("succeeded", 3)]
    assert await rows(database, "select attempt from step_attempt order by attempt") == [(1,), (2,)]


async def test_b_taken_out_the_second_write_is_lost_without_an_error(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_saves, "once_each", lambda writes: [list(range(len(writes)))])

    await save_one_run_twice(database)

    assert await rows(database, "select status, seq from zip_run") == [("running", 2)]


async def save_after_another_took_over(database: Database) -> set[int]:
    """The run was given to somebody else between the claim and the save."""
    _, _, (mine, other) = await claimed_runs(database, 2)
    await execute(database, "update zip_run set epoch = epoch + 1 where id = :id", id=mine.run.id)
    await execute(database, "delete from zip_outbox")
    return await save(database, parking(mine.run, attempt()), ending(other.run))


async def test_c_a_fenced_write_stores_nothing_at_all(database: Database) -> None:
    await save_after_another_took_over(database)

    assert await rows(database, "select status, epoch, seq from zip_run order by id") == [
        ("running", 2, 1),
        ("succeeded", 1, 2),
    ]
    assert await rows(database, "select 1 from step_attempt") == []
    assert await rows(database, "select 1 from wait") == []
    assert [message["type"] for message in await messages(database, "zip-result")] == ["run.finished"]


async def test_c_taken_out_a_stale_write_is_stored_with_all_that_belongs_to_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_saves, "FENCE", "true")
    run_saves.statement.cache_clear()
    try:
        await save_after_another_took_over(database)
    finally:
        run_saves.statement.cache_clear()

    assert await rows(database, "select status from zip_run order by id") == [("waiting",), ("succeeded",)]
    assert len(await rows(database, "select 1 from step_attempt")) == 1
    assert len(await rows(database, "select 1 from wait")) == 1


async def test_d_the_caller_learns_which_writes_are_stored(database: Database) -> None:
    assert await save_after_another_took_over(database) == {1}


async def test_an_owners_late_write_is_fenced_though_its_epoch_still_holds(database: Database) -> None:
    _, _, (mine,) = await claimed_runs(database, 1)
    first = going_on(mine.run, started())
    await save(database, first)
    second = going_on(saved(first), attempt())
    await save(database, second)
    third = going_on(saved(second), started(2))
    await save(database, third)

    late = await save(database, first)

    assert late == set()
    assert (await run_row(database, mine.run.id)).seq == 4
    assert await rows(database, "select attempt, status from step_attempt order by attempt") == [
        (1, "succeeded"),
        (2, "started"),
    ]


async def test_a_write_sent_again_because_its_fate_was_unknown_counts_as_stored_and_is_stored_once(
    database: Database,
) -> None:
    _, _, (mine,) = await claimed_runs(database, 1)
    write = ending(mine.run, attempt())

    assert await save(database, write) == {0}
    assert await save(database, write) == {0}

    assert [message["type"] for message in await messages(database, "zip-result")] == ["run.finished"]
    assert (await run_row(database, mine.run.id)).seq == 2


async def test_a_deadlock_is_tried_twice_more(database: Database) -> None:
    tries = 0

    async def work(session: AsyncSession) -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            await session.execute(text("do $$ begin raise exception using errcode = '40P01'; end $$"))
        return "done"

    assert await run_writes.transact(database, work) == "done"
    assert tries == 3


async def test_a_fourth_deadlock_is_the_callers(database: Database) -> None:
    tries = 0

    async def work(session: AsyncSession) -> None:
        nonlocal tries
        tries += 1
        await session.execute(text("do $$ begin raise exception using errcode = '40P01'; end $$"))

    with pytest.raises(DBAPIError):
        await run_writes.transact(database, work)

    assert tries == 3


async def test_every_write_raises_seq_and_names_its_transaction(database: Database) -> None:
    stored_zip, worker_id, (mine,) = await claimed_runs(database, 1)
    seen = [await run_row(database, mine.run.id)]

    async def looked() -> None:
        seen.append(await run_row(database, mine.run.id))

    write = going_on(mine.run)
    await save(database, write)
    await looked()
    await save(database, parking(saved(write), seconds=-1))
    await looked()
    async with database.begin() as session:
        await run_writes.wake_due(session)
    await looked()
    async with database.begin() as session:
        await run_writes.claim(session, [mine.run.id], worker_id=worker_id)
    await looked()
    await execute(database, "update worker set dead_at = now()")
    async with database.begin() as session:
        await run_writes.requeue_lost(session, worker_id)
    await looked()
    async with database.begin() as session:
        await run_writes.cancel(session, stored_zip.workspace_id, mine.run.id)
    await looked()

    assert [row.seq for row in seen] == [1, 2, 3, 4, 5, 6, 7]
    assert len({row.changed_xid for row in seen}) == 7
    assert [row.changed_xid for row in seen] == sorted(row.changed_xid for row in seen)


async def test_texts_that_the_database_cannot_hold_are_mended_and_harm_no_neighbour(database: Database) -> None:
    _, _, (mine, other) = await claimed_runs(database, 2)
    bad = attempt(status="failed", output=None, error_code="bad", error_message="a\0b\ud800c")

    stored = await save(database, going_on(mine.run, bad), ending(other.run))

    assert stored == {0, 1}
    assert await rows(database, "select error_message from step_attempt") == [("a\ufffdb\ufffdc",)]


async def test_what_sql_writes_into_the_outbox_is_byte_for_byte_what_messages_encode(database: Database) -> None:
    _, _, (mine, other) = await claimed_runs(database, 2)
    let_go = RunWrite(base=mine.run, run=release(mine.run, now=datetime.now(UTC)))
    await save(database, let_go, ending(other.run))

    news = await rows(database, "select key, body from zip_outbox where topic = 'zip-result' order by id")
    bells = await rows(database, "select key, body from zip_outbox where topic = 'zip-execution'")

    changes = [decode_changed(body) for _, body in news]
    assert [change.encode() for change in changes] == [body for _, body in news]
    assert [(change.type, change.seq) for change in changes] == [
        ("run.queued", 2),
        ("run.finished", 2),
    ]
    assert [key for key, _ in news] == [f"run_{change.run_id}" for change in changes]
    assert bells == [(f"run_{mine.run.id}", RunRequested(mine.run.id).encode())]
