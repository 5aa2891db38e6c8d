"""Runs nobody rang for, while doorbells never stop."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from tests.fixtures.waiting import until
from tests.integration.stored import execute, make_runs, make_worker, make_zip, rows
from worker.consumer import Doorbell
from worker.database_time import DatabaseTime
from worker.dispatcher import Dispatcher
from zipped.clock import SystemClock
from zipped.db import Database
from zipped.lines import Lines
from zipped.services.run_writes import Claimed

NOBODY = UUID(int=7)  # a run that does not exist: ringing for it claims nothing


class Slots:
    """An executor whose runs are over at once."""

    free = 4
    few = 1
    spare = 0

    def __init__(self) -> None:
        self.taken: list[UUID] = []

    def start(self, claims: Sequence[Claimed]) -> None:
        self.taken += [claimed.run.id for claimed in claims]


async def test_under_an_unbroken_flood_of_doorbells_runs_nobody_rang_for_are_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("worker.dispatcher.PULL_INTERVAL", 0.05)
    run_ids = await make_runs(database, await make_zip(database), 10)
    await execute(database, "update zip_run set queued_at = now() - interval '1 minute'")
    lines, slots, rung = Lines(database, size=3), Slots(), 0
    dispatcher = Dispatcher(
        lines,
        worker_id=await make_worker(database),
        executor=slots,  # type: ignore[arg-type]
        time=DatabaseTime(SystemClock()),
        hears=lambda: True,
    )

    def ring() -> None:
        nonlocal rung
        rung += 1
        dispatcher.offer(Doorbell(NOBODY, ring))  # for each that is answered the next

    async def found() -> bool:
        return len(slots.taken) == len(run_ids)

    # when
    for _ in range(50):
        ring()
    claiming = asyncio.create_task(dispatcher.run())
    try:
        await until(found)
    finally:
        dispatcher.close()
        await claiming
        await lines.close()

    # then
    assert sorted(slots.taken) == run_ids
    assert rung > 50 + len(run_ids)  # and doorbells were answered all the while
    assert await rows(database, "select distinct status, epoch from zip_run") == [("running", 1)]
