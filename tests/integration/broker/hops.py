"""Messages for tests, and reading until they have come."""

import asyncio
from uuid import uuid4

from zipped.broker.consumer import Consumer, Record
from zipped.broker.producer import Message
from zipped.messages import EXECUTION


async def read(consumer: Consumer, keys: set[bytes], *, max_records: int = 500) -> dict[bytes, Record]:
    """Read until every one of `keys` has come; other tests' messages are passed over."""
    found: dict[bytes, Record] = {}
    async with asyncio.timeout(20):
        while found.keys() != keys:
            for record in await consumer.getmany(timeout=1.0, max_records=max_records):
                if record.key in keys:
                    found[record.key] = record
    return found


def messages(count: int, *, topic: str = EXECUTION) -> list[Message]:
    return [Message(topic, str(uuid4()), b"body %d" % number) for number in range(count)]


def keys_of(batch: list[Message]) -> set[bytes]:
    return {message.key.encode() for message in batch}
