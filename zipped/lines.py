"""Connections that are kept, for work of a single statement: each statement is its own transaction.

A transaction through the pool takes four round trips (BEGIN, statement, COMMIT, back to the pool) and 0.5 to 0.7 ms of
Python; a statement on a connection at hand takes one, and on the driver itself 0.09 to 0.14 ms (0.16 to 0.28 through a
session; of a process that has slept in between 0.4 to 0.5, and 0.7 to 0.9). What writes a run is one statement, so this
is how the door accepts and the worker claims and saves. Nothing that needs two statements to agree belongs here: that
is `Database.begin`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from zipped.db import POOL_WAIT, RECYCLE, Database, classify, sqlstate
from zipped.errors import Unavailable

CUT_TIMEOUT = 1.0  # seconds for statements that were cut off to notice


#: asyncpg's own connection.
Driver: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

NO_VALUES: Final[Mapping[str, Any]] = MappingProxyType({})


class Row(asyncpg.Record):
    """What a statement returned, its columns as attributes like those of SQLAlchemy's rows."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Statements(Protocol):
    """Who executes statements of :names: a `Line`, or a session, where several are one transaction."""

    async def execute(self, statement: TextClause, values: Mapping[str, Any] = NO_VALUES, /) -> Iterable[Any]:
        """The rows, in order; their columns are attributes and stand in order too."""
        ...


@dataclass(slots=True, eq=False)
class Line:
    """A kept connection. Each statement commits by itself, unless `Lines.transaction` gave it."""

    connection: AsyncConnection
    driver: Driver
    opened: float  # monotonic seconds
    #: Whose rows it sees; None: it is the login role's.
    scope: str | None = None

    async def execute(self, statement: TextClause, values: Mapping[str, Any] = NO_VALUES, /) -> list[Row]:
        """The rows. Raises asyncpg's own errors, which `zipped.db` reads like SQLAlchemy's."""
        words, names = _compiled(statement)
        return await self.driver.fetch(words, *[values[name] for name in names], record_class=Row)


@cache
def _compiled(statement: TextClause) -> tuple[str, tuple[str, ...]]:
    """A statement as the driver takes it, and whose values stand for $1, $2 …"""
    compiled = statement.compile(dialect=dialect.dialect())  # type: ignore[no-untyped-call]
    return str(compiled), tuple(compiled.positiontup or ())


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
        self._free: list[Line] = []
        self._busy: list[Line] = []
        self._closed = False
        self._quiet = asyncio.Event()  # set when a statement ends and no other is under way

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Line]:
        """A connection whose every statement commits by itself. Raises Unavailable when the database is away.

        After an error its connection is not trusted again, for a statement cut short may still be running; unless it is
        the server's own word that one of its rows, or another transaction, stood against it.
        """
        async with self._line() as line:
            yield line

    @asynccontextmanager
    async def begin_as(self, workspace_ids: Iterable[UUID]) -> AsyncIterator[Line]:
        """A connection whose every statement stands by itself, reads only, and sees only these workspaces.

        As `Database.begin_as`; but who is who stays with the connection, so that one who reads the same again and again
        takes one round trip for it, not five.
        """
        async with self._line(_scope(workspace_ids)) as line:
            yield line

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Line]:
        """A connection whose statements are one transaction, committed at the end. Raises Unavailable when the database
        is away.

        For the relay's few statements, which are repeated all day: four round trips cost 0.27 ms of Python so, 0.66
        through a connection of the engine and 0.88 through a session.
        """
        async with self._line() as line, line.driver.transaction():
            yield line

    @asynccontextmanager
    async def _line(self, scope: str | None = None) -> AsyncIterator[Line]:
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
                    await line.execute(LEAVE if scope is None else STAY, {"workspaces": scope or ""})
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
            line.driver.terminate()
        if self._busy:
            with suppress(TimeoutError):
                async with asyncio.timeout(CUT_TIMEOUT):
                    await self._quiet.wait()

    async def _take(self) -> Line:
        while self._free:
            line = self._free.pop()
            # After a failover the old primary must be let go, though it still answers.
            if time.monotonic() - line.opened < RECYCLE and not line.driver.is_closed():
                return line
            await _close(line)
        connection = await self._database.engine.connect()
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        driver: Any = (await connection.get_raw_connection()).driver_connection
        return Line(connection, driver, time.monotonic())


def _scope(workspace_ids: Iterable[UUID]) -> str:
    return ",".join(sorted(map(str, workspace_ids)))


def _answered(error: BaseException) -> bool:
    """Whether this is the server's answer to a statement, which is over with it."""
    return classify(error) in ("input", "retry") and sqlstate(error) is not None


async def _close(line: Line, *, invalidate: bool = True) -> None:
    with suppress(SQLAlchemyError, OSError, TimeoutError):
        if invalidate:
            await line.connection.invalidate()
        await line.connection.close()
