"""The one way to PostgreSQL: a pool, transactions opened at the edge, and what an error means.

Two kinds of transaction. `begin` runs as the login role, which owns the tables and passes their policies: for
the door, the relay, the workers and for signing in. `begin_as` runs as the role `zipped_api`, for which every
table shows only the rows of the named workspaces: for everything a signed-in caller asks. Role and workspaces
are set for the transaction alone, in one round trip with its first statement.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Literal
from uuid import UUID

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from zipped.errors import SettingsError, Unavailable

MIN_VERSION = 180000  # PostgreSQL 18, for uuidv7()
POOL_WAIT = 2.0  # seconds for a free connection
CONNECT_TIMEOUT = 2.0  # seconds
COMMAND_TIMEOUT = 10.0  # seconds a statement may take before the connection counts as dead
RECYCLE = 300  # seconds a pooled connection lives: after a failover the old primary must be let go

Fault = Literal["input", "retry", "away", "bug"]

#: Connection exceptions, operator intervention, system errors, resources: nothing is wrong with the statement.
AWAY_CLASSES = ("08", "53", "57", "58")
#: Read-only (a demoted primary), cannot connect now, idle in transaction time-out.
AWAY_STATES = ("25006", "25P03", "57P03", "55000")
#: The last is what a statement meets that is sent while the server's farewell is just being read.
AWAY_ERRORS = (
    InterfaceError,
    OperationalError,
    PoolTimeout,
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
#: What a statement may raise, through SQLAlchemy or on the driver itself.
DATABASE_ERRORS = (Unavailable, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
#: The connection is of no further use, though the driver thinks it is.
DISCONNECTS = ("25006", "57P01", "57P02", "57P03", "25P03")


class Database:
    """A pool of connections to the primary."""

    def __init__(
        self,
        url: str,
        *,
        application_name: str,
        pool_size: int = 5,
        custom_plans: bool = False,
        pinned: bool = False,
        by_index: bool = False,
        unhurried: bool = False,
        statement_timeout: float = 5.0,  # seconds
    ) -> None:
        settings = {
            "application_name": application_name,
            "statement_timeout": str(int(statement_timeout * 1000)),
            "lock_timeout": "2000",
            "idle_in_transaction_session_timeout": "15000",
            "jit": "off",
        }
        if custom_plans:
            # A generic plan made while a table was empty keeps its sequential scan: 10.6 ms a batch against 0.88.
            settings["plan_cache_mode"] = "force_custom_plan"
        if pinned:
            # For statements that find every row by its id: one plan each, made once, that can't be but by index. As
            # good as a custom one, and planning was half of a small batch's work: 0.85 ms of PostgreSQL for a save,
            # 0.25 so; 0.40 and 0.07 for a claim.
            settings |= {
                "plan_cache_mode": "force_generic_plan",
                "enable_seqscan": "off",
                "enable_hashjoin": "off",
                "enable_mergejoin": "off",
            }
        if unhurried:
            # For commits that may get lost with the server, because whoever made them would do the same again: they
            # don't wait for the disk, and leave it to those that must.
            settings["synchronous_commit"] = "off"
        if by_index:
            # For who wants the head of a queue: without statistics of its day the planner sorts the whole backlog,
            # 40 to 100 ms a batch at 100,000 rows against 5 ms by the index.
            settings |= {"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off"}
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT,
            pool_recycle=RECYCLE,
            pool_pre_ping=False,
            hide_parameters=True,  # an error's text goes to logs; what people sent us doesn't
            connect_args={
                "timeout": CONNECT_TIMEOUT,
                "command_timeout": COMMAND_TIMEOUT,
                "server_settings": settings,
            },
        )
        event.listen(self.engine.sync_engine, "handle_error", _mark_disconnects)
        event.listen(self.engine.sync_engine, "checkout", _pass_over_closed)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """One transaction as the login role, committed at the end. Raises Unavailable when the database is away."""
        async with _translated(), self._sessions.begin() as session:
            yield session

    @asynccontextmanager
    async def begin_as(self, workspace_ids: Iterable[UUID], *, read_only: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction that sees only these workspaces. Raises Unavailable when the database is away."""
        async with _translated(), self._sessions.begin() as session:
            await session.execute(
                ENTER,
                {
                    "workspaces": ",".join(map(str, workspace_ids)),
                    "read_only": "on" if read_only else "off",
                },
            )
            yield session

    async def is_writable(self) -> bool:
        """Whether a primary answers that takes writes."""
        try:
            async with self.begin() as session:
                return bool(await session.scalar(text("select not pg_is_in_recovery()")))
        except Unavailable:
            return False

    async def check_version(self) -> None:
        """Raises SettingsError when the server is older than PostgreSQL 18."""
        async with self.begin() as session:
            number = int(await session.scalar(text("show server_version_num")) or 0)
        if number < MIN_VERSION:
            raise SettingsError(
                f"ZIPPED_DATABASE_URL names PostgreSQL {number // 10000}; Zipped needs PostgreSQL 18 or newer."
            )

    async def check_second_wall(self) -> None:
        """Raises SettingsError when a transaction of `begin_as` would pass the policies."""
        async with self.begin_as(()) as session:
            row = (await session.execute(SECOND_WALL)).one()
        if row.bypasses:
            raise SettingsError(
                "The role zipped_api passes row-level security (superuser, BYPASSRLS or owner of a table): "
                "make it with `create role zipped_api nologin`."
            )
        if row.open_tables:
            raise SettingsError(f"Row-level security is off for {row.open_tables}: run `zipped migrate`.")

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


ENTER = text(
    "select set_config('role', 'zipped_api', true), set_config('zipped.workspaces', :workspaces, true), "
    "set_config('transaction_read_only', :read_only, true)"
)

SECOND_WALL = text(
    """
    select (select rolsuper or rolbypassrls from pg_roles where rolname = current_user)
           or exists (select from pg_class where relkind in ('r', 'p') and relowner = current_user::regrole)
           as bypasses,
           (select string_agg(c.relname, ', ') from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
            where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
            and has_table_privilege('zipped_api', c.oid, 'select') and not c.relrowsecurity) as open_tables
    """
)


def sqlstate(error: BaseException) -> str | None:
    """The five-character SQLSTATE behind an error, if the server gave one."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
        return state if isinstance(state, str) else None
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else None


def reason(error: BaseException) -> str:
    """What a log may say of an error: SQLSTATE and the server's first line, never a statement, a value or a row."""
    behind = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(behind, Unavailable) and behind.__cause__ is not None:
        return reason(behind.__cause__)
    first = next(iter(str(behind).splitlines()), "") or type(behind).__name__
    state = sqlstate(error)
    if classify(error) == "input" or "invalid input for query argument" in first:
        return f"{type(behind).__name__} {state or ''}".strip()  # its words quote the value
    return f"{state}: {first[:300]}" if state else first[:300]


def classify(error: BaseException) -> Fault:
    """Whose fault an error of a batch is.

    "input": one of its rows (SQLSTATE class 22, 23); "retry": two transactions met (40); "away": the database
    is not there, not writable or full (08, 53, 57, a lost connection, no free connection in time); else "bug".
    """
    if isinstance(error, Unavailable):
        return "away"
    state = sqlstate(error)
    if state:
        if state[:2] in ("22", "23"):
            return "input"
        if state[:2] == "40" or state == "55P03":
            return "retry"
        if state[:2] in AWAY_CLASSES or state in AWAY_STATES:
            return "away"
        return "bug"
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "away"
    if isinstance(error, AWAY_ERRORS):
        return "away"
    # A parameter that can't be encoded (a lone surrogate, a number out of range) never reaches the server.
    if isinstance(error, DBAPIError) and "invalid input for query argument" in str(error):
        return "input"
    return "bug"


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except Unavailable:
        raise
    except Exception as error:  # the driver's own errors too: what happens at connecting reaches us as it is
        if classify(error) == "away":
            raise Unavailable("The database is away; nothing was stored; try again.") from error
        raise


def _mark_disconnects(context: Any) -> None:
    # After a failover the old primary goes on answering reads: its connections must leave the pool.
    if sqlstate(context.original_exception) in DISCONNECTS:
        context.is_disconnect = True


def _pass_over_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    # After a restart every idle connection is closed, which the driver knows without asking: whoever comes first gets a
    # new one, not the news that the database was away. What a ping would tell besides isn't worth its round trip.
    if connection.driver_connection.is_closed():
        raise DisconnectionError("closed while it was idle")
