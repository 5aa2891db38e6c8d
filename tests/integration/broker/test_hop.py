"""Messages from a producer to consumers, on the broker that tests share."""

import asyncio
from uuid import uuid4

from confluent_kafka.admin import AdminClient

from tests.integration.broker.hops import keys_of, messages, read
from zipped.broker.consumer import Consumer
from zipped.broker.membership import Hooks
from zipped.broker.producer import Message, Producer
from zipped.broker.topics import ensure_topics
from zipped.messages import EXECUTION, RESULT
from zipped.settings import Settings


async def test_a_published_message_reaches_a_member_of_a_group(settings: Settings) -> None:
    producer = Producer(settings)
    consumer = Consumer(settings, EXECUTION, group=f"test-{uuid4()}")
    consumer.start()
    (message,) = batch = messages(1)

    acknowledged = await producer.publish(batch)
    found = await read(consumer, keys_of(batch))
    await consumer.stop()
    await producer.stop()

    assert acknowledged == [True]
    assert found[message.key.encode()].value == message.value
    assert found[message.key.encode()].topic == EXECUTION


async def test_a_batch_over_two_topics_is_acknowledged_message_by_message(settings: Settings) -> None:
    producer = Producer(settings)
    consumers = [Consumer(settings, topic, group=f"test-{uuid4()}") for topic in (EXECUTION, RESULT)]
    for consumer in consumers:
        consumer.start()
    requested, changed = messages(1500), messages(300, topic=RESULT)

    acknowledged = await producer.publish([*requested, *changed])
    found = [await read(consumers[0], keys_of(requested)), await read(consumers[1], keys_of(changed))]
    for consumer in consumers:
        await consumer.stop()
    await producer.stop()

    assert acknowledged == [True] * 1800
    assert [len(part) for part in found] == [1500, 300]


async def test_a_batch_larger_than_one_request_goes_in_several(settings: Settings) -> None:
    producer = Producer(settings)
    batch = [Message(EXECUTION, "one-partition", bytes(100_000)) for _ in range(12)]

    acknowledged = await producer.publish(batch)
    await producer.stop()

    assert acknowledged == [True] * 12


async def test_equal_keys_keep_their_partition(settings: Settings) -> None:
    producer = Producer(settings)
    consumer = Consumer(settings, EXECUTION, group=f"test-{uuid4()}")
    consumer.start()
    key = str(uuid4())
    seen: list[tuple[int, int]] = []

    for number in range(5):
        await producer.publish([Message(EXECUTION, key, b"%d" % number)])
    async with asyncio.timeout(30):
        while len(seen) < 5:
            records = await consumer.getmany(timeout=1.0, max_records=500)
            seen += [(record.partition, int(record.value or b"")) for record in records if record.key == key.encode()]
    await consumer.stop()
    await producer.stop()

    assert [number for _, number in seen] == [0, 1, 2, 3, 4]
    assert len({partition for partition, _ in seen}) == 1


async def test_a_consumer_without_a_group_hears_what_comes_after_it_is_live(settings: Settings) -> None:
    producer = Producer(settings)
    before, after = messages(5, topic=RESULT), messages(5, topic=RESULT)
    await producer.publish(before)
    consumer = Consumer(settings, RESULT)
    live = [consumer.live]
    consumer.start()
    async with asyncio.timeout(30):
        await consumer.wait_live()
    live.append(consumer.live)

    await producer.publish(after)
    found: list[bytes | None] = []
    async with asyncio.timeout(30):
        while not keys_of(after) <= set(found):
            found += [record.key for record in await consumer.getmany(timeout=1.0, max_records=500)]
    await consumer.stop()
    await producer.stop()

    assert not keys_of(before) & set(found)
    assert [*live, consumer.live] == [False, True, False]


async def test_a_group_goes_on_where_it_committed(settings: Settings) -> None:
    producer = Producer(settings)
    group = f"test-{uuid4()}"
    first, second = messages(40), messages(7)
    consumer = Consumer(settings, EXECUTION, group=group)
    consumer.start()
    await producer.publish(first)
    ends: dict[int, int] = {}
    seen: set[bytes | None] = set()
    async with asyncio.timeout(30):
        while not keys_of(first) <= seen:
            for record in await consumer.getmany(timeout=1.0, max_records=500):
                seen.add(record.key)
                ends[record.partition] = record.offset + 1

    committed = await consumer.commit(ends)
    await consumer.stop()
    await producer.publish(second)
    successor = Consumer(settings, EXECUTION, group=group)
    successor.start()
    again: set[bytes | None] = set()
    async with asyncio.timeout(30):
        while not keys_of(second) <= again:
            again |= {record.key for record in await successor.getmany(timeout=1.0, max_records=500)}
    await successor.stop()
    await producer.stop()

    assert committed is True
    assert not keys_of(first) & again


async def test_a_paused_consumer_brings_nothing_until_it_is_resumed(settings: Settings) -> None:
    producer = Producer(settings)
    consumer = Consumer(settings, EXECUTION, group=f"test-{uuid4()}")
    consumer.pause()  # before there is a client: it holds for the one that comes
    consumer.start()
    async with asyncio.timeout(30):
        await consumer.wait_live()
    batch = messages(20)
    await producer.publish(batch)

    while_paused = [await consumer.getmany(timeout=0.1, max_records=500) for _ in range(5)]
    consumer.resume()
    found = await read(consumer, keys_of(batch))
    await consumer.stop()
    await producer.stop()

    assert while_paused == [[]] * 5
    assert found.keys() == keys_of(batch)


async def test_the_hooks_tell_which_partitions_came_and_went(settings: Settings) -> None:
    told: list[tuple[str, frozenset[int]]] = []

    async def assigned(partitions: frozenset[int]) -> None:
        told.append(("assigned", partitions))

    async def lost(partitions: frozenset[int]) -> None:
        told.append(("lost", partitions))

    consumer = Consumer(settings, EXECUTION, group=f"test-{uuid4()}", hooks=Hooks(assigned=assigned, lost=lost))
    consumer.start()
    async with asyncio.timeout(30):
        await consumer.wait_live()
    held = consumer.partitions
    await consumer.stop()

    assert held == frozenset(range(4))
    assert told == [("assigned", held), ("lost", held)]


async def test_making_the_topics_twice_changes_nothing(settings: Settings) -> None:
    def partitions() -> dict[str, int]:
        found = AdminClient({"bootstrap.servers": settings.kafka_address()}).list_topics(timeout=10).topics
        return {name: len(found[name].partitions) for name in (EXECUTION, RESULT)}

    await ensure_topics(settings)
    once = await asyncio.to_thread(partitions)
    await ensure_topics(settings)

    assert await asyncio.to_thread(partitions) == once == {EXECUTION: 4, RESULT: 4}


async def test_no_task_is_left_behind(settings: Settings) -> None:
    producer = Producer(settings)
    consumer = Consumer(settings, EXECUTION, group=f"test-{uuid4()}")
    consumer.start()
    await producer.publish(messages(1))
    async with asyncio.timeout(30):
        await consumer.wait_live()

    await consumer.stop()
    await producer.stop()

    assert asyncio.all_tasks() == {asyncio.current_task()}
