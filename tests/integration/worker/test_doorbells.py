"""What comes over the topic, and what happens while nothing can."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy.ext.asyncio import AsyncSession

from tests.fixtures.waiting import until
from tests.integration.acting import Stage, ring, until_status, working
from tests.integration.stored import make_runs, make_zip, rows, run_row, step
from worker.consumer import MAX_PARKING
from zipped.broker.consumer import Consumer
from zipped.broker.producer import Message, Producer
from zipped.db import Database
from zipped.embedded.broker import EmbeddedBroker
from zipped.errors import Unavailable
from zipped.messages import EXECUTION, RunRequested
from zipped.services import poison
from zipped.services.poison import PoisonMessage
from zipped.settings import Settings

POISON = {
    "no JSON": b"\xff\x00",
    "too large": b'{"v":1,"runId":"' + b"x" * 100_000 + b'"}',
    "null": b"null",
    "old version": b'{"v":0,"runId":"run_01a20469-fefd-78ab-b71d-4e71eeff90eb"}',
    "another kind of id": b'{"v":1,"runId":"zip_01a20469-fefd-78ab-b71d-4e71eeff90eb"}',
    "no id": b'{"v":1}',
}


async def test_what_is_not_ours_is_parked_and_what_follows_is_performed(
    settings: Settings, database: Database, own_broker: EmbeddedBroker
) -> None:
    settings = replace(settings, broker_file=own_broker.address_file)
    (run_id,) = await make_runs(database, await make_zip(database, [step("a", "test.call")]))
    producer = Producer(settings)

    async def parked() -> bool:
        return len(await rows(database, "select 1 from poison")) >= len(POISON)

    async with working(settings, Stage()):
        assert all(await producer.publish([Message(EXECUTION, "poison", raw) for raw in POISON.values()]))
        await ring(settings, run_id)
        await until_status(database, "succeeded")
        await until(parked)
    await producer.stop()

    kept = await rows(database, "select topic, key, raw, error <> '' from poison order by \"offset\"")
    assert kept == [(EXECUTION, b"poison", raw[:65536], True) for raw in POISON.values()]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, "The message is empty."),
        (b"x" * 2_000_000, "The message has 2000000 bytes; ours have at most 1024."),
    ],
)
async def test_a_message_without_a_value_or_of_two_megabytes_is_parked(
    settings: Settings, database: Database, own_broker: EmbeddedBroker, value: bytes | None, error: str
) -> None:
    settings = replace(settings, broker_file=own_broker.address_file)
    (run_id,) = await make_runs(database, await make_zip(database))

    async def parked() -> list[tuple[bytes, str]]:
        return await rows(database, "select raw, error from poison")

    async with working(settings, Stage()):
        producer = AIOKafkaProducer(bootstrap_servers=own_broker.address(), max_request_size=3_000_000)
        await producer.start()
        await producer.send_and_wait(EXECUTION, value=value, key=b"k", partition=0)
        rung = RunRequested(run_id)
        await producer.send_and_wait(EXECUTION, value=rung.encode(), key=b"k", partition=0)
        await producer.stop()
        found = await until(parked)
        await until_status(database, "succeeded")

    assert found == [((value or b"")[:65536], error)]


async def test_while_the_database_is_away_only_so_much_of_what_is_not_ours_is_held(
    settings: Settings, database: Database, own_broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a database that keeps nothing for now, and what was tried to be kept
    settings = replace(settings, broker_file=own_broker.address_file)
    away, paused = True, asyncio.Event()
    tried: set[int] = set()
    store, pause = poison.store, Consumer.pause

    async def refusing(session: AsyncSession, found: Sequence[PoisonMessage]) -> None:
        tried.add(found[0].offset)
        assert all(len(one.raw) <= 65536 for one in found)
        if away:
            raise Unavailable("The database is away.")
        await store(session, found)

    def noted(consumer: Consumer) -> None:
        paused.set()
        pause(consumer)

    monkeypatch.setattr("worker.consumer.poison.store", refusing)
    monkeypatch.setattr("worker.consumer.STORE_PAUSE", 0.05)
    monkeypatch.setattr("worker.consumer.Consumer.pause", noted)
    large = [b"%d" % number + b"x" * 900_000 for number in range(6)]

    async def parked() -> bool:
        return len(await rows(database, "select 1 from poison")) == len(large)

    # when: each comes by itself
    async with working(settings, Stage()):
        producer = AIOKafkaProducer(bootstrap_servers=own_broker.address())
        await producer.start()
        for raw in large[:MAX_PARKING]:
            rung = await producer.send_and_wait(EXECUTION, value=raw, partition=0)
            await until(partial(tried.__contains__, rung.offset))

        # then: nothing more is read until they are kept, and then all of it
        async with asyncio.timeout(20):
            await paused.wait()
        for raw in large[MAX_PARKING:]:
            await producer.send_and_wait(EXECUTION, value=raw, partition=0)
        await producer.stop()
        away = False
        await until(parked)

    kept = await rows(database, 'select raw, sha256 from poison order by "offset"')
    assert kept == [(raw[:65536], hashlib.sha256(raw).digest()) for raw in large]


async def test_a_message_of_a_newer_release_and_a_run_of_nobody_harm_nothing_and_are_not_kept(
    settings: Settings, database: Database, own_broker: EmbeddedBroker
) -> None:
    settings = replace(settings, broker_file=own_broker.address_file)
    (run_id,) = await make_runs(database, await make_zip(database))
    producer = Producer(settings)
    newer = b'{"v":2,"run":"whatever"}'

    async with working(settings, Stage()):
        assert all(await producer.publish([Message(EXECUTION, "newer", newer)]))
        await ring(settings, UUID(int=7), run_id)
        await until_status(database, "succeeded")
    await producer.stop()

    assert await rows(database, "select raw from poison") == []


async def test_without_a_broker_runs_are_found_by_looking(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    deaf = replace(settings, broker_file=tmp_path / "none")
    stage = Stage()
    run_ids = await make_runs(database, await make_zip(database, [step("a", "test.call")]), 40)

    async with working(deaf, stage, slots=4) as worker:
        await until_status(database, "succeeded")
        health = await worker.health()

    assert len(stage.calls) == 40
    assert len(set(stage.keys)) == len(run_ids)
    assert (health.ready, health.degraded) == (True, ("broker",))


async def test_while_doorbells_are_heard_runs_are_left_to_them(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.dispatcher.PULL_INTERVAL", 0.05)
    stored_zip = await make_zip(database)

    async with working(settings, Stage()) as worker:

        async def hears() -> bool:
            return not (await worker.health()).degraded

        async def performed() -> bool:
            row = await run_row(database, rung)
            return bool(row.status == "succeeded")

        await until(hears)
        rung, silent = await make_runs(database, stored_zip, 2)
        await ring(settings, rung)
        await until(performed)

    assert (await run_row(database, silent)).status == "queued"


async def test_no_more_is_claimed_than_there_are_slots(settings: Settings, database: Database) -> None:
    stage = Stage()
    run_ids = await make_runs(database, await make_zip(database, [step("a", "test.hold")]), 10)

    async def three_held() -> bool:
        return len(stage.calls) == 3

    async with working(settings, stage, slots=3) as worker:
        await ring(settings, *run_ids)
        await until(three_held)
        counts = await rows(database, "select status, count(*) from zip_run group by 1 order by 1")
        assert worker.executor is not None
        assert worker.executor.free == 0
        stage.opened.set()
        await until_status(database, "succeeded")

    assert counts == [("queued", 7), ("running", 3)]
