"""Connections that are kept, for work of a single statement: each statement is its own transaction.

A transaction through the pool takes four round trips (BEGIN, statement, COMMIT, back to the pool) and 0.5 to 0.7 ms of
Python; a statement on a connection at hand takes one, and 0.14 to 0.2 ms. What writes a run is one statement, so this
is how the worker claims and saves. Nothing that needs two statements to agree belongs here: that is `Database.begin`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from zipped.db import POOL_WAIT, RECYCLE, Database, classify, sqlstate
from zipped.errors import Unavailable

CUT_TIMEOUT = 1.0  # seconds for statements that were cut off to notice


#: asyncpg's own connection.
Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(slots=True, eq=False)
class _Line:
    connection: AsyncConnection
    session: AsyncSession
    opened: float  # monotonic seconds
    #: Whose rows it sees; None: it is the login role's.
    scope: str | None = None


STAY = text(
    "select set_config('role', 'zipped_api', false), set_config('zipped.workspaces', :workspaces, false), "
    "set_config('default_transaction_read_only', 'on', false)"
)
LEAVE = text(
    "select set_config('role', 'none', false), set_config('zipped.workspaces', :workspaces, false), "
    "set_config('default_transaction_read_only', 'off', false)"
)


class Lines:
    """Up to `size` kept connections of a database; its pool must have room for them."""

    def __init__(self, database: Database, *, size: int) -> None:
        self._database = database
        self._room = asyncio.Semaphore(size)
        self._free: list[_Line] = []
        self._busy: list[_Line] = []
        self._closed = False
        self._quiet = asyncio.Event()  # set when a statement ends and no other is under way

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A session whose every statement commits by itself. Raises Unavailable when the database is away.

        After an error its connection is not trusted again, for a statement cut short may still be running; unless it is
        the server's own word that one of its rows, or another transaction, stood against it.
        """
        async with self._line() as line:
            yield line.session

    @asynccontextmanager
    async def begin_as(self, workspace_ids: Iterable[UUID]) -> AsyncIterator[AsyncSession]:
        """A session whose every statement stands by itself, reads only, and sees only these workspaces.

        As `Database.begin_as`; but who is who stays with the connection, so that one who reads the same again and again
        takes one round trip for it, not five.
        """
        async with self._line(_scope(workspace_ids)) as line:
            yield line.session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Driver]:
        """A transaction on the driver itself, committed at the end, for the relay's few statements, which are repeated
        all day: four round trips cost 0.27 ms of Python so, 0.66 through a connection of the engine and 0.88 through a
        session. Raises Unavailable when the database is away.
        """
        async with self._line() as line:
            driver = await _driver(line)
            async with driver.transaction():
                yield driver

    @asynccontextmanager
    async def _line(self, scope: str | None = None) -> AsyncIterator["_Line"]:
        try:
            async with asyncio.timeout(POOL_WAIT):
                await self._room.acquire()
        except TimeoutError as error:
            raise Unavailable("No connection to the database became free in time; try again.") from error
        try:
            line = await self._take()
            self._busy.append(line)
            try:
                if line.scope != scope:
                    await line.session.execute(LEAVE if scope is None else STAY, {"workspaces": scope or ""})
                    line.scope = scope
                yield line
            except BaseException as error:
                if self._closed or not _answered(error):
                    await _close(line)
                else:
                    self._free.append(line)
                raise
            else:
                if self._closed:
                    await _close(line)
                else:
                    self._free.append(line)
            finally:
                self._busy.remove(line)
                if not self._busy:
                    self._quiet.set()
        except Unavailable:
            raise
        except Exception as error:
            if classify(error) == "away":
                raise Unavailable("The database is away; nothing was stored; try again.") from error
            raise
        finally:
            self._room.release()

    async def close(self) -> None:
        """Give every connection back to the pool; a statement still under way is cut off."""
        self._closed = True
        while self._free:
            await _close(self._free.pop(), invalidate=False)
        self._quiet.clear()
        for line in self._busy:
            (await _driver(line)).terminate()
        if self._busy:
            with suppress(TimeoutError):
                async with asyncio.timeout(CUT_TIMEOUT):
                    await self._quiet.wait()

    async def _take(self) -> _Line:
        while self._free:
            line = self._free.pop()
            # After a failover the old primary must be let go, though it still answers.
            if time.monotonic() - line.opened < RECYCLE and not line.connection.invalidated:
                return line
            await _close(line)
        connection = await self._database.engine.connect()
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        return _Line(connection, AsyncSession(bind=connection, expire_on_commit=False), time.monotonic())


def _scope(workspace_ids: Iterable[UUID]) -> str:
    return ",".join(sorted(map(str, workspace_ids)))


async def _driver(line: _Line) -> Driver:
    return (await line.connection.get_raw_connection()).driver_connection  # type: ignore[return-value]  # it is asyncpg's


def _answered(error: BaseException) -> bool:
    """Whether this is the server's answer to a statement, which is over with it."""
    return isinstance(error, DBAPIError) and classify(error) in ("input", "retry") and sqlstate(error) is not None


async def _close(line: _Line, *, invalidate: bool = True) -> None:
    with suppress(SQLAlchemyError, OSError, TimeoutError):
        if invalidate:
            await line.connection.invalidate()
        await line.session.close()
        await line.connection.close()
