"""What wakes the relay: a NOTIFY from who committed rows, the other parts of its own process, and looking.

The one raw connection of the product: a listener belongs to a connection, not to a pool. It also does the looking,
which is a tenth of a millisecond there and half of one through the pool. While it is broken the relay tries to take
rows instead of looking for them first, so nobody waits for it.
"""

import asyncio

import asyncpg

from relay.turns import retry_pause
from zipped.db import Database
from zipped.logs import get_logger
from zipped.services.outbox import ANY_DUE, CHANNEL

CONNECT_TIMEOUT = 5.0  # seconds
LOOK_TIMEOUT = 5.0  # seconds
# The last is what a statement meets that is sent while the server's farewell is just being read.
FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

log = get_logger(__name__)


class Wake:
    """Rings when there is probably something to publish."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = asyncio.Event()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

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

    async def any_due(self) -> bool:
        """Whether anything may be due: looked up, or True while there is no connection to look with."""
        connection = self._connection
        if connection is None:
            return True
        try:
            row = await connection.fetchrow(ANY_DUE)
        except FAILURES as error:
            log.debug("wake.look_failed", reason=str(error))
            connection.terminate()
            return True
        if row is None or row["standby"]:
            connection.terminate()  # a primary that became a standby keeps its connections and notifies nobody
            return True
        return bool(row["due"])

    async def listen(self) -> None:
        """Keep a connection that listens, until cancelled."""
        while True:
            try:
                await self._listen_once()
            except FAILURES as error:
                log.debug("wake.connection_lost", reason=str(error))
            await asyncio.sleep(retry_pause())

    async def _listen_once(self) -> None:
        url = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(
            url,
            timeout=CONNECT_TIMEOUT,
            command_timeout=LOOK_TIMEOUT,
            server_settings={"application_name": "zipped-relay-listen", "enable_seqscan": "off", "jit": "off"},
        )
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, lambda *_: self.ring())
            self._connection = connection
            self.ring()  # what was committed before the listener was there
            await lost.wait()
        finally:
            self._connection = None
            connection.terminate()
