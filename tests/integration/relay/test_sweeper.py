"""Workers that die lose their runs; workers that only seem to, don't. The sweeper's own clock is in the test's hand."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from relay.sweeper import Sweeper
from relay.wake import Wake
from tests.fixtures.waiting import until
from tests.integration import stored
from tests.integration.run_writes.owning import claimed_runs, going_on, save, started
from tests.integration.stored import make_worker
from zipped import metrics
from zipped.clock import ManualClock
from zipped.db import Database
from zipped.services import workers

AGE = "update worker set seen_at = clock_timestamp() - interval '1 minute' where id = :id"
BEAT = "update worker set seen_at = clock_timestamp() where id = :id"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
async def old_server(database: Database) -> None:
    """The server runs for more than the ten seconds that count from its start."""

    async def old() -> bool:
        (age,) = await stored.one(database, "select extract(epoch from now() - pg_postmaster_start_time())")
        return bool(age > 10.5)

    await until(old)


async def turns(sweeper: Sweeper, clock: ManualClock, count: int, *, beating: tuple[UUID, ...] = ()) -> None:
    database = sweeper._database
    for _ in range(count):
        clock.advance(1.0)
        for worker_id in beating:
            await stored.execute(database, BEAT, id=worker_id)
        await sweeper.turn()


async def dead(database: Database) -> set[UUID]:
    return {
        worker_id for (worker_id,) in await stored.rows(database, "select id from worker where dead_at is not null")
    }


@pytest.mark.usefixtures("old_server")
async def test_a_dead_workers_runs_are_queued_again_and_a_living_ones_are_not(
    database: Database, clock: ManualClock
) -> None:
    _, gone, lost_runs = await claimed_runs(database, 3)
    _, alive, kept_runs = await claimed_runs(database, 2)
    await stored.execute(database, AGE, id=gone)
    wake = Wake(database)
    sweeper = Sweeper(database, wake, clock=clock)

    await sweeper.turn()
    await turns(sweeper, clock, 9, beating=(alive,))
    before = await dead(database)
    rung_before = await wake.wait(0)
    await turns(sweeper, clock, 1, beating=(alive,))

    assert before == set()
    assert rung_before is False
    assert await dead(database) == {gone}
    assert await wake.wait(0) is True
    for claimed in lost_runs:
        row = await stored.run_row(database, claimed.run.id)
        assert (row.status, row.epoch, row.worker_id) == ("queued", claimed.run.epoch + 1, None)
    for claimed in kept_runs:
        row = await stored.run_row(database, claimed.run.id)
        assert (row.status, row.epoch, row.worker_id) == ("running", claimed.run.epoch, alive)
    assert len(await stored.messages(database, "zip-execution")) == 3


@pytest.mark.usefixtures("old_server")
async def test_after_a_pause_of_twelve_seconds_nobody_is_dead(database: Database, clock: ManualClock) -> None:
    crew = [(await claimed_runs(database, 1))[1] for _ in range(20)]
    sweeper = Sweeper(database, Wake(database), clock=clock)
    await sweeper.turn()
    await turns(sweeper, clock, 8)

    # The database stood still: nobody's heartbeat came through, and every one is old by its clock.
    for worker_id in crew:
        await stored.execute(database, AGE, id=worker_id)
    clock.advance(12.0)
    await sweeper.turn()
    await turns(sweeper, clock, 5)
    for worker_id in crew:
        await stored.execute(database, BEAT, id=worker_id)
    await turns(sweeper, clock, 9)

    assert await dead(database) == set()
    assert await stored.rows(database, "select status, count(*) from zip_run group by 1") == [("running", 20)]


@pytest.mark.usefixtures("old_server")
async def test_a_worker_that_beats_at_the_last_moment_lives(database: Database, clock: ManualClock) -> None:
    worker_id = await make_worker(database)
    await stored.execute(database, AGE, id=worker_id)
    sweeper = Sweeper(database, Wake(database), clock=clock)
    await sweeper.turn()
    await turns(sweeper, clock, 9)

    await stored.execute(database, BEAT, id=worker_id)
    clock.advance(1.0)
    await sweeper.turn()

    assert await dead(database) == set()


async def test_a_sign_between_the_look_and_the_verdict_saves_a_worker(database: Database) -> None:
    worker_id = await make_worker(database)
    await stored.execute(database, AGE, id=worker_id)
    async with database.begin() as session:
        (seen,) = await workers.signs_of_life(session)
    await stored.execute(database, BEAT, id=worker_id)

    async with database.begin() as session:
        declared = await workers.declare_dead(session, seen)

    assert declared is False
    assert await dead(database) == set()


async def test_a_worker_that_left_loses_what_it_still_owned_at_once(database: Database, clock: ManualClock) -> None:
    _, worker_id, claimed = await claimed_runs(database, 2)
    await stored.execute(database, "update worker set dead_at = clock_timestamp() where id = :id", id=worker_id)

    await Sweeper(database, Wake(database), clock=clock).turn()

    for one in claimed:
        assert (await stored.run_row(database, one.run.id)).status == "queued"


async def test_a_worker_whose_row_is_gone_loses_its_runs_too(database: Database, clock: ManualClock) -> None:
    _, worker_id, (claimed,) = await claimed_runs(database, 1)
    await stored.execute(database, "delete from worker where id = :id", id=worker_id)

    await Sweeper(database, Wake(database), clock=clock).turn()

    assert (await stored.run_row(database, claimed.run.id)).status == "queued"


async def test_more_than_a_batch_is_requeued_in_one_turn(database: Database, clock: ManualClock) -> None:
    _, worker_id, claimed = await claimed_runs(database, 1100)
    await stored.execute(database, "update worker set dead_at = clock_timestamp() where id = :id", id=worker_id)

    await Sweeper(database, Wake(database), clock=clock).turn()

    assert len(claimed) == 1100
    assert await stored.rows(database, "select status, count(*) from zip_run group by 1") == [("queued", 1100)]


async def test_a_run_that_ends_by_its_third_crash_is_counted_among_the_finished(
    database: Database, clock: ManualClock
) -> None:
    _, gone, (third, first) = await claimed_runs(database, 2)
    await save(database, going_on(third.run, started()), going_on(first.run, started()))
    await stored.execute(database, "update zip_run set crashes = 2 where id = :id", id=third.run.id)
    await stored.execute(database, "update worker set dead_at = now() where id = :id", id=gone)
    before = metrics.REGISTRY.get_sample_value("zipped_runs_finished_total", {"status": "dead"}) or 0.0

    await turns(Sweeper(database, Wake(database), clock=clock), clock, 2)

    assert await stored.rows(database, "select status, crashes from zip_run order by id") == [
        ("dead", 3),
        ("queued", 1),
    ]
    assert metrics.REGISTRY.get_sample_value("zipped_runs_finished_total", {"status": "dead"}) == before + 1
