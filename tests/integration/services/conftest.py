"""A workspace with its people and the services' own parts, as a caller of the services has them."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

import connectors
from zipped.catalog import Catalog
from zipped.crypto import SecretBox
from zipped.db import Database
from zipped.models import Connection, Zip, ZipVersion
from zipped.services import connections, versions, zips
from zipped.services.audit import Actor


@dataclass(frozen=True)
class Desk:
    """One workspace, and what its editor works with."""

    database: Database
    workspace_id: UUID
    actor: Actor
    box: SecretBox
    catalog: Catalog

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A transaction that sees this workspace alone, as GraphQL has it."""
        return self.database.begin_as([self.workspace_id])

    async def zip(self, **values: Any) -> Zip:
        """A zip in draft."""
        async with self.begin() as session:
            return await zips.create(
                session,
                self.workspace_id,
                **{"name": "A zip", "actor": self.actor, "box": self.box, "catalog": self.catalog, **values},
            )

    async def live(self, **values: Any) -> tuple[Zip, ZipVersion]:
        """A published zip."""
        made = await self.zip(**values)
        async with self.begin() as session:
            return await versions.publish(
                session, self.workspace_id, made.id, actor=self.actor, revision=made.revision, catalog=self.catalog
            )

    async def connection(self, **values: Any) -> Connection:
        """A connection of the kind basic."""
        given = {
            "name": "A connection",
            "kind": "basic",
            "fields": {"username": "ada", "password": "hunter22"},
            "hosts": ["api.example.com"],
            **values,
        }
        async with self.begin() as session:
            return await connections.create(
                session, self.workspace_id, actor=self.actor, box=self.box, catalog=self.catalog, **given
            )

    async def all(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        """What stands in the tables, whoever's it is."""
        async with self.database.begin() as session:
            return [tuple(row) for row in await session.execute(text(sql), values)]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The product's own connectors."""
    return connectors.load()


async def open_desk(database: Database, catalog: Catalog) -> Desk:
    """A new workspace with its owner."""
    async with database.begin() as session:
        user_id = await session.scalar(
            text(
                """insert into "user" (email, email_key, name, password_hash)
                values (gen_random_uuid() || '@example.com', gen_random_uuid()::text, 'Ada', 'x') returning id"""
            )
        )
        workspace_id = await session.scalar(
            text("insert into workspace (name, personal_user_id) values ('Ada', :user_id) returning id"),
            {"user_id": user_id},
        )
        await session.execute(
            text("insert into membership (workspace_id, user_id, role) values (:workspace_id, :user_id, 'owner')"),
            {"workspace_id": workspace_id, "user_id": user_id},
        )
    return Desk(database, workspace_id, Actor(user_id=user_id), SecretBox(bytes(range(32))), catalog)


@pytest.fixture
async def desk(database: Database, catalog: Catalog) -> Desk:
    """A workspace of this test's own."""
    return await open_desk(database, catalog)


@pytest.fixture
async def other_desk(database: Database, catalog: Catalog) -> Desk:
    """Somebody else's workspace in the same database."""
    return await open_desk(database, catalog)
