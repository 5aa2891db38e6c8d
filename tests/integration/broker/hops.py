"""Messages for tests, and reading until they have come."""

import asyncio
from uuid import uuid4

from zipped.broker.consumer import Consumer, Record
from zipped.broker.producer import Message, Producer
from zipped.errors import BrokerError
from zipped.messages import EXECUTION


async def read(consumer: Consumer, keys: set[bytes], *, patience: float = 40) -> dict[bytes, Record]:
    """Read until every one of `keys` has come, at most `patience` seconds; other tests' messages are passed over."""
    found: dict[bytes, Record] = {}
    async with asyncio.timeout(patience):
        while found.keys() != keys:
            for record in await consumer.getmany(timeout=1.0, max_records=500):
                if record.key in keys:
                    found[record.key] = record
    return found


def messages(count: int, *, topic: str = EXECUTION) -> list[Message]:
    return [Message(topic, str(uuid4()), b"body %d" % number) for number in range(count)]


def keys_of(batch: list[Message]) -> set[bytes]:
    return {message.key.encode() for message in batch}


async def publish_all(producer: Producer, batch: list[Message], *, patience: float = 40) -> None:
    """What the relay does: what was not acknowledged goes out again, for at most `patience` seconds."""
    left = batch
    async with asyncio.timeout(patience):
        while left:
            try:
                acknowledged = await producer.publish(left)
            except BrokerError:
                await asyncio.sleep(0.1)
                continue
            left = [message for message, known in zip(left, acknowledged, strict=True) if not known]
