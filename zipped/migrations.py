"""Brings a database to this release's tables, and says which release that is.

Every process asks for the numbers of the migrations, and only `zipped migrate` runs them. Alembic is 10 MB in a
process's memory: the numbers are read from the names of the files, and it is imported where they are run.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zipped.errors import SettingsError

if TYPE_CHECKING:
    from alembic.config import Config

ROOT: Final = Path(__file__).resolve().parent.parent
LACKING: Final = ("42501", "P0001")  # SQLSTATEs: no right to do that; what a migration itself says
FILE: Final = re.compile(r"\d{4}_\d\d_\d\d_\d{4}_(\d{4})_\w+\.py")  # as `file_template` in pyproject.toml makes it


def config(database_url: str) -> "Config":
    """Alembic's configuration for `database_url`; the rest stands in pyproject.toml."""
    from alembic.config import Config

    alembic = Config(toml_file=ROOT / "pyproject.toml")
    alembic.attributes["database_url"] = database_url
    return alembic


def upgrade(database_url: str) -> None:
    """Run every migration that is missing. Call it without a running event loop; it starts its own.

    Raises SettingsError, one line, when the database's login lacks a role or a right.
    """
    from alembic import command
    from sqlalchemy.exc import DBAPIError

    from zipped.db import sqlstate

    try:
        command.upgrade(config(database_url), "head")
    except DBAPIError as error:
        if sqlstate(error) not in LACKING:
            raise
        said = str(error.orig).splitlines()[0].rpartition(">: ")[2]
        raise SettingsError(f"ZIPPED_DATABASE_URL: the tables can't be made: {said}") from error


def head() -> str:
    """The number of this release's last migration."""
    return _numbers()[-1]


def is_behind(version: str | None) -> bool:
    """Whether a database at this version misses migrations of this release; one of a newer release does not."""
    return version is None or version in _numbers()[:-1]


def _numbers() -> list[str]:
    names = (FILE.fullmatch(path.name) for path in (ROOT / "alembic" / "versions").iterdir())
    return sorted(name[1] for name in names if name)
