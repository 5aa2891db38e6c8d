"""Every change is found once, in whatever order transactions begin and commit."""

import asyncio
import random
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.integration.stored import make_runs, make_zip, rows
from tests.integration.watch.reading import WRITE, Reader, changed, moment, reader, watched, write
from zipped.db import Database
from zipped.embedded.postgres import EmbeddedPostgres
from zipped.services import run_updates
from zipped.services.run_cursor import NOTHING, Cursor, Place, Snapshot
from zipped.services.run_updates import MAX_AGE, Kind, Watched

WRITERS = 8  # connections
WRITES = 10_000

KINDS: list[Kind] = ["zip", "workspace"]


class ChangedMyMind(Exception):
    """Rolls back."""


async def test_of_ten_thousand_writes_by_many_connections_none_is_missed_and_none_told_twice(
    database: Database,
) -> None:
    stored = await make_zip(database)
    run_ids = await make_runs(database, stored, 400)
    readers = [await reader(database, watched(stored)), await reader(database, watched(stored, "workspace"), limit=7)]
    seed = random.randrange(1 << 30)
    left = WRITES
    done = asyncio.Event()

    async def keep_writing(number: int) -> None:
        nonlocal left
        chance = random.Random(seed + number)
        mine = run_ids[number::WRITERS]  # a run has one owner at a time, as in the product
        while left > 0:
            batch = chance.sample(mine, k=chance.choice((1, 1, 2, 5, 20)))
            left -= len(batch)
            with suppress(ChangedMyMind):
                async with database.begin() as session:
                    await session.execute(text("select pg_current_xact_id()"))
                    for _ in range(chance.choice((0, 0, 1, 4))):  # of all lengths, so that they overtake each other
                        await session.execute(text("select 1"))
                    await session.execute(WRITE, {"ids": batch, "status": "running"})
                    if chance.random() < 0.02:
                        raise ChangedMyMind

    async def keep_reading(one: Reader) -> None:
        while not done.is_set():
            await one.read()

    async with asyncio.TaskGroup() as reading:
        for one in readers:
            reading.create_task(keep_reading(one))
        async with asyncio.TaskGroup() as writing:
            for number in range(WRITERS):
                writing.create_task(keep_writing(number))
        done.set()

    stored_seqs = dict(await rows(database, "select id, seq from zip_run"))
    assert sum(stored_seqs.values()) > WRITES * 0.9
    for one in readers:
        await one.read_all()
        assert one.latest() == stored_seqs, f"missed, seed {seed}"
        assert only_forward(one.told), f"told twice, seed {seed}"
        assert len(one.told) > WRITES / 10  # it did read while they wrote


async def test_ten_thousand_new_runs_are_told_ten_thousand_times(database: Database) -> None:
    stored = await make_zip(database)
    following = await reader(database, watched(stored), limit=100)
    done = asyncio.Event()

    async def keep_reading() -> None:
        while not done.is_set():
            await following.read()

    async def make(size: int) -> None:
        for _ in range(1250 // size):
            await make_runs(database, stored, size)

    async with asyncio.TaskGroup() as reading:
        reading.create_task(keep_reading())
        async with asyncio.TaskGroup() as writing:
            for size in (5, 5, 10, 25, 25, 125, 125, 625):
                writing.create_task(make(size))
        done.set()
    await following.read_all()

    assert len(following.told) == 10_000
    assert {run_id for run_id, _ in following.told} == {id for (id,) in await rows(database, "select id from zip_run")}


@pytest.mark.parametrize("kind", KINDS)
async def test_who_commits_late_is_told_late_and_nobody_twice(database: Database, kind: Kind) -> None:
    stored = await make_zip(database)
    early, late = await make_runs(database, stored, 2)
    following = await reader(database, watched(stored, kind))

    async with database.begin() as first:
        await first.execute(WRITE, {"ids": [early], "status": "running"})  # the lower transaction id
        await write(database, late)  # the higher one, committed before
        await following.read_all()
        seen_before = list(following.told)
    await following.read_all()
    await following.read_all()

    assert seen_before == [(late, 1)]
    assert following.told == [(late, 1), (early, 1)]


async def test_what_is_rolled_back_is_never_told(database: Database) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    following = await reader(database, watched(stored))

    with suppress(ChangedMyMind):
        async with database.begin() as session:
            await session.execute(WRITE, {"ids": [run_id], "status": "running"})
            await following.read_all()
            raise ChangedMyMind
    await following.read_all()

    assert following.told == []


async def test_two_writes_between_two_readings_are_told_as_the_later(database: Database) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    following = await reader(database, watched(stored))

    await write(database, run_id)
    await write(database, run_id, status="succeeded")
    await following.read_all()

    assert following.told == [(run_id, 2)]


@pytest.mark.parametrize("limit", [1, 3, 10])
@pytest.mark.parametrize("kind", KINDS)
async def test_pages_leave_nothing_out_while_what_they_list_changes(database: Database, kind: Kind, limit: int) -> None:
    stored = await make_zip(database)
    run_ids = await make_runs(database, stored, 20)
    following = await reader(database, watched(stored, kind), limit=limit)
    for run_id in run_ids:
        await write(database, run_id)

    first = await following.read()
    await write(database, run_ids[0], run_ids[-1])  # one that was told, one that is still to come
    await following.read_all()

    assert [run.id for run in first.runs] == run_ids[:limit]
    # The last one is told as it is now, once, in its new place.
    assert following.told == [
        *((run_id, 1) for run_id in run_ids[:-1]),
        *sorted([(run_ids[0], 2), (run_ids[-1], 2)]),
    ]


async def test_runs_of_one_transaction_are_paged_by_id(database: Database) -> None:
    stored = await make_zip(database)
    run_ids = await make_runs(database, stored, 20)
    following = await reader(database, watched(stored), limit=6)
    await write(database, *run_ids)

    await following.read_all()

    assert following.told == [(run_id, 1) for run_id in run_ids]


async def test_one_run_is_told_from_nothing_on_and_then_as_it_changes(database: Database) -> None:
    stored = await make_zip(database)
    run_id, other = await make_runs(database, stored, 2)
    now = await moment(database)
    following = Reader(database, watched(stored, "run", run_id), replace(now.cursor, since=NOTHING))

    await following.read_all()
    await write(database, other)
    await following.read_all()
    await write(database, run_id)
    await following.read_all()

    assert following.told == [(run_id, 0), (run_id, 1)]


async def test_several_are_read_together_each_from_its_own_cursor(database: Database) -> None:
    first, second = await make_zip(database), await make_zip(database)
    [one] = await make_runs(database, first)
    [two] = await make_runs(database, second)
    early = (await moment(database)).cursor
    await write(database, one, two)
    later = (await moment(database)).cursor
    await write(database, two)
    wanted: list[tuple[Watched, Cursor | None]] = [
        (watched(first), early),
        (watched(first), later),
        (watched(second, "workspace"), later),
        (watched(second, "run", two), early),
        (watched(second), early),
    ]

    workspaces = [first.workspace_id, second.workspace_id]
    async with database.begin_as(workspaces, read_only=True) as session:
        reading = await run_updates.read(session, wanted, limit=10)

    assert [[run.id for run in page.runs] for page in reading.pages] == [[one], [], [two], [two], [two]]
    assert {page.cursor for page in reading.pages} == {reading.now.cursor}


async def test_one_session_reads_each_state_anew_and_leaves_the_earlier_as_it_was(database: Database) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    begin = (await moment(database)).cursor
    seen = []

    async with database.begin_as([stored.workspace_id], read_only=True) as session:
        for _ in range(3):
            await write(database, run_id)
            [page] = (await run_updates.read(session, [(watched(stored), begin)], limit=10)).pages
            seen += page.runs

    assert [run.seq for run in seen] == [1, 2, 3]


async def test_a_cursor_of_another_database_is_known(
    database: Database, database_url: str, postgres: EmbeddedPostgres
) -> None:
    name = database_url.partition("?")[0].rpartition("/")[2]
    postgres.sql(f"create database copy_of_it template {name} owner zipped", database="postgres")
    copy = Database(postgres.url("copy_of_it"), application_name="tests", pool_size=1)

    here, there = await moment(database), await moment(copy)

    await copy.dispose()
    postgres.sql("drop database copy_of_it with (force)", database="postgres")
    assert run_updates.unusable(here.cursor, await moment(database)) is None
    assert run_updates.unusable(there.cursor, here) == "other_database"


async def test_a_cursor_of_the_future_is_of_a_history_that_was_set_back(database: Database) -> None:
    now = await moment(database)
    ahead = Snapshot(now.snapshot.xmin, now.snapshot.xmax + 1)

    whole = replace(now.cursor, since=ahead)
    partial = replace(now.cursor, until=ahead, place=Place(1, UUID(int=0)))

    assert run_updates.unusable(whole, now) == "other_database"
    assert run_updates.unusable(partial, now) == "other_database"


async def test_a_cursor_is_good_for_seven_days(database: Database) -> None:
    now = await moment(database)

    assert run_updates.unusable(replace(now.cursor, at=now.at - MAX_AGE), now) is None
    assert run_updates.unusable(replace(now.cursor, at=now.at - MAX_AGE - 1), now) == "too_old"


@pytest.mark.parametrize("kind", ["zip", "workspace", "run"])
async def test_with_either_wall_taken_out_nothing_foreign_is_read(database: Database, kind: Kind) -> None:
    mine, theirs = await make_zip(database), await make_zip(database)
    [run_id] = await make_runs(database, theirs)
    now = await moment(database)
    everything = replace(now.cursor, since=NOTHING)
    as_it_is = watched(theirs, kind, run_id)
    claimed = as_it_is._replace(workspace_id=mine.workspace_id)

    # The role sees my workspace only, though the reading names theirs.
    async with database.begin_as([mine.workspace_id], read_only=True) as session:
        [behind_policies] = (await run_updates.read(session, [(as_it_is, everything)], limit=10)).pages
    # The role sees theirs, and the reading names mine beside their id.
    async with database.begin_as([theirs.workspace_id], read_only=True) as session:
        [behind_the_query] = (await run_updates.read(session, [(claimed, everything)], limit=10)).pages

    assert behind_policies.runs == behind_the_query.runs == []
    assert [run.id for run in (await changed(database, as_it_is, everything)).runs] == [run_id]


def only_forward(told: list[tuple[UUID, int]]) -> bool:
    """Whether each run's states came in their order, none twice."""
    latest: dict[UUID, int] = {}
    for run_id, seq in told:
        if seq <= latest.get(run_id, -1):
            return False
        latest[run_id] = seq
    return True
