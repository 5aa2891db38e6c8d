"""The second wall: where a service is told another's workspace, so that its own condition lets everything pass, the
policies of the database still show nothing and change nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.integration.services.conftest import Desk
from zipped.errors import NotFound
from zipped.services import (
    connection_uses,
    connections,
    definitions,
    events,
    people,
    rows,
    run_stats,
    runs,
    step_attempts,
    step_tests,
    step_trials,
    triggers,
    validation,
    versions,
    zips,
)
from zipped.services.connection_fields import ConnectionChanges
from zipped.services.step_samples import Given
from zipped.services.triggers import TriggerChanges
from zipped.services.zips import ZipChanges


@pytest.fixture
async def full(desk: Desk) -> dict[str, Any]:
    """One of everything in a workspace, by what it is."""
    step = {"id": "a", "app": "data", "action": "set_fields", "input": {"fields": {}}}
    zip, version = await desk.live(folder="Theirs", definition={"steps": [step]})
    connection = await desk.connection()
    async with desk.begin() as session:
        run = await runs.start(session, desk.workspace_id, zip.id, actor=desk.actor)
        trigger = (await triggers.by_zip_ids(session, [desk.workspace_id], [zip.id]))[zip.id]
    await desk.all(
        """insert into step_attempt (run_id, step_id, attempt, generation, workspace_id, epoch, effect, status,
            idempotency_key, input)
        values (:run, 'a', 1, 0, :workspace, 1, 'pure', 'succeeded', '', 'x') returning run_id""",
        run=run.id,
        workspace=desk.workspace_id,
    )
    ((test_id,),) = await desk.all(
        """insert into step_test (zip_id, step_id, workspace_id, id, step_sha256, samples, effect, outcome, output,
            output_sha256, calls, input_size, duration_ms)
        select id, 'a', workspace_id, uuidv7(), '', '[]', 'pure', 'succeeded', '1', '', '[]', 2, 1 from zip
        where id = :zip returning id""",
        zip=zip.id,
    )
    return {
        "person": desk.actor.user_id,
        "zip": zip.id,
        "test": test_id,
        "version": version.id,
        "connection": connection.id,
        "run": run.id,
        "event": run.event_id,
        "trigger": trigger.id,
        "key": step_attempts.Key(run.id, "a", "", 1),
    }


async def test_nothing_foreign_is_read(desk: Desk, other_desk: Desk, full: dict[str, Any]) -> None:
    # given
    theirs = desk.workspace_id
    reads: dict[str, Callable[[AsyncSession], Awaitable[Any]]] = {
        "zips.by_ids": lambda session: zips.by_ids(session, [theirs], [full["zip"]]),
        "zips.page": lambda session: zips.page(session, theirs),
        "zips.folders": lambda session: zips.folders(session, theirs),
        "versions.by_ids": lambda session: versions.by_ids(session, [theirs], [full["version"]]),
        "versions.page": lambda session: versions.page(session, theirs, full["zip"]),
        "definitions.drafts": lambda session: definitions.drafts(session, [theirs], [full["zip"]]),
        "definitions.published": lambda session: definitions.published(session, [theirs], [full["version"]]),
        "triggers.by_ids": lambda session: triggers.by_ids(session, [theirs], [full["trigger"]]),
        "triggers.by_zip_ids": lambda session: triggers.by_zip_ids(session, [theirs], [full["zip"]]),
        "triggers.page": lambda session: triggers.page(session, theirs),
        "runs.by_ids": lambda session: runs.by_ids(session, [theirs], [full["run"]]),
        "runs.page": lambda session: runs.page(session, theirs),
        "runs.page, by status": lambda session: runs.page(session, theirs, filter=runs.RunFilter(statuses=("queued",))),
        "runs.latest_by_zip": lambda session: runs.latest_by_zip(session, [theirs], [full["zip"]]),
        "step_attempts.by_run_ids": lambda session: step_attempts.by_run_ids(session, [theirs], [full["run"]]),
        "step_attempts.payloads": lambda session: step_attempts.payloads(session, [theirs], [full["key"]]),
        "step_tests.by_zip_ids": lambda session: step_tests.by_zip_ids(session, [theirs], [full["zip"]]),
        "step_tests.get": lambda session: step_tests.get(session, theirs, full["test"]),
        "step_tests.contents": lambda session: step_tests.contents(session, [theirs], [full["test"]]),
        "events.by_ids": lambda session: events.by_ids(session, [theirs], [full["event"]]),
        "events.page": lambda session: events.page(session, theirs),
        "events.bodies": lambda session: events.bodies(session, [theirs], [full["event"]]),
        "connections.by_ids": lambda session: connections.by_ids(session, [theirs], [full["connection"]]),
        "connections.page": lambda session: connections.page(session, theirs),
        "validation.connection_kinds": lambda session: validation.connection_kinds(
            session, theirs, [full["connection"]]
        ),
        "people.by_ids": lambda session: people.by_ids(session, [theirs], [full["person"]]),
        "rows.workspace_of": lambda session: rows.workspace_of(session, [theirs], prefix="zip", id=full["zip"]),
    }

    def found(answer: Any) -> bool:
        answer = getattr(answer, "nodes", answer)
        return any(answer.values()) if isinstance(answer, dict) else bool(answer)

    # when, then: the owner sees each of them, the other none
    for name, read in reads.items():
        async with desk.begin() as session:
            assert found(await read(session)), name
        async with other_desk.begin() as session:
            assert not found(await read(session)), name


async def test_numbers_and_uses_tell_nothing_foreign(desk: Desk, other_desk: Desk, full: dict[str, Any]) -> None:
    async with other_desk.begin() as session:
        stats = await run_stats.by_zip_ids(session, [desk.workspace_id], [full["zip"]])
        uses = await connection_uses.by_connection_ids(session, [desk.workspace_id], [full["connection"]])
    assert stats == {full["zip"]: run_stats.ZipStats()}
    assert uses == {full["connection"]: []}


async def attempt(desk: Desk, change: Callable[[AsyncSession], Awaitable[Any]]) -> None:
    async with desk.begin() as session:
        await change(session)


async def test_nothing_foreign_is_changed(desk: Desk, other_desk: Desk, full: dict[str, Any]) -> None:
    # given
    theirs, me = desk.workspace_id, other_desk.actor
    before = [await desk.all(f'select * from "{table}"') for table in ("zip", "trigger", "connection", "zip_run")]
    box, catalog = desk.box, desk.catalog
    changes: dict[str, Callable[[AsyncSession], Awaitable[Any]]] = {
        "save": lambda session: zips.save(
            session, theirs, full["zip"], actor=me, revision=1, changes=ZipChanges(name="Mine"), catalog=catalog
        ),
        "pause": lambda session: zips.pause(session, theirs, full["zip"], actor=me),
        "delete": lambda session: zips.delete(session, theirs, full["zip"], actor=me),
        "publish": lambda session: versions.publish(
            session, theirs, full["zip"], actor=me, revision=1, catalog=catalog
        ),
        "try": lambda session: step_trials.plan(
            session, theirs, full["zip"], step_id="a", revision=1, given=Given(), box=box, catalog=catalog
        ),
        "run": lambda session: runs.start(session, theirs, full["zip"], actor=me),
        "cancel": lambda session: runs.cancel(session, theirs, full["run"], actor=me),
        "trigger": lambda session: triggers.save(
            session, theirs, full["trigger"], actor=me, revision=1, changes=TriggerChanges(settings={}), box=box
        ),
        "rotate": lambda session: triggers.rotate_token(session, theirs, full["trigger"], actor=me, box=box),
        "connection": lambda session: connections.save(
            session,
            theirs,
            full["connection"],
            actor=me,
            revision=1,
            changes=ConnectionChanges(name="Mine"),
            box=box,
            catalog=catalog,
        ),
        "forget": lambda session: connections.delete(session, theirs, full["connection"], actor=me),
    }

    # when
    for change in changes.values():
        with pytest.raises(NotFound):
            await attempt(other_desk, change)

    # then
    after = [await desk.all(f'select * from "{table}"') for table in ("zip", "trigger", "connection", "zip_run")]
    assert after == before


async def test_nothing_is_made_in_a_foreign_workspace(desk: Desk, other_desk: Desk) -> None:
    with pytest.raises(Exception, match="row-level security"):
        async with other_desk.begin() as session:
            await zips.create(
                session,
                desk.workspace_id,
                actor=other_desk.actor,
                name="Planted",
                box=desk.box,
                catalog=desk.catalog,
            )
    assert await desk.all("select count(*) from zip") == [(0,)]
