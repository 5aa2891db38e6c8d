"""Statements whose plans are pinned: made while the tables were empty, good when they are full."""

from uuid import UUID

from sqlalchemy import text

from tests.integration.run_writes.owning import ending
from tests.integration.stored import make_runs, make_worker, make_zip, rows
from zipped.db import Database
from zipped.lines import Lines
from zipped.services import run_writes
from zipped.services.run_writes import RunWrite

MANY = 3000  # rows: a scan of them shows
FILL = text(
    """
    insert into zip_run (workspace_id, zip_id, version_id, event_id, root_run_id, status, ended_by)
    select workspace_id, zip_id, version_id, event_id, root_run_id, 'succeeded', 'end'
    from zip_run cross join generate_series(1, :many) limit :many
    """
)
SCANS = "select seq_scan, seq_tup_read from pg_stat_user_tables where relname = 'zip_run'"


async def test_a_plan_made_on_an_empty_table_finds_runs_by_their_ids_in_a_full_one(
    database: Database, database_url: str
) -> None:
    worker_id = await make_worker(database)
    pinned = Database(database_url, application_name="tests-pinned", pool_size=1, pinned=True)
    lines = Lines(pinned, size=1)
    # given: statements that were planned, more often than PostgreSQL tries custom plans, before there was any run
    for number in range(8):
        async with lines.begin() as line:
            claims = await run_writes.claim(line, [UUID(int=number)], worker_id=worker_id)
        assert claims.claimed == []
    stored_zip = await make_zip(database)
    run_ids = await make_runs(database, stored_zip, 20)
    async with database.begin() as session:
        await session.execute(FILL, {"many": MANY})
    async with lines.begin() as line:
        await line.execute(text("select pg_stat_force_next_flush()"))
    before = await rows(database, SCANS)

    # when
    async with lines.begin() as line:
        claims = await run_writes.claim(line, run_ids, worker_id=worker_id)
    writes: list[RunWrite] = [ending(claimed.run) for claimed in claims.claimed]
    async with lines.begin() as line:
        stored = await run_writes.save(line, writes)
    async with lines.begin() as line:
        await line.execute(text("select pg_stat_force_next_flush()"))

    # then
    await lines.close()
    await pinned.dispose()
    assert stored == set(range(20))
    assert await rows(database, SCANS) == before
