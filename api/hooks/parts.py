"""Builds the door with what it needs, and takes it apart again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from api.health import Health
from api.hooks.disk import Disk
from api.hooks.door import Door
from zipped.clock import Clock
from zipped.crypto import SecretBox
from zipped.db import Database
from zipped.lines import Lines
from zipped.services.outbox import Bell
from zipped.settings import Settings

#: Kept connections: two that store, one for the bell.
DOOR_LINES: Final = 3
#: All of the door's: besides, two that look triggers up and one for refusals.
DOOR_POOL: Final = DOOR_LINES + 3


@asynccontextmanager
async def door_parts(settings: Settings, *, clock: Clock) -> AsyncIterator[tuple[Door, Health, Bell]]:
    """The door and what it needs. Its connections are its own: no number of queries may keep a webhook waiting."""
    database = Database(settings.database_url, pool_size=DOOR_POOL, application_name="zipped-door", pinned=True)
    lines = Lines(database, size=DOOR_LINES)
    bell = Bell(lines)
    disk = Disk(settings.database_disk, reserve=settings.disk_reserve, clock=clock)
    door = Door(
        database,
        lines=lines,
        box=SecretBox(settings.secret_key),
        bell=bell,
        disk=disk,
        clock=clock,
        trusted_proxies=settings.trusted_proxies,
    )
    try:
        async with disk.watched():
            yield door, Health(database, clock=clock), bell
    finally:
        await door.close()
        await bell.stop()
        await lines.close()
        await database.dispose()
