"""What bare clients reach on the same database and broker: a Kafka round trip, and the floor of a run's way.

    python -m bench.bare hop|floor BOOTSTRAP DATABASE_URL SECONDS [RATE]

The floor is what every product of this shape must do one after the other: commit a row, hop over Kafka, commit a row,
hop over Kafka. Prints "ready", waits for a line, prints milliseconds as JSON.
"""

import asyncio
import gc
import sys
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import asyncpg
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from zipped.broker.client import CONNECT_TIMEOUT

TOPICS = ("bench-there", "bench-back")
POOL = 8  # connections for each of the two commits
LAST = 10.0  # seconds for what is under way at the end
MESSAGE = b"x" * 200  # bytes, about those of a doorbell with its news


@dataclass(slots=True)
class Bare:
    """The clients, and what they are in the middle of."""

    servers: str
    database_url: str
    database: Any = None
    producer: Any = None
    consumers: list[Any] = field(default_factory=list)
    waiting: dict[bytes, "asyncio.Future[None]"] = field(default_factory=dict)

    async def start(self) -> None:
        """Connect."""
        self.database = await asyncpg.create_pool(self.database_url, min_size=2 * POOL, max_size=2 * POOL)
        await self.database.execute("create table if not exists bench_row (id uuid primary key, body bytea)")
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers, request_timeout_ms=int(CONNECT_TIMEOUT * 1000))
        await admin.start()
        have = await admin.list_topics()
        await admin.create_topics([NewTopic(name, 1, 1) for name in TOPICS if name not in have])
        await admin.close()
        self.producer = AIOKafkaProducer(
            bootstrap_servers=self.servers, acks="all", enable_idempotence=False, linger_ms=0
        )
        await self.producer.start()
        for name in TOPICS:
            consumer = AIOKafkaConsumer(bootstrap_servers=self.servers)
            await consumer.start()
            consumer.assign([TopicPartition(name, 0)])
            await consumer.seek_to_end()
            self.consumers.append(consumer)

    async def hop(self, topic: int) -> None:
        """Send a message and wait until it is read."""
        key = b"%d" % id(future := asyncio.get_running_loop().create_future())
        self.waiting[key] = future
        await self.producer.send(TOPICS[topic], MESSAGE, key=key, partition=0)
        await future

    async def hear(self, topic: int) -> None:
        """Read until cancelled."""
        while True:
            for records in (await self.consumers[topic].getmany(timeout_ms=500)).values():
                for record in records:
                    self.waiting.pop(record.key).set_result(None)

    async def commit(self) -> None:
        """One row, one transaction."""
        await self.database.execute("insert into bench_row (id, body) values (uuidv7(), $1)", MESSAGE)

    async def floor(self) -> float:
        """One run's way; its milliseconds."""
        began = monotonic()
        await self.commit()
        await self.hop(0)
        await self.commit()
        await self.hop(1)
        return round((monotonic() - began) * 1000, 3)

    async def stop(self) -> None:
        """Close."""
        for client in (self.producer, *self.consumers):
            await client.stop()
        await self.database.close()


async def measure(bare: Bare, what: str, seconds: float, rate: float) -> list[float]:
    """Milliseconds of each."""
    began = monotonic()
    times: list[float] = []
    if what == "hop":
        while (sent := monotonic()) < began + seconds:
            await bare.hop(0)
            times.append(round((monotonic() - sent) * 1000, 3))
        return times
    tasks = []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - monotonic()))
        tasks.append(asyncio.create_task(bare.floor()))
    async with asyncio.timeout(LAST):
        return await asyncio.gather(*tasks)


async def main(what: str, servers: str, database_url: str, seconds: str, rate: str = "0") -> None:
    """Connect, measure, print."""
    bare = Bare(servers, database_url)
    await bare.start()
    listening = [asyncio.create_task(bare.hear(topic)) for topic in range(len(TOPICS))]
    await bare.floor()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    gc.disable()
    times = await measure(bare, what, float(seconds), float(rate))
    for task in listening:
        task.cancel()
    await asyncio.wait(listening)
    await bare.stop()
    print(orjson.dumps(times).decode(), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
