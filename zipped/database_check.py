"""What a process asks of its database before it works with it: PostgreSQL 18 or newer, its release's tables."""

import asyncio
from typing import Final

from asyncpg import PostgresError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from zipped import migrations
from zipped.db import Database, reason
from zipped.errors import SettingsError, Unavailable
from zipped.logs import OutageLog

PAUSE: Final = 0.5  # seconds between two tries

VERSION = text("select version_num from alembic_version")


async def check(
    database: Database, *, outage: OutageLog, patience: float | None = None, second_wall: bool = False
) -> None:
    """Wait until the database answers, and look whether it will do; with `second_wall` whether its policies hold, too.

    Raises SettingsError, one line, when it won't, or does not answer for `patience` seconds; None waits for ever.
    """
    loop = asyncio.get_running_loop()
    deadline = None if patience is None else loop.time() + patience
    while True:
        try:
            await database.check_version()
            await check_tables(database)
            if second_wall:
                await database.check_second_wall()
        except Unavailable as error:
            if deadline is not None and loop.time() > deadline:
                raise SettingsError(f"ZIPPED_DATABASE_URL: the database does not answer: {reason(error)}") from error
            outage.lost(reason(error))
            await asyncio.sleep(PAUSE)
        except (DBAPIError, PostgresError) as error:  # no such database, a wrong password …: waiting won't help
            raise SettingsError(f"ZIPPED_DATABASE_URL: {reason(error)}") from error
        else:
            outage.found()
            return


async def check_tables(database: Database) -> None:
    """Raises SettingsError when migrations are missing; a database of a newer release will do."""
    try:
        async with database.begin() as session:
            found = await session.scalar(VERSION)
    except ProgrammingError as error:
        raise SettingsError("The database has no tables yet: run `zipped migrate`.") from error
    if migrations.is_behind(found):
        wanted = migrations.head()
        raise SettingsError(
            f"The database's tables are of version {found or 'none'}, this release's of {wanted}: run `zipped migrate`."
        )
