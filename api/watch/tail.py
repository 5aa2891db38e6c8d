"""Hears on `zip-result` which runs have changed: one consumer a process, without a group, from the topic's end on."""

import asyncio
from typing import Final

from api.watch.hub import Hub
from zipped import metrics
from zipped.broker.client import ended
from zipped.broker.consumer import Consumer
from zipped.errors import MalformedMessage
from zipped.faults import facts
from zipped.logs import get_logger
from zipped.messages import RESULT, NewerVersion, decode_changed
from zipped.settings import Settings

WAIT: Final = 0.5  # seconds a fetch waits; also how soon a consumer that is no longer live is noticed
MAX_RECORDS: Final = 2000  # messages at once

log = get_logger(__name__)


class Tail:
    """Rings a hub."""

    def __init__(self, settings: Settings, hub: Hub) -> None:
        self._consumer = Consumer(settings, RESULT)
        self._hub = hub
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect and to listen; returns at once, for the broker may be away."""
        self._consumer.start()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Listen no more."""
        await ended(self._task)
        await self._consumer.stop()

    async def _run(self) -> None:
        while True:
            self._hub.hears(self._consumer.live)
            try:
                for record in await self._consumer.getmany(timeout=WAIT, max_records=MAX_RECORDS):
                    if self._hub.topics:  # while nobody watches there is nobody to be rung for
                        self._ring(record.value)
            except Exception as error:
                # Whatever it is, watchers are told all the same: the hub looks by itself.
                log.error("tail.failed", **facts(error))
                self._hub.hears(False)
                await asyncio.sleep(WAIT)

    def _ring(self, raw: bytes | None) -> None:
        try:
            news = decode_changed(raw)
        except NewerVersion:
            self._hub.ring_all()
        except MalformedMessage as error:
            metrics.poison.labels(topic=RESULT).inc()
            log.warning("tail.malformed", reason=error.message)
        else:
            self._hub.ring(run_id=news.run_id, zip_id=news.zip_id, workspace_id=news.workspace_id)
