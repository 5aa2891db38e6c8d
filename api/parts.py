"""Builds the parts of one api process and takes them apart again: nothing is made anywhere else, or at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from api import pages, startup
from api.app import Api
from api.auth.gate import Gate
from api.graphql import schema
from api.graphql.context import Platform
from api.graphql.view import GraphQLView
from api.hooks.parts import door_parts
from api.watch.parts import watch_parts
from zipped.catalog import Catalog
from zipped.clock import Clock
from zipped.crypto import SecretBox
from zipped.db import Database
from zipped.settings import Settings

GRAPHQL_POOL: Final = 10  # connections


@asynccontextmanager
async def build(settings: Settings, *, catalog: Catalog, clock: Clock) -> AsyncIterator[Api]:
    """A whole api, once its database is as it must be. Raises SettingsError when it must not serve."""
    web = pages.load(settings.web_dir, https=settings.cookies_secure)
    database = Database(settings.database_url, pool_size=GRAPHQL_POOL, application_name="zipped-api")
    try:
        await startup.check(database)
        async with door_parts(settings, clock=clock) as (door, health, bell), watch_parts(settings) as hub:
            gate = Gate(settings, database, clock=clock)
            platform = Platform(
                settings=settings,
                database=database,
                catalog=catalog,
                secret_box=SecretBox(settings.secret_key),
                clock=clock,
                bell=bell,
                gate=gate,
                hub=hub,
            )
            try:
                yield Api(door=door, health=health, graphql=GraphQLView(schema.build(), platform), pages=web)
            finally:
                gate.close()
    finally:
        await database.dispose()
