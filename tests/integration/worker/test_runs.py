"""Runs from their doorbell to where they go: through the real broker and database, with actions that a test directs."""

from datetime import timedelta

import orjson
import pytest

from tests.integration.acting import Stage, attempts, relaying, ring, until_status, working
from tests.integration.stored import execute, make_runs, make_zip, messages, one, rows, run_row, step
from zipped.db import Database
from zipped.engine.outcome import Failed, Succeeded, Unknown
from zipped.settings import Settings


async def test_a_run_goes_through_its_steps_and_ends(settings: Settings, database: Database) -> None:
    stage = Stage()
    stored_zip = await make_zip(
        database,
        [
            step("a", "test.echo", input={"n": "{{ trigger.body.n }}", "by": "{{ trigger.headers.x-by }}"}),
            step("b", "test.call", input={"said": "{{ steps.a.n }} in {{ zip.name }}"}),
        ],
        name="Orders",
    )
    headers = b'[["Content-Type","application/json"],["X-By","Ada"]]'
    (run_id,) = await make_runs(database, stored_zip, body=b'{"n":5}', headers=headers)

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert [(name, input) for name, input, _ in stage.calls] == [
        ("echo", {"n": 5, "by": "Ada"}),
        ("call", {"said": "5 in Orders"}),
    ]
    row = await run_row(database, run_id)
    assert (row.status, row.ended_by, row.epoch, row.seq, row.worker_id) == ("succeeded", "end", 1, 3, None)
    assert row.finished_at is not None
    assert await rows(
        database, "select step_id, attempt, status, effect, input, output from step_attempt order by step_id"
    ) == [
        ("a", 1, "succeeded", "pure", b'{"n":5,"by":"Ada"}', b'{"n":5,"by":"Ada"}'),
        ("b", 1, "succeeded", "write", b'{"said":"5 in Orders"}', b'{"called":{"said":"5 in Orders"}}'),
    ]
    assert [news["type"] for news in await messages(database, "zip-result")] == ["run.finished"]


async def test_a_zip_without_steps_takes_one_claim_and_one_save(settings: Settings, database: Database) -> None:
    run_ids = await make_runs(database, await make_zip(database), 30)

    async with working(settings, Stage()):
        await ring(settings, *run_ids)
        await until_status(database, "succeeded")

    assert await rows(database, "select distinct ended_by, epoch, seq from zip_run") == [("end", 1, 2)]


async def test_however_often_it_is_rung_for_a_run_is_performed_once(settings: Settings, database: Database) -> None:
    stage = Stage()
    run_ids = await make_runs(database, await make_zip(database, [step("a", "test.call")]), 20)

    async with working(settings, stage), working(settings, stage):
        await ring(settings, *run_ids, *run_ids, *run_ids)
        await until_status(database, "succeeded")

    assert len(stage.calls) == 20
    assert len(set(stage.keys)) == 20


async def test_a_filter_ends_the_run_well(settings: Settings, database: Database) -> None:
    stage = Stage()
    run_ids = await make_runs(database, await make_zip(database, [step("f", "test.filter"), step("a", "test.call")]))

    async with working(settings, stage):
        await ring(settings, *run_ids)
        await until_status(database, "succeeded")

    assert await rows(database, "select ended_by, error_code from zip_run") == [("filter", None)]
    assert await attempts(database) == [("f", 1, "succeeded")]


async def test_stop_ends_the_run_as_it_says(settings: Settings, database: Database) -> None:
    steps = [step("s", "test.stop", input={"status": "failed"}), step("a", "test.call")]
    stage = Stage()
    run_ids = await make_runs(database, await make_zip(database, steps))

    async with working(settings, stage):
        await ring(settings, *run_ids)
        await until_status(database, "failed")

    assert await rows(database, "select ended_by, error_code, error_message, error_step_id from zip_run") == [
        ("stop", "stopped", "Enough.", "s")
    ]
    assert stage.inputs("call") == []


async def test_a_skipped_step_is_passed_over_and_leaves_a_row(settings: Settings, database: Database) -> None:
    stage = Stage()
    steps = [step("a", "test.call", skip=True), step("b", "test.call")]
    run_ids = await make_runs(database, await make_zip(database, steps))

    async with working(settings, stage):
        await ring(settings, *run_ids)
        await until_status(database, "succeeded")

    assert await attempts(database) == [("a", 1, "skipped"), ("b", 1, "succeeded")]
    assert len(stage.calls) == 1


async def test_a_delay_parks_the_run_and_it_goes_on_with_what_it_knew(settings: Settings, database: Database) -> None:
    stage = Stage()
    steps = [
        step("a", "test.call", input={"n": "{{ trigger.body.n }}"}),
        step("wait", "test.delay", input={"seconds": 3}),
        step("b", "test.call", input={"again": "{{ steps.a.called.n }}", "n": "{{ trigger.body.n }}"}),
    ]
    (run_id,) = await make_runs(database, await make_zip(database, steps), body=b'{"n":7}')

    async with working(settings, stage) as worker, relaying(settings, database):
        await ring(settings, run_id)
        await until_status(database, "waiting")
        parked = await run_row(database, run_id)
        assert worker.executor is not None
        assert worker.executor.in_hand == set()
        await until_status(database, "succeeded")

    assert (parked.waits_for, parked.worker_id, parked.deadline) == ("delay", None, None)
    finished = await one(database, "select finished_at, started_at from step_attempt where step_id = 'b'")
    assert finished.started_at >= parked.wake_at
    assert finished.started_at - parked.wake_at < timedelta(seconds=2)
    assert await rows(database, "select kind, step_id, wake_at from wait") == [("delay", "wait", parked.wake_at)]
    assert stage.inputs("call") == [{"n": 7}, {"again": 7, "n": 7}]
    row = await run_row(database, run_id)
    assert row.epoch == 2
    assert row.active_ms < 1000


async def test_a_short_wait_keeps_the_slot(settings: Settings, database: Database) -> None:
    stage = Stage(outcomes=[Failed("http_503", "Not now.", retryable=True), Succeeded({"ok": True})])
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.call", input={"n": 1})]))

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert await attempts(database) == [("a", 1, "failed"), ("a", 2, "succeeded")]
    assert (await run_row(database, run_id)).epoch == 1
    assert len(set(stage.keys)) == 1
    first = await one(database, "select error_code, error_message, output from step_attempt where attempt = 1")
    assert tuple(first) == ("http_503", "Not now.", None)


async def test_a_long_wait_parks_the_run_and_the_next_try_sends_the_same(
    settings: Settings, database: Database
) -> None:
    stage = Stage(outcomes=[Failed("http_429", "Slower.", retryable=True, retry_after=600.0)])
    steps = [step("a", "test.call", input={"n": "{{ trigger.body.n }}"})]
    (run_id,) = await make_runs(database, await make_zip(database, steps), body=b'{"n":1}')

    async with working(settings, stage), relaying(settings, database):
        await ring(settings, run_id)
        await until_status(database, "waiting")
        parked = await run_row(database, run_id)
        # Had the request been rendered again, it would differ now.
        await execute(database, "update event_body set body = :body", body=b'{"n":2}')
        await execute(database, "update zip_run set wake_at = now()")
        await until_status(database, "succeeded")

    assert parked.waits_for == "retry"
    ahead = parked.wake_at - parked.claimed_at
    assert timedelta(seconds=599) < ahead < timedelta(seconds=602)
    assert stage.inputs("call") == [{"n": 1}, {"n": 1}]
    assert len(set(stage.keys)) == 1
    assert await attempts(database) == [("a", 1, "failed"), ("a", 2, "succeeded")]


async def test_the_last_failure_ends_the_run_or_is_passed_on_as_its_author_says(
    settings: Settings, database: Database
) -> None:
    stage = Stage(outcomes=[Failed("http_400", "No.", detail={"status": 400})])
    steps = [
        step("a", "test.call", settings={"onError": "continue"}),
        step("wait", "test.delay", input={"seconds": 2.5}),
        step("b", "test.echo", input={"code": "{{ steps.a.error.code }}", "all": "{{ steps.a.error.detail.status }}"}),
        step("c", "test.call"),
    ]
    (run_id,) = await make_runs(database, await make_zip(database, steps))

    async with working(settings, stage), relaying(settings, database):
        await ring(settings, run_id)
        await until_status(database, "waiting")
        stage.outcomes.append(Failed("http_401", "Still no."))
        await until_status(database, "failed")

    assert stage.inputs("echo") == [{"code": "http_400", "all": 400}]
    row = await run_row(database, run_id)
    assert (row.ended_by, row.error_code, row.error_message, row.error_step_id) == (
        "error",
        "http_401",
        "Still no.",
        "c",
    )


async def test_used_up_running_time_ends_the_run_before_the_next_step(settings: Settings, database: Database) -> None:
    stage = Stage()
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.call")]))
    await execute(database, "update zip_run set active_ms = 3600000")

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "failed")

    row = await run_row(database, run_id)
    assert (row.ended_by, row.error_code, row.error_step_id) == ("deadline", "deadline", "a")
    assert stage.calls == []


async def test_a_write_of_unknown_outcome_is_sent_again_under_the_same_key_and_says_so(
    settings: Settings, database: Database
) -> None:
    stage = Stage(outcomes=[Unknown("The answer never came.")])
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.call")]))

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert len(set(stage.keys)) == 1
    assert await rows(
        database, "select attempt, status, error_code, maybe_repeated from step_attempt order by attempt"
    ) == [(1, "unknown", "unknown_outcome", False), (2, "succeeded", None, True)]


async def test_a_write_of_unknown_outcome_ends_the_run_when_its_author_wants_a_person_to_look(
    settings: Settings, database: Database
) -> None:
    stage = Stage(outcomes=[Unknown("The answer never came.")])
    steps = [step("a", "test.call", settings={"onUnknown": "stop"})]
    (run_id,) = await make_runs(database, await make_zip(database, steps))

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "failed")

    row = await run_row(database, run_id)
    assert (row.ended_by, row.error_code) == ("error", "unknown_outcome")
    assert len(stage.calls) == 1


async def test_a_step_that_cannot_be_rendered_fails_without_a_call(settings: Settings, database: Database) -> None:
    stage = Stage()
    steps = [step("a", "test.call", input={"n": "{{ trigger.body.missing }}"})]
    (run_id,) = await make_runs(database, await make_zip(database, steps), body=b'{"n":1}')

    async with working(settings, stage):
        await ring(settings, run_id)
        await until_status(database, "failed")

    row = await run_row(database, run_id)
    assert row.error_code == "expression"
    assert "missing" in row.error_message
    assert stage.calls == []
    assert await attempts(database) == [("a", 1, "failed")]


async def test_a_long_row_of_pure_steps_is_saved_in_a_few_writes(settings: Settings, database: Database) -> None:
    steps = [step(f"s{number}", "test.echo", input={"n": number}) for number in range(100)]
    (run_id,) = await make_runs(database, await make_zip(database, steps))

    async with working(settings, Stage()):
        await ring(settings, run_id)
        await until_status(database, "succeeded")

    assert len(await attempts(database)) == 100
    assert (await run_row(database, run_id)).seq == 1 + 4


@pytest.mark.parametrize("body", [b"\xff\xfe", b"not json", b'"\\ud800"', b"[" * 100_000, b""])
async def test_whatever_a_body_is_the_run_goes_on(settings: Settings, database: Database, body: bytes) -> None:
    stage = Stage()
    steps = [step("a", "test.echo", input={"raw": "{{ trigger.method }}"})]
    run_ids = await make_runs(database, await make_zip(database, steps), body=body, headers=b"nonsense")

    async with working(settings, stage):
        await ring(settings, *run_ids)
        await until_status(database, "succeeded")

    assert orjson.loads((await one(database, "select output from step_attempt")).output) == {"raw": "POST"}
