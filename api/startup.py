"""What must be true before an api serves: the right PostgreSQL, this release's tables, a second wall that stands."""

import asyncio
from typing import Final

from asyncpg import PostgresError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from zipped import migrations
from zipped.db import Database, reason
from zipped.errors import SettingsError, Unavailable
from zipped.logs import OutageLog, get_logger

PATIENCE: Final = 30.0  # seconds for a database that is being started beside us
PAUSE: Final = 0.5  # seconds between two tries

log = get_logger(__name__)


async def check(database: Database) -> None:
    """Raises SettingsError, one line, when this api must not serve."""
    outage = OutageLog(log, "api.database")
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        try:
            await database.check_version()
            await check_tables(database)
            await database.check_second_wall()
        except Unavailable as error:
            if asyncio.get_running_loop().time() > deadline:
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
            found = await session.scalar(text("select version_num from alembic_version"))
    except ProgrammingError as error:
        raise SettingsError("The database has no tables yet: run `zipped migrate`.") from error
    if migrations.is_behind(found):
        wanted = migrations.head()
        raise SettingsError(
            f"The database's tables are of version {found}, this release's of {wanted}: run `zipped migrate`."
        )
