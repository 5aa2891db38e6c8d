"""The broker goes away, comes back elsewhere, or falls silent: calls keep their deadlines and clients come back."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest

from tests.fixtures.freezing import freeze
from tests.integration.broker.hops import keys_of, messages, publish_all, read
from zipped.broker.consumer import Consumer
from zipped.broker.membership import Hooks
from zipped.broker.producer import Producer
from zipped.embedded.broker import EmbeddedBroker
from zipped.errors import BrokerError
from zipped.messages import EXECUTION
from zipped.settings import Settings


@pytest.fixture
def own_settings(settings: Settings, own_broker: EmbeddedBroker) -> Settings:
    """Settings for a broker that the test may break."""
    return replace(settings, broker_file=own_broker.address_file)


@asynccontextmanager
async def clients(settings: Settings, *, hooks: Hooks | None = None) -> AsyncIterator[tuple[Producer, Consumer]]:
    producer, consumer = Producer(settings), Consumer(settings, EXECUTION, group=f"test-{uuid4()}", hooks=hooks)
    consumer.start()
    try:
        yield producer, consumer
    finally:
        await consumer.stop()
        await producer.stop()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


@pytest.mark.parametrize("hard", [False, True], ids=["stopped", "killed"])
async def test_both_find_a_broker_that_comes_back_at_another_port(
    own_settings: Settings, own_broker: EmbeddedBroker, hard: bool
) -> None:
    async with clients(own_settings) as (producer, consumer):
        before = messages(100)
        await publish_all(producer, before)
        await read(consumer, keys_of(before))
        old_address = own_broker.address()

        if hard:
            own_broker.kill()
        else:
            own_broker.stop()
        own_broker.start()
        after = messages(100)
        await publish_all(producer, after)
        found = await read(consumer, keys_of(after))

    assert own_broker.address() != old_address
    assert found.keys() == keys_of(after)


async def test_under_load_everything_acknowledged_after_the_restart_arrives(
    own_settings: Settings, own_broker: EmbeddedBroker
) -> None:
    acknowledged: list[set[bytes]] = [set(), set()]  # by the first broker, by the second
    seen: set[bytes | None] = set()
    restarted = 0
    async with clients(own_settings) as (producer, consumer):

        async def load() -> None:
            while len(acknowledged[0]) < 300 or len(acknowledged[1]) < 300:
                batch = messages(10)
                epoch = restarted
                try:
                    flags = await producer.publish(batch)
                except BrokerError:
                    flags = [False] * len(batch)
                if epoch == restarted:
                    known = {message for message, flag in zip(batch, flags, strict=True) if flag}
                    acknowledged[epoch] |= {message.key.encode() for message in known}
                await asyncio.sleep(0.005)

        async def listen() -> None:
            while True:
                seen.update(record.key for record in await consumer.getmany(timeout=0.5, max_records=500))

        async with asyncio.timeout(60):
            listener = asyncio.create_task(listen())
            loader = asyncio.create_task(load())
            while len(acknowledged[0]) < 300:  # noqa: ASYNC110  # the load sets no event
                await asyncio.sleep(0.01)
            own_broker.kill()
            own_broker.start()
            restarted = 1
            await loader
            while not acknowledged[1] <= seen:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            listener.cancel()
            await asyncio.wait([listener])

    assert acknowledged[1] <= seen
    assert len(acknowledged[1]) >= 300


async def test_a_broker_that_falls_silent_breaks_no_deadline(
    own_settings: Settings, own_broker: EmbeddedBroker
) -> None:
    lost: list[frozenset[int]] = []

    async def on_lost(partitions: frozenset[int]) -> None:
        lost.append(partitions)

    async with clients(own_settings, hooks=Hooks(lost=on_lost)) as (producer, consumer):
        first = messages(1)
        await publish_all(producer, first)
        (record,) = (await read(consumer, keys_of(first))).values()

        freeze(own_broker.pid)
        try:
            with at_most(8.0):
                assert await producer.publish(messages(3)) == [False] * 3
            assert not producer.up
            with at_most(3.0):
                assert await consumer.getmany(timeout=0.5, max_records=10) == []
            with at_most(8.0):
                assert await consumer.commit({record.partition: record.offset + 1}) is False
            async with asyncio.timeout(30):
                while consumer.live or not lost:
                    await consumer.getmany(timeout=0.2, max_records=10)
            with pytest.raises(BrokerError):
                await producer.probe()
        finally:
            os.kill(own_broker.pid, signal.SIGCONT)

        batch = messages(20)
        await publish_all(producer, batch)
        found = await read(consumer, keys_of(batch))

    assert lost[0] == frozenset(range(4))
    assert found.keys() == keys_of(batch)


@pytest.mark.parametrize("silent", [False, True], ids=["dead", "silent"])
async def test_clients_of_a_broker_that_is_away_stop_in_time_and_leave_nothing(
    own_settings: Settings, own_broker: EmbeddedBroker, silent: bool
) -> None:
    async with clients(own_settings) as (producer, consumer):
        await publish_all(producer, messages(1))
        async with asyncio.timeout(30):
            await consumer.wait_live()
        if silent:
            freeze(own_broker.pid)
        else:
            own_broker.kill()

        with at_most(9.0):
            await consumer.stop()
        with at_most(9.0):
            await producer.stop()

    assert asyncio.all_tasks() == {asyncio.current_task()}
    own_broker.kill()


async def test_nothing_raises_while_there_is_no_broker_yet(own_settings: Settings, own_broker: EmbeddedBroker) -> None:
    own_broker.stop()
    async with clients(own_settings) as (producer, consumer):
        with at_most(3.0), pytest.raises(BrokerError):
            await producer.publish(messages(1))
        with at_most(1.0), pytest.raises(BrokerError):
            await producer.publish(messages(1))  # found away a moment ago: it does not even knock
        assert await consumer.getmany(timeout=0.1, max_records=10) == []
        assert await consumer.commit({0: 1}) is False
        assert not consumer.live

        own_broker.start()
        batch = messages(5)
        await publish_all(producer, batch)
        found = await read(consumer, keys_of(batch))

    assert found.keys() == keys_of(batch)
