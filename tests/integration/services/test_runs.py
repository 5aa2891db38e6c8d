"""Runs started by hand, looked at, cancelled."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.integration.services.conftest import Desk
from zipped import ids
from zipped.errors import Conflict, NotFound, ValidationFailed
from zipped.messages import EXECUTION, RunRequested
from zipped.models import ZipRun
from zipped.services import events, run_stats, runs, step_attempts, zips
from zipped.services.step_attempts import Key


async def start(desk: Desk, zip_id: UUID, **how: Any) -> ZipRun:
    async with desk.begin() as session:
        return await runs.start(session, desk.workspace_id, zip_id, actor=desk.actor, **how)


async def test_a_run_by_hand_is_an_event_a_run_and_a_doorbell_in_one_transaction(desk: Desk) -> None:
    # given
    zip, version = await desk.live()

    # when
    run = await start(desk, zip.id, input={"name": "Zoë", "n": [1, None]})

    # then
    assert (run.status, run.zip_id, run.version_id, run.root_run_id) == ("queued", zip.id, version.id, run.id)
    async with desk.begin() as session:
        event = await events.get(session, desk.workspace_id, run.event_id)
        body = (await events.bodies(session, [desk.workspace_id], [event.id]))[event.id]
    assert (event.outcome, event.method, event.run_id, event.reason) == ("accepted", "MANUAL", run.id, "")
    assert events.headers(event) == [("content-type", "application/json")]
    assert body.content == '{"name":"Zoë","n":[1,null]}'.encode()
    assert event.body_size == len(body.content)
    assert await desk.all("select topic, key, body from zip_outbox") == [
        (EXECUTION, ids.encode("run", run.id), RunRequested(run.id).encode())
    ]
    assert await desk.all("select subject_id from audit where action = 'runZip'") == [(run.id,)]


async def test_without_an_input_the_body_is_an_empty_object(desk: Desk) -> None:
    # given
    zip, _ = await desk.live(trigger_kind="manual")

    # when
    run = await start(desk, zip.id)

    # then
    assert await desk.all("select body from event_body where event_id = :id", id=run.event_id) == [(b"{}",)]


async def test_the_same_key_starts_one_run(desk: Desk) -> None:
    # given
    zip, _ = await desk.live()

    # when
    started = await asyncio.gather(*(start(desk, zip.id, input=1, idempotency_key="k") for _ in range(8)))

    # then
    assert len({run.id for run in started}) == 1
    with pytest.raises(Conflict) as refused:
        await start(desk, zip.id, input=2, idempotency_key="k")
    assert refused.value.path == ("idempotencyKey",)
    for table in ("zip_run", "event", "event_body", "zip_outbox"):
        assert await desk.all(f"select count(*) from {table}") == [(1,)], table


async def test_what_was_never_published_is_not_run(desk: Desk) -> None:
    # given
    draft = await desk.zip()

    # when
    with pytest.raises(Conflict, match="never published") as refused:
        await start(desk, draft.id)

    # then
    assert refused.value.path == ("zipId",)
    assert await desk.all("select (select count(*) from zip_run), (select count(*) from event)") == [(0, 0)]


async def test_pausing_stops_what_arrives_and_the_hand_only_where_it_is_the_trigger(desk: Desk) -> None:
    # given
    webhook, _ = await desk.live()
    manual, _ = await desk.live(trigger_kind="manual")
    async with desk.begin() as session:
        for zip in (webhook, manual):
            await zips.pause(session, desk.workspace_id, zip.id, actor=desk.actor)

    # when
    run = await start(desk, webhook.id)
    with pytest.raises(Conflict, match="resume it first"):
        await start(desk, manual.id)

    # then
    assert await desk.all("select id from zip_run") == [(run.id,)]


async def test_a_deleted_or_foreign_zip_is_not_run(desk: Desk, other_desk: Desk) -> None:
    # given
    zip, _ = await desk.live()

    # when, then
    with pytest.raises(NotFound):
        await start(other_desk, zip.id)
    async with desk.begin() as session:
        await zips.delete(session, desk.workspace_id, zip.id, actor=desk.actor)
    with pytest.raises(NotFound):
        await start(desk, zip.id)
    assert await desk.all("select count(*) from zip_run") == [(0,)]


@pytest.mark.parametrize(
    ("input", "code"),
    [
        ({"a": "\0"}, "nul_character"),
        ({"a": "\ud800"}, "lone_surrogate"),
        (float("inf"), "number_out_of_range"),
        ("x" * (1 << 20), "too_large"),
    ],
)
async def test_an_input_that_cannot_be_is_refused_and_starts_nothing(desk: Desk, input: Any, code: str) -> None:
    # given
    zip, _ = await desk.live()

    # when
    with pytest.raises(ValidationFailed) as refused:
        await start(desk, zip.id, input=input)

    # then
    assert refused.value.problems[0].code == code
    assert refused.value.path[0] == "input"
    assert await desk.all("select count(*) from zip_run") == [(0,)]


async def test_cancelling_ends_a_run_once(desk: Desk, other_desk: Desk) -> None:
    # given
    zip, _ = await desk.live()
    run = await start(desk, zip.id)

    # when
    with pytest.raises(NotFound):
        async with other_desk.begin() as session:
            await runs.cancel(session, other_desk.workspace_id, run.id, actor=other_desk.actor)
    async with desk.begin() as session:
        untouched = await runs.get(session, desk.workspace_id, run.id)
        before = untouched.status
        cancelled = await runs.cancel(session, desk.workspace_id, run.id, actor=desk.actor)
    async with desk.begin() as session:
        again = await runs.cancel(session, desk.workspace_id, run.id, actor=desk.actor)

    # then
    assert before == "queued"
    assert (cancelled.status, cancelled.ended_by, cancelled.seq) == ("cancelled", "cancel", 1)
    assert again.seq == 1
    assert await desk.all("select count(*) from audit where action = 'cancelRun'") == [(1,)]
    kinds = [orjson.loads(body).get("type") for (body,) in await desk.all("select body from zip_outbox order by id")]
    assert kinds == [None, "run.finished"]


async def test_tries_are_listed_in_order_without_payloads_which_come_by_key(desk: Desk, other_desk: Desk) -> None:
    # given
    zip, _ = await desk.live()
    one, other = await start(desk, zip.id), await start(desk, zip.id)
    insert = """
        insert into step_attempt (run_id, step_id, path, attempt, generation, workspace_id, epoch, effect, status,
            input, output, error_code, error_message, error_detail, idempotency_key, started_at, finished_at)
        values (:run, :step, '', :attempt, 0, :workspace, 1, 'write', :status, :input, :output,
            :code, :code, :detail, 'KEY', now() + make_interval(secs => :at), now())
        returning run_id
    """
    for run, step, attempt, status, at in (
        (one, "z", 1, "failed", 0),
        (one, "z", 2, "succeeded", 1),
        (one, "a", 1, "skipped", 2),
        (other, "a", 1, "started", 0),
    ):
        failed = status == "failed"
        await desk.all(
            insert,
            run=run.id,
            step=step,
            attempt=attempt,
            workspace=desk.workspace_id,
            status=status,
            input=b'{"x":1}',
            output=b'"out"' if status == "succeeded" else None,
            code="http_500" if failed else None,
            detail=b'{"status":500}' if failed else None,
            at=at,
        )

    # when
    async with desk.begin() as session:
        found = await step_attempts.by_run_ids(session, [desk.workspace_id], [one.id, other.id, zip.id])
        keys = [attempt.key for attempt in found[one.id]]
        payloads = await step_attempts.payloads(session, [desk.workspace_id], keys)
    async with other_desk.begin() as session:
        foreign = await step_attempts.by_run_ids(session, [desk.workspace_id], [one.id])
        foreign_payloads = await step_attempts.payloads(session, [desk.workspace_id], keys)

    # then
    assert keys == [Key(one.id, "z", "", 1), Key(one.id, "z", "", 2), Key(one.id, "a", "", 1)]
    assert [attempt.status for attempt in found[one.id]] == ["failed", "succeeded", "skipped"]
    assert [attempt.key.step_id for attempt in found[other.id]] == ["a"]
    assert found[zip.id] == []
    first = found[one.id][0]
    assert (first.input_size, first.output_size, first.error_code, first.has_detail) == (7, None, "http_500", True)
    assert payloads[keys[0]] == step_attempts.Payload(b'{"x":1}', None, b'{"status":500}')
    assert payloads[keys[1]].output == b'"out"'
    assert foreign == {one.id: []}
    assert foreign_payloads == {}


async def test_the_last_day_of_a_zip_in_numbers(desk: Desk) -> None:
    # given
    zip, _ = await desk.live()
    idle, _ = await desk.live()
    for status in ("queued", "succeeded", "succeeded", "failed", "dead", "cancelled"):
        run = await start(desk, zip.id)
        await desk.all("update zip_run set status = :status where id = :id returning id", status=status, id=run.id)

    # when
    async with desk.begin() as session:
        found = await run_stats.by_zip_ids(session, [desk.workspace_id], [zip.id, idle.id])
        last = await runs.latest_by_zip(session, [desk.workspace_id], [zip.id, idle.id])

    # then
    stats = found[zip.id]
    assert (stats.runs, stats.failed, stats.active, stats.capped) == (6, 2, 1, False)
    assert [(hour.succeeded, hour.cancelled) for hour in stats.hours] == [(2, 1)]
    assert found[idle.id] == run_stats.ZipStats()
    assert [run.status for run in last[zip.id]] == ["cancelled", "dead", "failed", "succeeded", "succeeded", "queued"]
    assert idle.id not in last
