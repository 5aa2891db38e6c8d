"""`revokeApiToken`: end a program's way in."""

from typing import Annotated

import strawberry

from api.graphql import program_tokens
from api.graphql.context import Info
from api.graphql.errors import UserErrors
from zipped import ids


@strawberry.input(description="Which API token ends.")
class RevokeApiTokenInput:
    """The input of `revokeApiToken`."""

    api_token_id: strawberry.ID = strawberry.field(
        description="One of your own API tokens; any of the workspace for its owner."
    )


@strawberry.type(description="The API token opens nothing any more.")
class RevokeApiTokenSuccess:
    """Success of `revokeApiToken`."""

    api_token_id: strawberry.ID = strawberry.field(description="The API token that ended.")


RevokeApiTokenResult = Annotated[
    RevokeApiTokenSuccess | UserErrors,
    strawberry.union("RevokeApiTokenResult", description="What came of revokeApiToken."),
]


@strawberry.mutation(description="End an API token, at once in this process and within ten seconds everywhere.")
async def revoke_api_token(
    info: Info, input: Annotated[RevokeApiTokenInput, strawberry.argument(description="Which API token.")]
) -> RevokeApiTokenResult:
    """One's own; an owner anybody's."""
    await program_tokens.revoke(info.context, ids.decode(input.api_token_id, "tok", path=("apiTokenId",)))
    return RevokeApiTokenSuccess(api_token_id=input.api_token_id)
