"""`createConnection`: credentials for somewhere else."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.scalars import JSON
from api.graphql.types.connection import Connection
from zipped import ids
from zipped.services import connections


@strawberry.input(description="A new connection.")
class CreateConnectionInput:
    """The input of `createConnection`."""

    workspace_id: strawberry.ID = strawberry.field(description="The workspace it is to belong to, wsp_….")
    name: str = strawberry.field(description="What it is called; up to 300 characters.")
    kind: str = strawberry.field(description="The key of a connection kind: basic, bearer, header, smtp …")
    fields: JSON = strawberry.field(
        description="Its fields by name, as the kind's schema asks; secret ones never come out."
    )
    hosts: list[str] = strawberry.field(
        description="Where the secret may be sent, as host, *.host or host:port, for kinds that bind hosts.",
        default_factory=list,
    )
    idempotency_key: str | None = strawberry.field(
        description="Sent again with the same key, it happens once and answers the same.", default=None
    )


@strawberry.type(description="The connection was made.")
class CreateConnectionSuccess:
    """Success of `createConnection`."""

    connection: Connection = strawberry.field(description="The connection as it is now.")


CreateConnectionResult = Annotated[
    CreateConnectionSuccess | UserErrors,
    strawberry.union("CreateConnectionResult", description="What came of createConnection."),
]


@strawberry.mutation(description="Make a connection.")
async def create_connection(
    info: Info, input: Annotated[CreateConnectionInput, strawberry.argument(description="What to make.")]
) -> CreateConnectionResult:
    """Its secrets are sealed before they are stored."""
    workspace_id, context = ids.decode(input.workspace_id, "wsp", path=("workspaceId",)), info.context
    async with context.begin(workspace_id, write=True) as session:
        row = await connections.create(
            session,
            workspace_id,
            actor=context.actor,
            name=input.name,
            kind=input.kind,
            fields=input.fields,
            hosts=input.hosts,
            idempotency_key=input.idempotency_key,
            box=context.secret_box,
            catalog=context.catalog,
        )
    return CreateConnectionSuccess(connection=Connection.of(row, info))
