"""What a worker finds that another one left behind, and what becomes of one that was left behind itself."""

import asyncio
from uuid import UUID

import pytest

from tests.fixtures.waiting import until
from tests.integration.acting import Stage, attempts, relaying, ring, until_status, working
from tests.integration.stored import execute, make_runs, make_worker, make_zip, messages, one, rows, run_row, step
from worker import ownership
from worker.worker import Worker
from zipped.db import Database
from zipped.engine.path import idempotency_key
from zipped.engine.run import Effect
from zipped.services import run_writes
from zipped.services.run_writes import AttemptWrite, Claimed, RunWrite
from zipped.settings import Settings


async def claim_elsewhere(database: Database, run_id: UUID) -> tuple[UUID, Claimed]:
    """Another worker owns the run."""
    worker_id = await make_worker(database)
    async with database.begin() as session:
        claims = await run_writes.claim(session, [run_id], worker_id=worker_id, alone=True)
    return worker_id, claims.claimed[0]


async def bury(database: Database, worker_id: UUID) -> None:
    """The worker is declared dead and its runs are taken from it."""
    await execute(database, "update worker set dead_at = now() where id = :id", id=worker_id)
    async with database.begin() as session:
        await run_writes.requeue_lost(session, worker_id)


async def die_in_the_middle(database: Database, run_id: UUID, *, effect: Effect, input: bytes) -> None:
    """A worker dies after it has stored the intent of step "a" and before its result."""
    worker_id, claimed = await claim_elsewhere(database, run_id)
    intent = AttemptWrite(
        step_id="a",
        path="",
        attempt=1,
        generation=0,
        effect=effect,
        status="started",
        idempotency_key=idempotency_key(run_id, "a", "", 0),
        input=input,
    )
    async with database.begin() as session:
        assert await run_writes.save(session, [RunWrite(base=claimed.run, run=claimed.run, attempts=(intent,))])
    await bury(database, worker_id)


async def test_a_write_cut_off_by_a_death_is_sent_again_byte_for_byte_under_its_key_and_marked(
    settings: Settings, database: Database
) -> None:
    stage = Stage()
    steps = [step("a", "test.call", input={"n": "{{ trigger.body.n }}"}), step("b", "test.call", input={"n": 0})]
    (run_id,) = await make_runs(database, await make_zip(database, steps), body=b'{"n":2}')
    await die_in_the_middle(database, run_id, effect="write", input=b'{"n":1}')

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert stage.inputs("call") == [{"n": 1}, {"n": 0}]
    assert stage.keys[0] == idempotency_key(run_id, "a", "", 0)
    assert await rows(
        database, "select step_id, attempt, status, error_code, maybe_repeated from step_attempt order by 1, 2"
    ) == [
        ("a", 1, "unknown", "worker_lost", False),
        ("a", 2, "succeeded", None, True),
        ("b", 1, "succeeded", None, False),
    ]
    assert (await run_row(database, run_id)).crashes == 0


async def test_a_read_cut_off_by_a_death_is_simply_done_again(settings: Settings, database: Database) -> None:
    stage = Stage()
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.read")]))
    await die_in_the_middle(database, run_id, effect="read", input=b"{}")

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert await rows(database, "select attempt, status, maybe_repeated from step_attempt order by 1") == [
        (1, "unknown", False),
        (2, "succeeded", False),
    ]


async def test_a_write_cut_off_by_a_death_ends_the_run_when_its_author_wants_a_person_to_look(
    settings: Settings, database: Database
) -> None:
    stage = Stage()
    steps = [step("a", "test.call", settings={"onUnknown": "stop"})]
    (run_id,) = await make_runs(database, await make_zip(database, steps))
    await die_in_the_middle(database, run_id, effect="write", input=b"{}")

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "failed")

    assert stage.calls == []
    row = await run_row(database, run_id)
    assert (row.ended_by, row.error_code, row.error_step_id) == ("error", "unknown_outcome", "a")
    assert await attempts(database) == [("a", 1, "unknown")]


async def test_a_run_claimed_again_writes_the_intent_of_a_pure_step_so_that_its_crash_would_count(
    settings: Settings, database: Database
) -> None:
    stage = Stage()
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.echo")]))
    worker_id, _ = await claim_elsewhere(database, run_id)
    await bury(database, worker_id)

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    # claim, crash, claim, intent, end
    assert (await run_row(database, run_id)).seq == 5


async def test_while_a_run_under_suspicion_is_performed_no_other_step_is_under_way(
    settings: Settings, database: Database
) -> None:
    stage = Stage()
    stored_zip = await make_zip(database, [step("a", "test.hold"), step("b", "test.call")])
    run_ids = await make_runs(database, stored_zip, 3)
    suspects = run_ids[:2]
    for run_id in suspects:
        await execute(database, "update zip_run set crashes = 1 where id = :id", id=run_id)

    async def started() -> bool:
        return len(await rows(database, "select 1 from step_attempt where status = 'started'")) == 1

    async with working(settings, stage):
        await ring(settings, *suspects)
        await until(started)
        await ring(settings, run_ids[2])

        async def claimed() -> bool:
            row = await run_row(database, run_ids[2])
            return bool(row.status == "running")

        await until(claimed)
        held = await rows(database, "select 1 from step_attempt")
        queued = await rows(database, "select 1 from zip_run where status = 'queued'")
        stage.opened.set()
        await until_status(database, "succeeded")

    assert len(held) == 1
    assert len(queued) == 1
    assert len(stage.calls) == 6


async def hold(settings: Settings, database: Database, stage: Stage, run_id: UUID) -> None:
    """Ring, and wait until the run's step is under way."""
    await ring(settings, run_id)
    async with asyncio.timeout(10):
        await stage.called.wait()


async def test_a_cancelled_run_has_its_step_stopped(settings: Settings, database: Database) -> None:
    stage = Stage()
    stored_zip = await make_zip(database, [step("a", "test.hold"), step("b", "test.call")])
    (run_id,) = await make_runs(database, stored_zip)

    async with working(settings, stage) as worker:
        await hold(settings, database, stage, run_id)
        async with database.begin() as session:
            assert await run_writes.cancel(session, stored_zip.workspace_id, run_id)
        await until(lambda: empty(worker))

    assert await rows(database, "select status, ended_by, epoch from zip_run") == [("cancelled", "cancel", 2)]
    assert await attempts(database) == [("a", 1, "unknown")]
    assert stage.inputs("call") == []


async def empty(worker: Worker) -> bool:
    """Whether the worker holds nothing."""
    return worker.executor is not None and not worker.executor.in_hand


async def test_a_run_taken_away_while_its_step_goes_on_is_finished_once(settings: Settings, database: Database) -> None:
    stage = Stage()
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.hold")]))

    async with working(settings, stage) as worker:
        await hold(settings, database, stage, run_id)
        await execute(
            database, "update zip_run set epoch = epoch + 1, status = 'queued', worker_id = null, seq = seq + 1"
        )
        stage.opened.set()
        await until(lambda: empty(worker))
        assert await rows(database, "select status, epoch from zip_run") == [("queued", 2)]
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert [news["type"] for news in await messages(database, "zip-result")].count("run.finished") == 1


async def test_a_worker_that_was_declared_dead_stops_at_once(settings: Settings, database: Database) -> None:
    stage = Stage()
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.hold")]))

    async with working(settings, stage) as worker:
        await hold(settings, database, stage, run_id)
        await bury(database, worker.heartbeat.worker_id)
        async with asyncio.timeout(10):
            await stage.lost.wait()
        stage.opened.set()
        await until(lambda: empty(worker))

    assert await rows(database, "select status, epoch from zip_run") == [("queued", 2)]


async def test_a_run_that_is_owned_and_in_nobodys_hand_is_given_back(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "STRAY_AFTER", 0.0)
    stage = Stage()
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.call")]))

    async with working(settings, stage) as worker, relaying(settings, database):
        # A claim whose answer never came back.
        async with database.begin() as session:
            await run_writes.claim(session, [run_id], worker_id=worker.heartbeat.worker_id)
        await until_status(database, "succeeded")

    row = await run_row(database, run_id)
    assert (row.epoch, row.crashes) == (3, 0)
    assert len(stage.calls) == 1


async def test_a_version_this_release_cannot_read_is_left_for_one_that_can(
    settings: Settings, database: Database
) -> None:
    (newer,) = await make_runs(database, await make_zip(database, [{"id": "loop", "branches": [[]]}]))
    (good,) = await make_runs(database, await make_zip(database, [step("a", "test.call")]))

    async with working(settings, Stage()):
        await ring(settings, newer, good)
        await until_status(database, "waiting", "succeeded")

    row = await run_row(database, newer)
    assert (row.status, row.waits_for, row.worker_id, row.error_code) == ("waiting", "retry", None, None)
    ahead = await one(database, "select wake_at - claimed_at as ahead from zip_run where id = :id", id=newer)
    assert 4 < ahead.ahead.total_seconds() < 7
    assert (await run_row(database, good)).status == "succeeded"


async def test_a_fault_of_ours_costs_neither_the_process_nor_the_run(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage()
    broken, good = await make_runs(database, await make_zip(database, [step("a", "test.call")]), 2)

    def explode(*_: object, **__: object) -> None:
        monkeypatch.undo()
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("worker.execution.decide", explode)
    async with working(settings, stage), relaying(settings, database):
        await ring(settings, broken)
        await until_status(database, "waiting", "queued")
        await execute(database, "update zip_run set wake_at = now() where status = 'waiting'")
        await ring(settings, good)
        await until_status(database, "succeeded")

    assert len(stage.calls) == 2
