"""Batches of the outbox on their way to the broker, with everything that may happen in between."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from relay.claims import claim_due
from relay.relay import LANES, Relay
from relay.turns import database_outage, take_turns
from relay.wake import Wake
from tests.fixtures.waiting import until
from tests.integration import stored
from tests.integration.relay.rows import INSERT, new_keys, put, unpublished
from zipped.broker.consumer import Consumer
from zipped.broker.producer import Message, Producer
from zipped.clock import SystemClock
from zipped.db import Database
from zipped.embedded.broker import EmbeddedBroker
from zipped.errors import Unavailable
from zipped.lines import Lines
from zipped.messages import EXECUTION, RESULT
from zipped.services import outbox
from zipped.services.outbox import TAKE_LIMIT
from zipped.settings import Settings


@pytest.fixture
async def producer(settings: Settings) -> AsyncIterator[Producer]:
    producer = Producer(settings)
    yield producer
    await producer.stop()


async def publish_due(lines: Lines, producer: Producer, *, limit: int = TAKE_LIMIT) -> int:
    """One batch; how many rows were taken."""
    async with claim_due(lines, limit=limit) as claim:
        if claim.rows:
            await claim.publish(producer)
        return len(claim.rows)


async def heard(settings: Settings, keys: Sequence[str], *, times: int = 1) -> Counter[str]:
    """How often each of `keys` stands on the execution topic, once all do `times` times."""
    consumer = Consumer(settings, EXECUTION, group=f"test-{keys[0]}")
    consumer.start()
    wanted, counts = set(keys), Counter[str]()
    async with asyncio.timeout(20):
        while sum(counts.values()) < times * len(wanted):
            for record in await consumer.getmany(timeout=0.5, max_records=500):
                if record.key and record.key.decode() in wanted:
                    counts[record.key.decode()] += 1
    await consumer.stop()
    return counts


class Held(Producer):
    """Publishes once it is let."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.asked = asyncio.Event()
        self.let = asyncio.Event()
        self.keys: list[str] = []

    async def publish(self, messages: Sequence[Message]) -> list[bool]:
        self.keys += [message.key for message in messages]
        self.asked.set()
        await self.let.wait()
        return await super().publish(messages)


async def test_what_the_broker_acknowledged_is_marked(
    settings: Settings, database: Database, producer: Producer, lines: Lines
) -> None:
    keys = await put(database, 30)
    results = await put(database, 5, topic=RESULT)

    taken = [await publish_due(lines, producer), await publish_due(lines, producer)]

    assert taken == [len(keys) + len(results), 0]
    assert await unpublished(database) == []
    assert await heard(settings, keys) == dict.fromkeys(keys, 1)


async def test_a_batch_is_bounded_and_the_oldest_go_first(database: Database, producer: Producer, lines: Lines) -> None:
    keys = await put(database, 7)

    taken = await publish_due(lines, producer, limit=5)

    assert taken == 5
    assert await unpublished(database) == keys[5:]


async def test_rows_that_were_not_acknowledged_stay_while_the_others_are_marked(
    settings: Settings, database: Database, lines: Lines
) -> None:
    class Half(Producer):
        async def publish(self, messages: Sequence[Message]) -> list[bool]:
            return [number % 2 == 0 for number, _ in enumerate(messages)]

    keys = await put(database, 6)

    taken = await publish_due(lines, Half(settings))

    assert taken == 6
    assert await unpublished(database) == keys[1::2]


async def test_a_relay_that_dies_between_acknowledgement_and_mark_publishes_again(
    settings: Settings, database: Database, producer: Producer, lines: Lines
) -> None:
    class Killed(Producer):
        async def publish(self, messages: Sequence[Message]) -> list[bool]:
            acknowledged = await super().publish(messages)
            await stored.execute(
                database,
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'doomed-relay'",
            )
            return acknowledged

    keys = await put(database, 20)
    doomed = Database(settings.database_url, application_name="doomed-relay")
    doomed_lines = Lines(doomed, size=1)
    killed = Killed(settings)

    with pytest.raises(Unavailable):
        await publish_due(doomed_lines, killed)
    await killed.stop()
    await doomed_lines.close()
    await doomed.dispose()
    left = await unpublished(database)
    await publish_due(lines, producer)

    assert left == keys
    assert await unpublished(database) == []
    assert await heard(settings, keys, times=2) == dict.fromkeys(keys, 2)


async def test_two_relays_share_the_rows_and_none_goes_out_twice(
    settings: Settings, database: Database, lines: Lines
) -> None:
    keys = await put(database, 100)
    relays = [Held(settings), Held(settings)]

    first = asyncio.create_task(publish_due(lines, relays[0], limit=60))
    await relays[0].asked.wait()
    second = asyncio.create_task(publish_due(lines, relays[1], limit=60))
    await relays[1].asked.wait()
    held = [set(relay.keys) for relay in relays]
    for relay in relays:
        relay.let.set()
    taken = [await first, await second]
    for relay in relays:
        await relay.stop()

    assert taken == [60, 40]
    assert not held[0] & held[1]
    assert await unpublished(database) == []
    assert await heard(settings, keys) == dict.fromkeys(keys, 1)


async def test_a_frozen_relay_stops_no_other_and_the_database_frees_its_rows(
    settings: Settings, database: Database, producer: Producer, lines: Lines
) -> None:
    locked = await put(database, 10)
    frozen = Held(settings)

    async def freeze() -> None:
        async with lines.transaction() as line:
            # What every connection has at 15 s.
            await line.execute(text("set local idle_in_transaction_session_timeout = '700ms'"))
            rows = await outbox.take(line)
            frozen.keys = [row.key for row in rows]
            frozen.asked.set()
            await frozen.let.wait()
            await outbox.mark_published(line, rows)

    freezing = asyncio.create_task(freeze())
    await frozen.asked.wait()
    others = await put(database, 5)
    taken = await publish_due(lines, producer)
    still_locked = await unpublished(database)

    async def freed() -> int:
        return await publish_due(lines, producer)

    freed_rows = await until(freed)
    frozen.let.set()
    with pytest.raises(Unavailable):
        await freezing

    assert (frozen.keys, taken, still_locked) == (locked, len(others), locked)
    assert freed_rows == 10
    assert await unpublished(database) == []


async def test_a_row_that_commits_after_a_later_one_is_not_passed_over(
    database: Database, producer: Producer, lines: Lines
) -> None:
    (early,) = new_keys(1)
    async with database.begin() as session:
        await session.execute(text(INSERT), {"topic": EXECUTION, "keys": [early]})  # its id is drawn now
        late = await put(database, 1000)
        before = [await publish_due(lines, producer) for _ in range(3)]
        assert await unpublished(database) == []

    after = await publish_due(lines, producer)

    numbers = dict(await stored.rows(database, "select key, id from zip_outbox"))
    assert numbers[early] < min(numbers[key] for key in late)
    assert before == [500, 500, 0]
    assert after == 1
    assert await unpublished(database) == []


async def test_headers_go_along(settings: Settings, database: Database, producer: Producer, lines: Lines) -> None:
    await stored.execute(
        database,
        "insert into zip_outbox (topic, key, body, headers) values (:topic, 'with-headers', '', :headers)",
        topic=EXECUTION,
        headers='{"traceparent": "00-1-2-01"}',
    )
    async with lines.transaction() as line:
        (row,) = await outbox.take(line)

    assert row.headers == (("traceparent", "00-1-2-01"),)
    assert await publish_due(lines, producer) == 1


async def test_while_the_broker_is_away_no_transaction_is_held_and_then_it_goes_on(
    settings: Settings, database: Database, own_broker: EmbeddedBroker
) -> None:
    relay_database = Database(settings.database_url, application_name="observed-relay")
    producer = Producer(replace(settings, broker_file=own_broker.address_file))
    relay_lines = Lines(relay_database, size=LANES)
    relay = Relay(relay_lines, producer, Wake(relay_database), clock=SystemClock())
    stop = asyncio.Event()
    await put(database, 3)
    turns = 0

    async def turn() -> float:
        nonlocal turns
        turns += 1
        return await relay.turn()

    task = asyncio.create_task(take_turns(turn, name="relay", stop=stop, outage=database_outage()))

    async def all_published() -> bool:
        return not await unpublished(database)

    await until(all_published)
    own_broker.kill()
    keys = await put(database, 10)

    async def connections() -> set[tuple[str, bool]]:
        activity = "select state, xact_start is null from pg_stat_activity where application_name = 'observed-relay'"
        return set(await stored.rows(database, activity))

    async def noticed_and_let_go() -> bool:
        return not relay.broker_up and await connections() == {("idle", True)}

    await until(noticed_and_let_go)
    before, states = turns, set()

    async def has_tried_five_times_more() -> bool:
        states.update(await connections())
        return turns > before + 5

    await until(has_tried_five_times_more)
    while_away = await unpublished(database)
    own_broker.start()
    await until(all_published)
    stop.set()
    await task
    await producer.stop()
    await relay_lines.close()
    await relay_database.dispose()

    assert states == {("idle", True)}
    assert while_away == keys


async def test_one_lane_takes_what_is_new_while_the_other_waits_for_the_broker(
    settings: Settings, database: Database, lines: Lines
) -> None:
    held, wake = Held(settings), Wake(database)
    relay = Relay(lines, held, wake, clock=SystemClock())
    first = await put(database, 3)
    slow = asyncio.create_task(relay.turn())
    await held.asked.wait()
    held.asked.clear()
    second = await put(database, 2)
    wake.ring()

    async def other_lane() -> None:
        while not held.asked.is_set():
            await relay.turn()

    quick = asyncio.create_task(other_lane())
    async with asyncio.timeout(20):
        await held.asked.wait()
    in_hand = list(held.keys)
    held.let.set()
    await asyncio.gather(slow, quick)
    await held.stop()

    assert in_hand == first + second
    assert await unpublished(database) == []
    assert await heard(settings, first + second) == dict.fromkeys(first + second, 1)
