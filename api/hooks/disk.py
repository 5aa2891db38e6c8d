"""How much room the database's disk has left, as far as this process can know.

A PostgreSQL whose log can't grow stops as a whole, and with it the runs that were accepted. So the door refuses while
there is still room for those to finish. Where the database's folder is on this machine its file system is asked every
two seconds; of a database elsewhere only its own refusal is known (SQLSTATE 53100), and it is not asked again for a
second.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from zipped.clock import Clock
from zipped.errors import SettingsError, Unavailable
from zipped.logs import OutageLog, get_logger

LOOK: Final = 2.0  # seconds between two looks at the file system
PAUSE: Final = 1.0  # seconds until a database that refused is tried again
REOPEN_PART: Final = 10  # a tenth of the reserve more: so that the door does not open and close with every file

log = get_logger(__name__)


def free_bytes(folder: Path) -> int:
    """What the folder's file system has left for who is not root. Raises OSError."""
    return shutil.disk_usage(folder).free


class Disk:
    """The disk of one database."""

    def __init__(
        self, folder: Path | None, *, reserve: int, clock: Clock, free: Callable[[Path], int] = free_bytes
    ) -> None:
        self._folder = folder
        self._reserve = reserve
        self._clock = clock
        self._free = free
        self._low = False
        self._refused_until = 0.0
        self._outage = OutageLog(log, "door.disk")

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Look at it until the block ends. Raises SettingsError when it can't be looked at to begin with."""
        if self._folder is None or not self._reserve:
            yield
            return
        try:
            await self.look()
        except OSError as error:
            raise SettingsError(
                f"ZIPPED_DATABASE_DISK: {self._folder} can't be looked at: {error.strerror}."
            ) from error
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait([watching])

    def require_room(self) -> None:
        """Raises Unavailable while there is none."""
        if self._low:
            raise Unavailable("The database's disk is nearly full; nothing was stored; try again later.")
        if self._clock.monotonic() < self._refused_until:
            raise Unavailable("The database's disk is full; nothing was stored; try again later.")

    def refused(self) -> None:
        """The database itself has said that it has no room."""
        self._refused_until = self._clock.monotonic() + PAUSE

    async def look(self) -> None:
        """Ask the file system once, in a thread: one on a network may take its time. Raises OSError."""
        assert self._folder is not None
        free = await asyncio.to_thread(self._free, self._folder)
        self._low = free < self._reserve + (self._reserve // REOPEN_PART if self._low else 0)
        if self._low:
            self._outage.lost(f"{free >> 20} MiB are free, {self._reserve >> 20} MiB are kept (ZIPPED_DISK_RESERVE)")
        else:
            self._outage.found()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except OSError as error:  # what was known before holds
                log.warning("door.disk_unseen", error=error.strerror)
