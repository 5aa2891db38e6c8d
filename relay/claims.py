"""One batch of the outbox, in one transaction: take what is due, publish it, mark what was acknowledged.

The rows stay locked while they are on their way, so no other relay sends them; they skip them and take the next.
Whoever dies in between, or loses its connection, leaves them unmarked, and they go out again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from zipped import metrics
from zipped.broker.producer import Message, Producer
from zipped.errors import BrokerError
from zipped.lines import Line, Lines
from zipped.services import outbox
from zipped.services.outbox import TAKE_LIMIT, OutboxRow

LOCK_LIMIT = 8.0  # seconds that rows stay locked; the database itself ends the transaction after 15


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows that are this relay's while its transaction lasts."""

    rows: list[OutboxRow]
    line: Line

    async def publish(self, producer: Producer) -> None:
        """Send them and mark those that the broker acknowledged, even when others failed.

        Raises BrokerError when nothing could be sent, Unavailable when the database is away.
        """
        messages = [Message(row.topic, row.key, row.body, row.headers) for row in self.rows]
        try:
            async with asyncio.timeout(LOCK_LIMIT):
                flags = await producer.publish(messages)
        except TimeoutError as error:
            raise BrokerError(f"Publishing took longer than {LOCK_LIMIT:g} s.") from error
        acknowledged = [row for row, flag in zip(self.rows, flags, strict=True) if flag]
        await outbox.mark_published(self.line, acknowledged)
        metrics.batch_rows.labels("outbox").observe(len(self.rows))
        for row in acknowledged:
            metrics.published.labels(row.topic).inc()


@asynccontextmanager
async def claim_due(lines: Lines, *, limit: int = TAKE_LIMIT) -> AsyncIterator[Claim]:
    """At most `limit` rows that are due. Raises Unavailable when the database is away."""
    async with lines.transaction() as line:
        yield Claim(await outbox.take(line, limit=limit), line)
