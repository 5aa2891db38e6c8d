"""`deleteConnection`: take a connection away."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.writing import writing
from zipped.services import connections


@strawberry.input(description="Which connection.")
class DeleteConnectionInput:
    """The input of `deleteConnection`."""

    connection_id: strawberry.ID = strawberry.field(description="The connection, con_….")


@strawberry.type(description="It is gone, its secrets too.")
class DeleteConnectionSuccess:
    """Success of `deleteConnection`."""

    connection_id: strawberry.ID = strawberry.field(description="The connection that is gone.")


DeleteConnectionResult = Annotated[
    DeleteConnectionSuccess | UserErrors,
    strawberry.union("DeleteConnectionResult", description="What came of deleteConnection."),
]


@strawberry.mutation(
    description="Take a connection away with its secrets. Refused, naming the zips, while a draft or a live "
    "version uses it."
)
async def delete_connection(
    info: Info, input: Annotated[DeleteConnectionInput, strawberry.argument(description="Which connection.")]
) -> DeleteConnectionResult:
    """Only what nobody uses."""
    context = info.context
    async with writing(context, input.connection_id, "con", field="connectionId") as connection:
        await connections.delete(connection.session, connection.workspace_id, connection.id, actor=context.actor)
    return DeleteConnectionSuccess(connection_id=input.connection_id)
