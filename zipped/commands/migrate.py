"""`zipped migrate`: brings the database to this release's tables; doing it twice, or twice at once, does it once."""

from zipped import migrations
from zipped.settings import Settings


def migrate(settings: Settings) -> int:
    """Run what is missing; the exit code."""
    migrations.upgrade(settings.database_url)
    print(f"The database is at {migrations.head()}.")
    return 0
