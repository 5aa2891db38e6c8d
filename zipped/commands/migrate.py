"""`zipped migrate`: brings the database to this release's tables; doing it twice, or twice at once, does it once."""

import asyncio

from zipped import migrations
from zipped.commands.database_answer import require_answer
from zipped.settings import Settings


def migrate(settings: Settings) -> int:
    """Run what is missing; the exit code. Raises Unavailable with the reason when there is no connection."""
    bring_up_to_date(settings)
    print(f"The database is at {migrations.head()}.")
    return 0


def bring_up_to_date(settings: Settings) -> None:
    """The same for a command that does more than this."""
    asyncio.run(require_answer(settings.database_url))
    migrations.upgrade(settings.database_url)
