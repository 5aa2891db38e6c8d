"""What must be true before an api serves: a database that will do, and a second wall that stands."""

from typing import Final

from zipped import database_check
from zipped.db import Database
from zipped.logs import OutageLog, get_logger

PATIENCE: Final = 30.0  # seconds for a database that is being started beside us

log = get_logger(__name__)


async def check(database: Database) -> None:
    """Raises SettingsError, one line, when this api must not serve."""
    outage = OutageLog(log, "api.database")
    await database_check.check(database, outage=outage, patience=PATIENCE, second_wall=True)
