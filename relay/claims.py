"""One batch of the outbox, in one transaction: take what is due, publish it, mark what was acknowledged.

The rows stay locked while they are on their way, so no other relay sends them; they skip them and take the next.
Whoever dies in between, or loses its connection, leaves them unmarked, and they go out again.
"""

import asyncio

from zipped import metrics
from zipped.broker.producer import Message, Producer
from zipped.db import Database
from zipped.errors import BrokerError
from zipped.services import outbox
from zipped.services.outbox import TAKE_LIMIT, OutboxRow

LOCK_LIMIT = 8.0  # seconds that rows stay locked; the database itself ends the transaction after 15


async def publish_due(database: Database, producer: Producer, *, limit: int = TAKE_LIMIT) -> int:
    """Publish at most `limit` rows; how many were taken.

    Those that the broker acknowledged are marked even when others failed. Raises BrokerError when nothing could be
    sent, Unavailable when the database is away.
    """
    async with database.begin() as session:
        rows = await outbox.take(session, limit=limit)
        if not rows:
            return 0
        acknowledged = await _publish(producer, rows)
        await outbox.mark_published(session, acknowledged)
    metrics.batch_rows.labels("outbox").observe(len(rows))
    for row in acknowledged:
        metrics.published.labels(row.topic).inc()
    return len(rows)


async def _publish(producer: Producer, rows: list[OutboxRow]) -> list[OutboxRow]:
    messages = [Message(row.topic, row.key, row.body, row.headers) for row in rows]
    try:
        async with asyncio.timeout(LOCK_LIMIT):
            flags = await producer.publish(messages)
    except TimeoutError as error:
        raise BrokerError(f"Publishing took longer than {LOCK_LIMIT:g} s.") from error
    return [row for row, acknowledged in zip(rows, flags, strict=True) if acknowledged]
