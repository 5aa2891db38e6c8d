"""What wakes the relay: a NOTIFY from who committed rows, and the other parts of its own process.

The one raw connection of the product: a listener belongs to a connection, not to a pool. While it is broken the
relay polls, so nothing here is waited for.
"""

import asyncio
import contextlib

import asyncpg

from relay.turns import retry_pause
from zipped.db import Database
from zipped.logs import get_logger
from zipped.services.outbox import CHANNEL

CONNECT_TIMEOUT = 5.0  # seconds
PROOF_INTERVAL = 30.0  # seconds; a primary that became a standby keeps its connections and stays silent

log = get_logger(__name__)


class Wake:
    """Rings when there is probably something to publish."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Rows were committed."""
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring, at most `seconds`; whether there was one since the last call."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    async def listen(self) -> None:
        """Keep a connection that listens, until cancelled."""
        while True:
            try:
                await self._listen_once()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.debug("wake.connection_lost", reason=str(error))
            await asyncio.sleep(retry_pause())

    async def _listen_once(self) -> None:
        url = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(
            url,
            timeout=CONNECT_TIMEOUT,
            command_timeout=CONNECT_TIMEOUT,
            server_settings={"application_name": "zipped-relay-listen"},
        )
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, lambda *_: self.ring())
            self.ring()  # what was committed before the listener was there
            while not lost.is_set() and not await connection.fetchval("select pg_is_in_recovery()"):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PROOF_INTERVAL):
                        await lost.wait()
        finally:
            connection.terminate()
