"""The same clients on Apache Kafka: topics of its own making, groups that rebalance, a broker that keeps its port."""

import asyncio
import os
import signal
import time
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource  # type: ignore[attr-defined]  # half typed

from tests.fixtures.freezing import freeze
from tests.integration.broker.hops import keys_of, messages, publish_all, read
from zipped.broker.consumer import Consumer
from zipped.broker.membership import Hooks
from zipped.broker.producer import Producer
from zipped.broker.topics import PARTITIONS, ensure_topics
from zipped.embedded.kafka import ApacheKafka
from zipped.messages import EXECUTION, RESULT
from zipped.settings import Settings

pytestmark = pytest.mark.apache


@pytest.fixture
def apache(kafka: ApacheKafka) -> Settings:
    """Settings that name Kafka; these tests need no database."""
    return Settings(
        database_url="", kafka_bootstrap_servers=kafka.address(), broker_file=None, secret_key=bytes(range(32))
    )


class Told:
    """What a member's hooks were told, and its offsets, committed when they are revoked."""

    def __init__(self, settings: Settings, group: str) -> None:
        self.events: list[tuple[str, frozenset[int]]] = []
        self.ends: dict[int, int] = {}
        self.keys: list[bytes | None] = []
        hooks = Hooks(assigned=self.assigned, revoked=self.revoked, lost=self.lost)
        self.consumer = Consumer(settings, EXECUTION, group=group, hooks=hooks)

    async def assigned(self, partitions: frozenset[int]) -> None:
        self.events.append(("assigned", partitions))

    async def revoked(self, partitions: frozenset[int]) -> None:
        await self.consumer.commit({number: end for number, end in self.ends.items() if number in partitions})
        self.ends.clear()
        self.events.append(("revoked", partitions))

    async def lost(self, partitions: frozenset[int]) -> None:
        self.ends.clear()
        self.events.append(("lost", partitions))

    async def poll(self) -> None:
        while True:
            for record in await self.consumer.getmany(timeout=0.5, max_records=100):
                self.keys.append(record.key)
                self.ends[record.partition] = record.offset + 1


async def test_topics_are_made_with_twelve_partitions_kept_for_seven_days(apache: Settings, kafka: ApacheKafka) -> None:
    await ensure_topics(apache)
    await ensure_topics(apache)

    admin = AdminClient({"bootstrap.servers": kafka.address()})
    found = admin.list_topics(timeout=10).topics
    resource = ConfigResource(ConfigResource.Type.TOPIC, EXECUTION)
    configuration = admin.describe_configs([resource])[resource].result(timeout=10)
    assert {len(found[topic].partitions) for topic in (EXECUTION, RESULT)} == {PARTITIONS}
    assert configuration["retention.ms"].value == str(7 * 24 * 3600 * 1000)


async def test_a_message_is_heard_by_a_group_and_by_a_listener_at_the_end(apache: Settings) -> None:
    producer = Producer(apache)
    member, listener = Consumer(apache, EXECUTION, group=f"test-{uuid4()}"), Consumer(apache, RESULT)
    member.start()
    listener.start()
    async with asyncio.timeout(30):
        await listener.wait_live()
    requested, changed = messages(700), messages(100, topic=RESULT)

    acknowledged = await producer.publish([*requested, *changed])
    found = [await read(member, keys_of(requested)), await read(listener, keys_of(changed))]
    for client in (member, listener, producer):
        await client.stop()

    assert acknowledged == [True] * 800
    assert [len(part) for part in found] == [700, 100]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_partitions_move_between_members_and_what_was_committed_is_not_read_again(apache: Settings) -> None:
    group = f"test-{uuid4()}"
    producer = Producer(apache)
    first, second = Told(apache, group), Told(apache, group)
    everything = frozenset(range(PARTITIONS))
    before, between, after = messages(50), messages(50), messages(50)

    async with asyncio.timeout(60):
        first.consumer.start()
        await first.consumer.wait_live()
        polls = [asyncio.create_task(first.poll())]
        await publish_all(producer, before)
        while not keys_of(before) <= set(first.keys):  # noqa: ASYNC110  # polled by the tasks beside
            await asyncio.sleep(0.02)
        second.consumer.start()
        polls.append(asyncio.create_task(second.poll()))
        while len(second.consumer.partitions) + len(first.consumer.partitions) != PARTITIONS or not (  # noqa: ASYNC110
            second.consumer.partitions
        ):
            await asyncio.sleep(0.02)
        halves = first.consumer.partitions, second.consumer.partitions
        await publish_all(producer, between)
        while not keys_of(between) <= set(first.keys + second.keys):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await second.consumer.commit(second.ends)
        polls[1].cancel()
        await second.consumer.stop()
        while first.consumer.partitions != everything:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await publish_all(producer, after)
        while not keys_of(after) <= set(first.keys):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        polls[0].cancel()
        await first.consumer.stop()
        await producer.stop()
        await asyncio.wait(polls)

    heard = [key for key in first.keys + second.keys if key in keys_of([*before, *between, *after])]
    assert halves[0] | halves[1] == everything
    assert not halves[0] & halves[1]
    assert first.events[:2] == [("assigned", everything), ("revoked", everything)]
    assert sorted(heard, key=str) == sorted(keys_of([*before, *between, *after]), key=str)  # each once


async def test_after_sigkill_of_the_broker_both_go_on_and_nothing_acknowledged_is_lost(
    apache: Settings, kafka: ApacheKafka
) -> None:
    producer, consumer = Producer(apache), Consumer(apache, EXECUTION, group=f"test-{uuid4()}")
    consumer.start()
    before, after = messages(200), messages(200)
    await publish_all(producer, before)

    kafka.kill()
    while_dead = asyncio.create_task(publish_all(producer, after, patience=90))
    kafka.prepare()
    kafka.spawn()  # by the main thread, with whose end it ends; the clients knock meanwhile
    await while_dead
    found = await read(consumer, keys_of([*before, *after]), patience=60)
    await consumer.stop()
    await producer.stop()

    assert found.keys() == keys_of([*before, *after])


async def test_a_topic_that_was_deleted_is_made_again_and_heard_again(apache: Settings, kafka: ApacheKafka) -> None:
    producer, listener = Producer(apache), Consumer(apache, RESULT)
    listener.start()
    before = messages(60, topic=RESULT)
    async with asyncio.timeout(30):
        await listener.wait_live()
    await publish_all(producer, before)
    await read(listener, keys_of(before))
    admin = AdminClient({"bootstrap.servers": kafka.address()})
    admin.delete_topics([RESULT])[RESULT].result(timeout=10)

    start = time.monotonic()
    others = messages(5)
    acknowledged = await producer.publish([*messages(5, topic=RESULT), *others])
    took = time.monotonic() - start
    await publish_all(producer, messages(5, topic=RESULT))
    heard: set[bytes | None] = set()
    async with asyncio.timeout(30):
        while True:  # one of those that come after the listener noticed
            later = messages(1, topic=RESULT)
            await publish_all(producer, later)
            heard |= {record.key for record in await listener.getmany(timeout=0.5, max_records=100)}
            if keys_of(later) <= heard:
                break
    await listener.stop()
    await producer.stop()

    assert acknowledged[5:] == [True] * 5  # the other topic's went out all the same
    assert took < 8


async def test_a_silent_broker_that_wakes_up_is_used_again(apache: Settings, kafka: ApacheKafka) -> None:
    producer, consumer = Producer(apache), Consumer(apache, EXECUTION, group=f"test-{uuid4()}")
    consumer.start()
    before, after = messages(20), messages(20)
    await publish_all(producer, before)
    await read(consumer, keys_of(before))

    freeze(kafka.pid)
    try:
        acknowledged = await producer.publish(messages(3))
        async with asyncio.timeout(30):
            while consumer.live:
                await consumer.getmany(timeout=0.2, max_records=10)
    finally:
        os.kill(kafka.pid, signal.SIGCONT)
    await publish_all(producer, after, patience=60)
    found = await read(consumer, keys_of(after), patience=60)
    await consumer.stop()
    await producer.stop()

    assert acknowledged == [False] * 3
    assert found.keys() == keys_of(after)
