"""Brings a database to this release's tables."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parent.parent


def config(database_url: str) -> Config:
    """Alembic's configuration for `database_url`; the rest stands in pyproject.toml."""
    alembic = Config(toml_file=ROOT / "pyproject.toml")
    alembic.attributes["database_url"] = database_url
    return alembic


def upgrade(database_url: str) -> None:
    """Run every migration that is missing. Call it without a running event loop; it starts its own."""
    command.upgrade(config(database_url), "head")


def head() -> str:
    """The number of this release's last migration."""
    found = _scripts().get_current_head()
    assert found is not None  # the first one makes all tables
    return found


def is_behind(version: str | None) -> bool:
    """Whether a database at this version misses migrations of this release; one of a newer release does not."""
    return version is None or (version != head() and version in {one.revision for one in _scripts().walk_revisions()})


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(Config(toml_file=ROOT / "pyproject.toml"))
