"""Runs migrations: one transaction, one migrator at a time, on the database that the caller or the environment names.

A caller in the same process hands the address over as `config.attributes["database_url"]`.
"""

import asyncio
import re

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine

from zipped.models import Base
from zipped.models.run import Xid8
from zipped.settings import Settings

MIGRATION_LOCK = 8_417_002_025  # any number that is always the same; several replicas may start at once
PARTITION = re.compile(r".+_(default|\d{4}_\d\d(_\d\d)?)")  # made by retention as time goes by, not by models

ischema_names["xid8"] = Xid8  # SQLAlchemy knows it not and would warn


def is_compared(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a new migration is to care for what the database has by this name."""
    return kind != "table" or name is None or PARTITION.fullmatch(name) is None


def run_migrations(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=Base.metadata, include_name=is_compared, compare_server_default=True
    )
    with context.begin_transaction():
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()


async def run_online(database_url: str) -> None:
    engine = create_async_engine(database_url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run_migrations)
    finally:
        await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations ask the database about itself; an SQL script without one is not supported.")
asyncio.run(run_online(context.config.attributes.get("database_url") or Settings.from_environ().database_url))
