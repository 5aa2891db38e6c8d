"""Publishes messages: batches per partition, all acknowledgements under one deadline.

No idempotent producer: when its broker dies it waits for ever (25 s and longer at a request time-out of 5 s). One
without gives up, and what it may have sent twice is a doorbell rung twice. A client that once failed is not trusted
again: the next call makes a fresh one, at the address that holds then.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from zipped import metrics
from zipped.broker.client import CONNECT_TIMEOUT, Farewells, address, within
from zipped.broker.topics import ensure_topics
from zipped.errors import BrokerError
from zipped.logs import OutageLog, get_logger
from zipped.settings import Settings

PUBLISH_TIMEOUT = 5.0  # seconds for all acknowledgements of a call
REQUEST_TIMEOUT = 4.0  # seconds; below the former, so that aiokafka gives its own reason
RETRY_INTERVAL = 1.0  # seconds between connection attempts, ± 30% so that processes don't knock together
KEYS = 4096  # whose partitions are remembered: a run rings and is told of within a moment
BATCH_BYTES = 512 * 1024  # of one partition; Kafka takes 1 MiB

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One message to be published; equal keys go to the same partition."""

    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Producer:
    """One connection to the broker for publishing, made at the first call and anew after each failure."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Any = None
        self._address = ""
        self._lock = asyncio.Lock()
        self._not_before = 0.0
        self._outage = OutageLog(log, "broker")
        self._farewells = Farewells()

    @property
    def up(self) -> bool:
        """Whether the broker answered the last time it was asked."""
        return self._client is not None

    async def publish(self, messages: Sequence[Message]) -> list[bool]:
        """Publish `messages` and tell of each whether the broker acknowledged it, within 5 s.

        One that was not acknowledged may still have arrived. Raises BrokerError when nothing was sent at all
        because the broker is away; at once when it was found away less than a second ago.
        """
        client = await self._connected()
        acknowledged = [False] * len(messages)
        try:
            await within(PUBLISH_TIMEOUT, _send(client, messages, acknowledged), what="Publishing")
        except BrokerError as error:
            self._drop(client, error)
        return acknowledged

    async def probe(self) -> None:
        """Ask the broker something, over a fresh connection if there is none. Raises BrokerError."""
        client = await self._connected(patient=True)
        try:
            await within(CONNECT_TIMEOUT, client.client.fetch_all_metadata(), what="Asking the broker")
        except BrokerError as error:
            self._drop(client, error)
            raise

    async def stop(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._farewells.let_go(self._client)
            self._client = None
        await self._farewells.finish()

    async def _connected(self, *, patient: bool = False) -> Any:
        async with self._lock:
            try:
                return await self._connect(patient=patient)
            except BrokerError as error:
                metrics.broker_up.set(0)
                self._outage.lost(error.message)
                raise

    async def _connect(self, *, patient: bool) -> Any:
        now = asyncio.get_running_loop().time()
        if self._client is not None:
            # The embedded broker comes back at another port, where a client made before never looks.
            if self._address == address(self._settings):
                return self._client
            self._drop(self._client, "it has another address now")
        if now < self._not_before and not patient:
            raise BrokerError("The broker was away a moment ago.")
        self._not_before = now + RETRY_INTERVAL * random.uniform(0.7, 1.3)
        await ensure_topics(self._settings, timeout=CONNECT_TIMEOUT)
        self._address = address(self._settings)
        client = AIOKafkaProducer(
            bootstrap_servers=self._address,
            acks="all",
            enable_idempotence=False,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=int(REQUEST_TIMEOUT * 1000),
        )
        try:
            await within(CONNECT_TIMEOUT, client.start(), what="Connecting")
        except BaseException:
            self._farewells.let_go(client)
            raise
        self._client = client
        self._not_before = 0.0
        metrics.broker_up.set(1)
        self._outage.found()
        return client

    def _drop(self, client: Any, reason: object) -> None:
        if self._client is client:
            self._client = None
            metrics.broker_up.set(0)
            self._outage.lost(reason)
            self._farewells.let_go(client)


async def _send(client: Any, messages: Sequence[Message], acknowledged: list[bool]) -> None:
    """Send all; sets `acknowledged` by index as answers come, also when it is cancelled. Raises the first failure."""
    by_topic: dict[str, list[int]] = {}
    for index, message in enumerate(messages):
        by_topic.setdefault(message.topic, []).append(index)
    # Side by side: a topic that is missing must not hold up the others.
    outcomes = await asyncio.gather(
        *(_send_topic(client, topic, indexes, messages, acknowledged) for topic, indexes in by_topic.items()),
        return_exceptions=True,
    )
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _send_topic(
    client: Any,
    topic: str,
    indexes: Sequence[int],
    messages: Sequence[Message],
    acknowledged: list[bool],
) -> None:
    partitions = len(await client.partitions_for(topic))
    by_partition: dict[int, list[int]] = {}
    for index in indexes:
        by_partition.setdefault(partition_of(messages[index].key, partitions), []).append(index)
    sent: list[tuple[asyncio.Future[Any], list[int]]] = []
    try:
        for partition, members in by_partition.items():
            while members:
                batch = client.create_batch()
                fitting = _fill(batch, messages, members)
                sent.append((await client.send_batch(batch, topic, partition=partition), members[:fitting]))
                members = members[fitting:]
        await asyncio.wait([future for future, _ in sent])
    finally:
        for future, members in sent:
            if future.done() and not future.cancelled() and future.exception() is None:
                for index in members:
                    acknowledged[index] = True
            elif not future.done():
                future.cancel()
    for future, _ in sent:
        future.result()


@lru_cache(KEYS)
def partition_of(key: str, partitions: int) -> int:
    """The partition that every Kafka client picks for `key`; remembered, for it is 20 µs of Python."""
    return (int(murmur2(key.encode())) & 0x7FFFFFFF) % partitions


def _fill(batch: Any, messages: Sequence[Message], members: Sequence[int]) -> int:
    """Put as many as fit into `batch`; how many did. The first always does."""
    for count, index in enumerate(members):
        message = messages[index]
        headers = [(name, value.encode()) for name, value in message.headers]
        if batch.append(key=message.key.encode(), value=message.value, timestamp=None, headers=headers) is None:
            return count
    return len(members)
