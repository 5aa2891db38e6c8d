"""Runs migrations: one transaction, one migrator at a time, on the database that the caller or the environment names.

A caller in the same process hands the address over as `config.attributes["database_url"]`.
"""

import asyncio

from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from alembic import context
from zipped.models import Base
from zipped.settings import Settings

MIGRATION_LOCK = 8_417_002_025  # any number that is always the same; several replicas may start at once


def run_migrations(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True)
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
