"""`testConnection`: try a connection."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.testing_connections import try_out
from api.graphql.types.connection import Connection


@strawberry.input(description="Which connection.")
class TestConnectionInput:
    """The input of `testConnection`."""

    connection_id: strawberry.ID = strawberry.field(description="The connection, con_….")


@strawberry.type(description="It was tried; lastTest says what that showed.")
class TestConnectionSuccess:
    """Success of `testConnection`."""

    connection: Connection = strawberry.field(description="The connection as it is now.")


TestConnectionResult = Annotated[
    TestConnectionSuccess | UserErrors,
    strawberry.union("TestConnectionResult", description="What came of testConnection."),
]


@strawberry.mutation(description="Try a connection against the real other side, and note what that showed.")
async def test_connection(
    info: Info, input: Annotated[TestConnectionInput, strawberry.argument(description="Which connection.")]
) -> TestConnectionResult:
    """The call is made outside of any transaction."""
    row = await try_out(info.context, input.connection_id)
    return TestConnectionSuccess(connection=Connection.of(row, info))
