"""News of runs from their claim to their end, straight to `zip-result` and only as well as it goes.

A watcher reads the run's state itself; this merely makes it look. What parks, queues or ends a run goes through the
outbox instead. A run that is through sooner than the interval is not worth a word in between.
"""

import asyncio
from uuid import UUID

from zipped import ids
from zipped.broker.producer import Message, Producer
from zipped.errors import BrokerError
from zipped.logs import get_logger
from zipped.messages import RESULT, RunChanged

INTERVAL = 0.1  # seconds between two looks at what has changed

log = get_logger(__name__)


class Progress:
    """Says at most ten times a second which runs in hand have gone on."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._changed: dict[UUID, RunChanged] = {}
        self._woken = asyncio.Event()

    def changed(self, news: RunChanged) -> None:
        """The run was claimed, or has finished a step or started one, and goes on."""
        self._changed[news.run_id] = news
        self._woken.set()

    def ended(self, run_id: UUID) -> None:
        """The run has left its slot; that is told elsewhere."""
        self._changed.pop(run_id, None)

    async def run(self) -> None:
        """Publish until cancelled; while the broker is away nothing is kept."""
        while True:
            await self._woken.wait()
            await asyncio.sleep(INTERVAL)
            self._woken.clear()
            changed, self._changed = self._changed, {}
            messages = [Message(RESULT, ids.encode("run", news.run_id), news.encode()) for news in changed.values()]
            if messages:
                try:
                    await self._producer.publish(messages)
                except BrokerError as error:
                    log.debug("progress.not_told", reason=error.message)
