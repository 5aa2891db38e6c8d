"""`signOut`: end a session."""

from typing import Annotated

import strawberry

from api.graphql import signing
from api.graphql.context import Info
from api.graphql.errors import UserErrors


@strawberry.input(description="Which session ends.")
class SignOutInput:
    """The input of `signOut`."""

    refresh_token: str | None = strawberry.field(
        description="A refresh token of the session to end; left out, the caller's own session.", default=None
    )


@strawberry.type(description="Nobody is signed in there any more.")
class SignOutSuccess:
    """Success of `signOut`."""

    signed_out: bool = strawberry.field(description="False when there was no session to end.")


SignOutResult = Annotated[
    SignOutSuccess | UserErrors, strawberry.union("SignOutResult", description="What came of signOut.")
]


@strawberry.mutation(description="End a session: its refresh token at once, its access tokens within ten seconds.")
async def sign_out(
    info: Info, input: Annotated[SignOutInput, strawberry.argument(description="Which session.")]
) -> SignOutResult:
    """Also for who has nothing left but the refresh cookie."""
    return SignOutSuccess(signed_out=await signing.sign_out(info.context, input.refresh_token))
