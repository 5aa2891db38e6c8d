"""What a worker tells those who watch, between a run's start and its end."""

import asyncio

from tests.fixtures.waiting import DEADLINE
from tests.integration.acting import Stage, ring, until_status, working
from tests.integration.stored import make_runs, make_zip, run_row, step
from zipped.broker.consumer import Consumer
from zipped.db import Database
from zipped.messages import RESULT, RunChanged, decode_changed
from zipped.settings import Settings


async def test_that_a_run_goes_on_is_told_straight_from_the_worker(settings: Settings, database: Database) -> None:
    stage = Stage()
    stored_zip = await make_zip(database, [step("a", "test.hold"), step("b", "test.call")])
    (run_id,) = await make_runs(database, stored_zip)
    watcher = Consumer(settings, RESULT)
    watcher.start()
    heard: list[RunChanged] = []

    async with asyncio.timeout(DEADLINE), working(settings, stage):
        await watcher.wait_live()
        await ring(settings, run_id)
        while not heard:
            records = await watcher.getmany(timeout=0.5, max_records=100)
            changes = [decode_changed(record.value) for record in records]
            heard = [change for change in changes if change.run_id == run_id]
        stored = await run_row(database, run_id)
        stage.opened.set()
        await until_status(database, "succeeded")
    await watcher.stop()

    (news,) = heard
    assert (news.type, news.status, news.seq) == ("run.progressed", "running", stored.seq)
    assert (news.zip_id, news.workspace_id) == (stored_zip.zip_id, stored_zip.workspace_id)
