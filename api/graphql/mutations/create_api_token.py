"""`createApiToken`: a way in for a program."""

from typing import Annotated

import strawberry

from api.graphql import program_tokens
from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.api_token import ApiToken, ApiTokenScope
from zipped import ids


@strawberry.input(description="A token for one workspace.")
class CreateApiTokenInput:
    """The input of `createApiToken`."""

    workspace_id: strawberry.ID = strawberry.field(description="The workspace it opens.")
    name: str = strawberry.field(description="What it is for, up to 100 characters.")
    scope: ApiTokenScope = strawberry.field(description="What it may do; at most what you may do there.")
    expires_in_days: int | None = strawberry.field(
        description="After how many days it runs out; left out, it doesn't.", default=None
    )


@strawberry.type(description="The token was made.")
class CreateApiTokenSuccess:
    """Success of `createApiToken`."""

    api_token: ApiToken = strawberry.field(description="The token as it is listed.")
    token: str = strawberry.field(description="The token itself: shown now and never again.")


CreateApiTokenResult = Annotated[
    CreateApiTokenSuccess | UserErrors,
    strawberry.union("CreateApiTokenResult", description="What came of createApiToken."),
]


@strawberry.mutation(description="Make a token by which a program comes in to one workspace.")
async def create_api_token(
    info: Info, input: Annotated[CreateApiTokenInput, strawberry.argument(description="What to make.")]
) -> CreateApiTokenResult:
    """At most what the caller may do there."""
    workspace_id = ids.decode(input.workspace_id, "wsp", path=("workspaceId",))
    row, token = await program_tokens.create(
        info.context,
        workspace_id,
        name=input.name,
        scope=input.scope.stored,
        expires_in_days=input.expires_in_days,
    )
    return CreateApiTokenSuccess(api_token=ApiToken.of(row), token=token)
