"""Brings a database to this release's tables."""

from pathlib import Path

from alembic.config import Config

from alembic import command

ROOT = Path(__file__).resolve().parent.parent


def config(database_url: str) -> Config:
    """Alembic's configuration for `database_url`; the rest stands in pyproject.toml."""
    alembic = Config(toml_file=ROOT / "pyproject.toml")
    alembic.attributes["database_url"] = database_url
    return alembic


def upgrade(database_url: str) -> None:
    """Run every migration that is missing. Call it without a running event loop; it starts its own."""
    command.upgrade(config(database_url), "head")
