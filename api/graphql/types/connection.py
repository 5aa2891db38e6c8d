"""Connections: credentials for somewhere else. What is secret in them has no field here."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.loaders.connections import connections_by_id, uses_by_connection_id
from api.graphql.loaders.zips import zips_by_id
from api.graphql.node import Node
from api.graphql.scalars import JSON
from api.graphql.types.person import member
from api.graphql.types.user import User
from zipped import ids, models
from zipped.services import connections

if TYPE_CHECKING:
    from api.graphql.types.zip import Zip


@strawberry.type(description="A zip that uses a connection.")
class ConnectionUse:
    """Found in a draft or a live version."""

    is_in_draft: bool = strawberry.field(description="Whether its draft names the connection.")
    is_in_live_version: bool = strawberry.field(description="Whether its live version names it.")

    zip_row_id: strawberry.Private[UUID]

    @strawberry.field(description="The zip.")
    async def zip(self, info: Info) -> Annotated["Zip", strawberry.lazy("api.graphql.types.zip")] | None:
        """By its id."""
        from api.graphql.types.zip import Zip

        row = await info.context.loader(zips_by_id).load(self.zip_row_id)
        return Zip.of(row) if row else None


@strawberry.type(description="What the last test of a connection showed.")
class ConnectionTest:
    """The test columns of `connection`."""

    is_ok: bool = strawberry.field(description="Whether it worked.")
    message: str = strawberry.field(description="In plain words.")
    tested_at: datetime = strawberry.field(description="When it was tried.")


@strawberry.type(description="Credentials for somewhere else. Secrets go in and never come out.")
class Connection(Node):
    """A row of `connection`."""

    id_prefix = "con"

    name: str = strawberry.field(description="What it is called.")
    kind: str = strawberry.field(description="A connection kind of the catalogue: basic, bearer, header, smtp.")
    fields: JSON = strawberry.field(description="Its fields that are not secret, by name.")
    secret_fields: list[str] = strawberry.field(description="Names of the fields that are kept and never shown.")
    hosts: list[str] = strawberry.field(description="Where the secret may be sent, as host or host:port.")
    revision: int = strawberry.field(
        description="Rises with each change; an update that names an older one is refused as a Conflict."
    )
    last_test: ConnectionTest | None = strawberry.field(
        description="What the last test showed; null when it was not tested since its credentials changed."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")

    row: strawberry.Private[models.Connection]

    @classmethod
    def of(cls, row: models.Connection, info: Info) -> Self:
        """As the schema shows it."""
        test = None
        if row.tested_at is not None:
            test = ConnectionTest(is_ok=bool(row.test_ok), message=row.test_message or "", tested_at=row.tested_at)
        return cls(
            id=strawberry.ID(ids.encode("con", row.id)),
            name=row.name,
            kind=row.kind,
            fields=JSON(row.public),
            secret_fields=connections.secret_names(row, catalog=info.context.catalog),
            hosts=list(row.hosts),
            revision=row.revision,
            last_test=test,
            created_at=row.created_at,
            updated_at=row.updated_at,
            row=row,
        )

    @classmethod
    async def load(cls, info: Info, id: UUID) -> Self | None:
        """The connection, if it is in one of the caller's workspaces."""
        row = await info.context.loader(connections_by_id).load(id)
        return cls.of(row, info) if row else None

    @strawberry.field(description="The zips that use it, in their draft or live; newest first, at most 100.")
    async def used_by(self, info: Info) -> list[ConnectionUse]:
        """While there is one, it can't be deleted."""
        found = await info.context.loader(uses_by_connection_id).load(self.row.id)
        return [
            ConnectionUse(is_in_draft=use.in_draft, is_in_live_version=use.in_live, zip_row_id=use.zip_id)
            for use in info.context.listed(found or [])
        ]

    @strawberry.field(description="Who made it; null when they are no longer a member.")
    async def created_by(self, info: Info) -> User | None:
        """Its maker."""
        return await member(info, self.row.created_by)
