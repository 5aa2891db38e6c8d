"""`updateConnection`: rename, change fields, replace a secret."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.scalars import JSON
from api.graphql.types.connection import Connection
from api.graphql.writing import writing
from zipped.services import connections
from zipped.services.connection_fields import ConnectionChanges


@strawberry.input(description="What to change; what is left out stays.")
class UpdateConnectionInput:
    """The input of `updateConnection`."""

    connection_id: strawberry.ID = strawberry.field(description="The connection, con_….")
    revision: int = strawberry.field(
        description="The revision you have seen; if it is stale, nothing changes: Conflict."
    )
    name: str | None = strawberry.field(description="A new name.", default=None)
    fields: JSON | None = strawberry.field(
        description="Those to change, by name; null takes one away, and what is not named is kept, secrets too.",
        default=None,
    )
    hosts: list[str] | None = strawberry.field(
        description="All hosts anew; a new one asks for the secret.", default=None
    )


@strawberry.type(description="It was changed.")
class UpdateConnectionSuccess:
    """Success of `updateConnection`."""

    connection: Connection = strawberry.field(description="The connection as it is now.")


UpdateConnectionResult = Annotated[
    UpdateConnectionSuccess | UserErrors,
    strawberry.union("UpdateConnectionResult", description="What came of updateConnection."),
]


@strawberry.mutation(
    description="Change a connection; steps use it from now on. Where the secret would be sent to a new place, "
    "it must be entered again."
)
async def update_connection(
    info: Info, input: Annotated[UpdateConnectionInput, strawberry.argument(description="What to change.")]
) -> UpdateConnectionResult:
    """One save."""
    changes: ConnectionChanges = {}
    if input.name is not None:
        changes["name"] = input.name
    if input.fields is not None:
        changes["fields"] = input.fields
    if input.hosts is not None:
        changes["hosts"] = input.hosts
    context = info.context
    async with writing(context, input.connection_id, "con", field="connectionId") as connection:
        row = await connections.save(
            connection.session,
            connection.workspace_id,
            connection.id,
            actor=context.actor,
            revision=input.revision,
            changes=changes,
            box=context.secret_box,
            catalog=context.catalog,
        )
    return UpdateConnectionSuccess(connection=Connection.of(row, info))
