"""`zipped recover`: a report that changes nothing, and the requeueing that a person has to confirm."""

from uuid import UUID

from tests.integration.commands.conftest import RunZipped
from tests.integration.stored import execute, make_runs, make_worker, make_zip, one, rows, run_row
from zipped import ids
from zipped.db import Database

WRITING = """
    insert into step_attempt
        (run_id, step_id, path, attempt, generation, workspace_id, epoch, effect, status, idempotency_key, started_at)
    values (:run_id, 'send', '', 1, 0, :workspace_id, 1, 'write', 'started', 'KEY', now())
"""


async def one_running(database: Database) -> tuple[UUID, UUID]:
    """A run in the middle of a write, as a backup remembers it, and the worker it had."""
    stored = await make_zip(database)
    (run_id,) = await make_runs(database, stored)
    worker_id = await make_worker(database)
    await execute(
        database,
        "update zip_run set status = 'running', worker_id = :worker_id, epoch = 1, claimed_at = now() where id = :id",
        worker_id=worker_id,
        id=run_id,
    )
    await execute(database, WRITING, run_id=run_id, workspace_id=stored.workspace_id)
    return run_id, worker_id


async def rest(database: Database, worker_id: UUID) -> None:
    """Its last heartbeat is an hour old."""
    await execute(
        database, "update worker set seen_at = now() - interval '1 hour' where id = :worker_id", worker_id=worker_id
    )


async def test_the_report_names_the_steps_that_would_be_repeated_and_changes_nothing(
    database: Database, run_zipped: RunZipped
) -> None:
    run_id, worker_id = await one_running(database)
    await rest(database, worker_id)

    done = await run_zipped("recover")

    assert done.returncode == 0, done.stderr
    assert "Runs: 1 running, 0 queued, 0 waiting." in done.stdout
    assert f"  {ids.encode('run', run_id)}  step send  key KEY  begun " in done.stdout
    assert "Nothing was changed." in done.stdout
    row = await run_row(database, run_id)
    assert (row.status, row.epoch) == ("running", 1)


async def test_confirmed_it_queues_what_was_running_behind_a_new_fence(
    database: Database, run_zipped: RunZipped
) -> None:
    run_id, worker_id = await one_running(database)
    await rest(database, worker_id)

    done = await run_zipped("recover", "--confirm")

    assert done.returncode == 0, done.stderr
    assert "Runs queued again: 1. Start the workers." in done.stdout
    row = await run_row(database, run_id)
    assert (row.status, row.epoch, row.worker_id) == ("queued", 2, None)
    assert (await one(database, "select count(*) from zip_outbox where topic = 'zip-execution'")).count == 1
    assert (await one(database, "select dead_at is not null as dead from worker")).dead


async def test_it_refuses_while_a_worker_runs(database: Database, run_zipped: RunZipped) -> None:
    run_id, _ = await one_running(database)  # its heartbeat is from now

    done = await run_zipped("recover", "--confirm")

    assert done.returncode == 1
    assert (
        done.stderr == "zipped: Workers are running: test (process 1). Stop them first; what they hold is not lost.\n"
    )
    assert (await run_row(database, run_id)).status == "running"
    assert await rows(database, "select 1 from worker where dead_at is not null") == []
