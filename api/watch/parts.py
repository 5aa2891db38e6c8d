"""Builds what watches with what it needs, and takes it apart again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from api.watch.hub import Hub
from api.watch.tail import Tail
from zipped.db import Database
from zipped.lines import Lines
from zipped.settings import Settings

WATCH_POOL: Final = 1  # connection: readings come one after another


@asynccontextmanager
async def watch_parts(settings: Settings) -> AsyncIterator[Hub]:
    """The hub, fed. Its connection is its own: no number of queries may keep watchers waiting."""
    database = Database(
        settings.database_url, pool_size=WATCH_POOL, application_name="zipped-watch", pinned=True, by_index=True
    )
    lines = Lines(database, size=WATCH_POOL)
    hub = Hub(lines)
    tail = Tail(settings, hub)
    hub.start()
    tail.start()
    try:
        yield hub
    finally:
        await tail.stop()
        await hub.stop()
        await lines.close()
        await database.dispose()
