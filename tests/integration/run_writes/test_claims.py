"""Claims and pulls: one winner, whoever rings and however often."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from tests.integration.run_writes.owning import claim, claimed_runs, ending, save
from tests.integration.stored import execute, make_runs, make_worker, make_zip, messages, rows, run_row
from zipped.db import Database
from zipped.engine.run import Run
from zipped.services import run_writes


async def test_a_claim_makes_the_worker_the_owner(database: Database) -> None:
    stored_zip = await make_zip(database)
    (run_id,) = await make_runs(database, stored_zip)
    worker_id = await make_worker(database)

    (mine,) = await claim(database, [run_id], worker_id)

    row = await run_row(database, run_id)
    assert (row.status, row.worker_id, row.epoch, row.seq) == ("running", worker_id, 1, 1)
    assert row.started_at is not None
    assert row.deadline - row.claimed_at == pytest.approx(timedelta(hours=1), abs=timedelta(milliseconds=5))
    assert mine.fresh
    assert mine.run == Run(
        id=run_id, root_id=run_id, status="running", epoch=1, seq=1, claimed_at=row.claimed_at, deadline=row.deadline
    )
    assert await messages(database, "zip-result") == []


async def test_of_two_workers_that_claim_the_same_runs_each_run_has_one_winner(database: Database) -> None:
    stored_zip = await make_zip(database)
    run_ids = await make_runs(database, stored_zip, 100)
    workers = [await make_worker(database) for _ in range(4)]

    won = await asyncio.gather(*(claim(database, run_ids, worker_id) for worker_id in workers))

    winners = [one.run.id for claims in won for one in claims]
    assert sorted(winners) == run_ids
    assert await rows(database, "select distinct epoch, seq from zip_run") == [(1, 1)]


async def test_a_run_that_was_claimed_is_not_claimed_again(database: Database) -> None:
    _, worker_id, (mine,) = await claimed_runs(database, 1)

    assert await claim(database, [mine.run.id], worker_id) == []
    assert (await run_row(database, mine.run.id)).epoch == 1


async def test_a_doorbell_for_a_run_that_does_not_exist_does_nothing(database: Database) -> None:
    worker_id = await make_worker(database)

    assert await claim(database, [UUID(int=1)], worker_id) == []
    assert await messages(database, "zip-result") == []


async def test_a_worker_that_was_declared_dead_claims_nothing(database: Database) -> None:
    stored_zip = await make_zip(database)
    run_ids = await make_runs(database, stored_zip)
    worker_id = await make_worker(database)
    await execute(database, "update worker set dead_at = now()")

    assert await claim(database, run_ids, worker_id) == []
    assert await rows(database, "select status, epoch from zip_run") == [("queued", 0)]


async def test_running_time_of_earlier_claims_is_taken_off_the_deadline(database: Database) -> None:
    stored_zip = await make_zip(database)
    (run_id,) = await make_runs(database, stored_zip)
    await execute(database, "update zip_run set active_ms = 600000")

    (mine,) = await claim(database, [run_id], await make_worker(database))

    assert mine.run.deadline is not None
    assert mine.run.claimed_at is not None
    assert mine.run.deadline - mine.run.claimed_at == pytest.approx(
        timedelta(minutes=50), abs=timedelta(milliseconds=5)
    )


async def test_a_run_that_crashed_is_claimed_alone(database: Database) -> None:
    stored_zip = await make_zip(database)
    clean, suspect = await make_runs(database, stored_zip, 2)
    await execute(database, "update zip_run set crashes = 1 where id = :id", id=suspect)
    worker_id = await make_worker(database)

    async with database.begin() as session:
        claims = await run_writes.claim(session, [clean, suspect], worker_id=worker_id)

    assert [one.run.id for one in claims.claimed] == [clean]
    assert claims.suspects == [suspect]
    assert (await run_row(database, suspect)).status == "queued"
    (alone,) = await claim(database, [suspect], worker_id, alone=True)
    assert alone.run.crashes == 1


async def test_claiming_several_runs_alone_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="alone"):
        await claim(database, [UUID(int=1), UUID(int=2)], UUID(int=3), alone=True)


async def test_a_run_whose_place_this_release_cannot_read_harms_no_neighbour(database: Database) -> None:
    stored_zip = await make_zip(database)
    good, newer = await make_runs(database, stored_zip, 2)
    await execute(database, """update zip_run set cursor = '[{"lane": 3}]' where id = :id""", id=newer)
    worker_id = await make_worker(database)

    async with database.begin() as session:
        claims = await run_writes.claim(session, [good, newer], worker_id=worker_id)
    async with database.begin() as session:
        given_back = await run_writes.give_back(session, claims.unreadable, delay=timedelta(seconds=10))

    assert [one.run.id for one in claims.claimed] == [good]
    assert given_back == {newer}
    row = await run_row(database, newer)
    assert (row.status, row.worker_id, row.epoch) == ("waiting", None, 2)
    assert row.cursor == [{"lane": 3}]


async def test_pulling_takes_what_was_queued_long_enough_the_oldest_first(database: Database) -> None:
    stored_zip = await make_zip(database)
    first, second, third, young = await make_runs(database, stored_zip, 4)
    for run_id, age in ((first, 40), (second, 50), (third, 60)):
        await execute(
            database,
            "update zip_run set queued_at = now() - make_interval(secs => :age) where id = :id",
            age=age,
            id=run_id,
        )
    worker_id = await make_worker(database)

    async with database.begin() as session:
        claims = await run_writes.pull(session, worker_id=worker_id, older_than=timedelta(seconds=30), limit=10)

    assert {one.run.id for one in claims.claimed} == {first, second, third}
    assert (await run_row(database, young)).status == "queued"


async def test_workers_that_pull_at_once_share_what_there_is(database: Database) -> None:
    stored_zip = await make_zip(database)
    run_ids = await make_runs(database, stored_zip, 60)
    workers = [await make_worker(database) for _ in range(3)]

    async def pull(worker_id: UUID) -> list[UUID]:
        async with database.begin() as session:
            claims = await run_writes.pull(session, worker_id=worker_id, older_than=timedelta(0), limit=20)
        return [one.run.id for one in claims.claimed]

    pulled = await asyncio.gather(*map(pull, workers))

    assert [len(mine) for mine in pulled] == [20, 20, 20]
    assert sorted(run_id for mine in pulled for run_id in mine) == run_ids


async def test_pulling_for_others_passes_over_who_holds_much_and_takes_a_few_of_each(database: Database) -> None:
    crowd, second, third = [await make_zip(database) for _ in range(3)]
    await make_runs(database, crowd, 5)
    many, few = await make_runs(database, second, 5), await make_runs(database, third, 2)
    suspect, young = await make_runs(database, third, 2)
    await execute(database, "update zip_run set queued_at = now() - interval '10 s' where id <> :id", id=young)
    await execute(database, "update zip_run set crashes = 1 where id = :id", id=suspect)
    worker_id = await make_worker(database)

    async with database.begin() as session:
        claims = await run_writes.pull_for_others(
            session,
            worker_id=worker_id,
            crowded=[crowd.workspace_id],
            older_than=timedelta(seconds=2),
            each=3,
            limit=10,
        )

    assert {one.run.id for one in claims.claimed} == {*many[:3], *few}
    assert claims.suspects == []
    assert await rows(database, "select status, count(*) from zip_run group by 1 order by 1") == [
        ("queued", 9),
        ("running", 5),
    ]


async def test_what_has_ended_is_never_claimed(database: Database) -> None:
    _, worker_id, (mine,) = await claimed_runs(database, 1)
    await save(database, ending(mine.run))

    assert await claim(database, [mine.run.id], worker_id) == []
    async with database.begin() as session:
        assert (await run_writes.pull(session, worker_id=worker_id, older_than=timedelta(0), limit=9)).claimed == []
