"""`refreshSession`: the next tokens of a session."""

from typing import Annotated

import strawberry

from api.graphql import signing
from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.session import IssuedSession
from api.graphql.types.user import User


@strawberry.input(description="Which session goes on.")
class RefreshSessionInput:
    """The input of `refreshSession`."""

    refresh_token: str | None = strawberry.field(
        description="The refresh token; left out, the one in the cookie, and the next ones are set as cookies.",
        default=None,
    )


@strawberry.type(description="The session goes on.")
class RefreshSessionSuccess:
    """Success of `refreshSession`."""

    user: User = strawberry.field(description="The person.")
    session: IssuedSession = strawberry.field(description="The session with its next tokens.")


RefreshSessionResult = Annotated[
    RefreshSessionSuccess | UserErrors,
    strawberry.union("RefreshSessionResult", description="What came of refreshSession."),
]


@strawberry.mutation(
    description="Exchange a refresh token for the next tokens. Shown again within 20 seconds it gets the same ones; "
    "shown later it counts as stolen and ends the session."
)
async def refresh_session(
    info: Info, input: Annotated[RefreshSessionInput, strawberry.argument(description="Which session.")]
) -> RefreshSessionResult:
    """A token in the input wins over the cookie."""
    person, issued = await signing.refresh(info.context, input.refresh_token)
    return RefreshSessionSuccess(user=User.of(person), session=IssuedSession.of(issued))
