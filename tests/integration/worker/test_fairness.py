"""One workspace whose receivers hang fills the slots, and keeps no other workspace's runs waiting."""

from datetime import timedelta

import pytest

from tests.fixtures.waiting import until
from tests.integration.acting import Stage, ring, working
from tests.integration.stored import make_runs, make_zip, rows, step
from zipped.db import Database
from zipped.settings import Settings


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.dispatcher.OTHERS_INTERVAL", 0.05)
    monkeypatch.setattr("worker.dispatcher.OTHERS_LONGEST", 0.1)
    monkeypatch.setattr("worker.dispatcher.OTHERS_AFTER", timedelta(0))


async def test_while_one_workspace_holds_every_slot_the_runs_of_others_are_performed(
    settings: Settings, database: Database
) -> None:
    # given
    stage = Stage()
    stuck = await make_runs(database, await make_zip(database, [step("a", "test.hold")]), 40)
    others = [await make_zip(database, [step("a", "test.call")]) for _ in range(3)]
    theirs = [run_id for other in others for run_id in await make_runs(database, other, 2)]

    async def all_held() -> bool:
        return len(stage.calls) == 8

    async def others_done() -> bool:
        done = await rows(database, "select id from zip_run where status = 'succeeded'")
        return {run_id for (run_id,) in done} == set(theirs)

    # when
    async with working(settings, stage, slots=8) as worker:
        await ring(settings, *stuck)
        await until(all_held)
        await ring(settings, *theirs)  # behind all that wait for a slot
        await until(others_done)
        assert worker.executor is not None
        held = {run_id for run_id, _ in worker.executor.in_hand}
        stage.opened.set()

    # then
    assert held < set(stuck)
    assert len(held) == 8  # its own get no spare slot


async def test_of_the_spare_slots_nobody_gets_all(settings: Settings, database: Database) -> None:
    # given: two whose receivers hang
    stage = Stage()
    first = await make_runs(database, await make_zip(database, [step("a", "test.hold")]), 40)
    second = await make_runs(database, await make_zip(database, [step("a", "test.hold")]), 40)
    other = await make_runs(database, await make_zip(database, [step("a", "test.call")]), 1)

    async def held(count: int) -> bool:
        return len(stage.inputs("hold")) >= count

    async def other_done() -> bool:
        return await rows(database, "select id from zip_run where status = 'succeeded'") == [(other[0],)]

    # when
    async with working(settings, stage, slots=32) as worker:
        await ring(settings, *first)
        await until(lambda: held(32))
        await ring(settings, *second)
        await until(lambda: held(36))
        await ring(settings, *other)
        await until(other_done)
        assert worker.executor is not None
        spare = worker.executor.spare
        stage.opened.set()

    # then: 32 of the first, 4 of the second, and as many left
    assert spare == 4
