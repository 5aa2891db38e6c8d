"""The hub with its ear on the broker: rung by what is published, and looking by itself when it can't hear."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from api.watch import hub as hubs
from api.watch.hub import Hub
from api.watch.parts import watch_parts
from tests.fixtures.waiting import until
from tests.integration.acting import Stage, relaying, ring, until_status, working
from tests.integration.stored import StoredZip, make_runs, make_zip, rows, step
from tests.integration.watch.following import following
from tests.integration.watch.reading import watched, write
from zipped import metrics
from zipped.broker.producer import Message, Producer
from zipped.db import Database
from zipped.embedded.broker import EmbeddedBroker
from zipped.errors import BrokerError
from zipped.messages import RESULT, RunChanged
from zipped.settings import Settings


@pytest.fixture
def only_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the tail is live the hub does not look by itself: what is told was rung for."""
    monkeypatch.setattr(hubs, "LOOK_HEARD", 3600.0)


def news(stored: StoredZip, run_id: UUID) -> Message:
    """What is published when the run has changed."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    change = RunChanged(run_id, stored.zip_id, stored.workspace_id, 1, "run.progressed", "running", at)
    return Message(RESULT, f"run_{run_id}", change.encode())


async def publish(settings: Settings, *messages: Message) -> None:
    """To the broker, which may just be coming back."""
    producer = Producer(settings)
    async with asyncio.timeout(40):
        while True:
            try:
                if all(await producer.publish(list(messages))):
                    break
            except BrokerError:
                await asyncio.sleep(0.1)
    await producer.stop()


@pytest.mark.usefixtures("only_rings")
async def test_a_message_rings_for_its_zip_its_workspace_and_its_run(
    settings: Settings, listening_hub: Hub, database: Database
) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    async with (
        following(listening_hub, watched(stored)) as of_zip,
        following(listening_hub, watched(stored, "workspace")) as of_workspace,
        following(listening_hub, watched(stored, "run", run_id)) as of_run,
    ):
        followers = (of_zip, of_workspace, of_run)
        await until(lambda: listening_hub.heard and all(one.subscriber.live for one in followers))
        await write(database, run_id)
        await publish(settings, news(stored, run_id))

        for follower in followers:
            await follower.until(lambda one: (run_id, 1) in one.told)


@pytest.mark.usefixtures("only_rings")
async def test_messages_that_are_not_ours_harm_nothing(
    settings: Settings, listening_hub: Hub, database: Database
) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    poison = metrics.poison.labels(topic=RESULT)
    before = poison._value.get()
    async with following(listening_hub, watched(stored)) as follower:
        await until(lambda: listening_hub.heard and follower.subscriber.live)
        await write(database, run_id)
        bad = [b"", b"null", b"\xff\x00", b"[" * 1000, b'{"v":1}', b"x" * 100_000]
        await publish(settings, *(Message(RESULT, "run_x", raw) for raw in bad), news(stored, run_id))
        await follower.until(lambda one: bool(one.changes))

        assert follower.told == [(run_id, 1)]
        assert poison._value.get() == before + len(bad)


@pytest.mark.usefixtures("only_rings")
async def test_a_message_of_a_newer_release_rings_for_everything(
    settings: Settings, listening_hub: Hub, database: Database
) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    async with following(listening_hub, watched(stored)) as follower:
        await until(lambda: listening_hub.heard and follower.subscriber.live)
        await write(database, run_id)
        await publish(settings, Message(RESULT, "run_x", b'{"v":2,"what":"ever"}'))

        await follower.until(lambda one: one.told == [(run_id, 1)])


async def test_without_a_broker_it_looks_every_second(settings: Settings, database: Database, tmp_path: Path) -> None:
    stored = await make_zip(database)
    [run_id] = await make_runs(database, stored)
    async with watch_parts(replace(settings, broker_file=tmp_path / "none")) as hub:
        async with following(hub, watched(stored)) as follower:
            await follower.begun()
            await write(database, run_id)
            await follower.until(lambda one: one.told == [(run_id, 1)])

        assert not hub.heard


@pytest.mark.usefixtures("only_rings")
async def test_a_broker_that_dies_and_comes_back_leaves_nothing_out(
    settings: Settings, database: Database, own_broker: EmbeddedBroker
) -> None:
    stored = await make_zip(database)
    run_ids = await make_runs(database, stored, 4)
    own = replace(settings, broker_file=own_broker.address_file)
    async with watch_parts(own) as hub, following(hub, watched(stored)) as follower:
        await until(lambda: hub.heard and follower.subscriber.live)
        await write(database, run_ids[0])
        await publish(own, news(stored, run_ids[0]))
        await follower.until(lambda one: len(one.told) == 1)

        own_broker.kill()
        await write(database, run_ids[1])  # nobody can ring for it
        await follower.until(lambda one: len(one.told) == 2)
        assert not hub.heard

        own_broker.start()  # at another address
        await write(database, run_ids[2])
        await follower.until(lambda one: len(one.told) == 3)
        await until(lambda: hub.heard)
        await write(database, run_ids[3])
        await publish(own, news(stored, run_ids[3]))
        await follower.until(lambda one: len(one.told) == 4)

        assert follower.told == [(run_id, 1) for run_id in run_ids]
        assert follower.restarts == ["started"]


@pytest.mark.usefixtures("only_rings")
async def test_runs_of_a_real_worker_are_told_to_their_end(
    settings: Settings, listening_hub: Hub, database: Database
) -> None:
    stage = Stage()
    stored = await make_zip(database, [step("a", "test.call"), step("b", "test.delay", input={"seconds": 3})])
    run_ids = await make_runs(database, stored, 30)
    async with (
        following(listening_hub, watched(stored)) as follower,
        working(settings, stage),
        relaying(settings, database),
    ):
        await until(lambda: listening_hub.heard and follower.subscriber.live)
        await ring(settings, *run_ids)
        await until_status(database, "succeeded")
        final = dict(await rows(database, "select id, seq from zip_run"))
        await follower.until(lambda one: dict(one.told) == final)

        assert len(set(follower.told)) == len(follower.told)
        waiting = {change.run.id for change in follower.changes if change.run.status == "waiting"}
        assert waiting == set(run_ids)  # a wait of 3 s is seen by everybody
