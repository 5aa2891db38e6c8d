"""`revokeSession`: sign out another device."""

from typing import Annotated

import strawberry

from api.graphql import signing
from api.graphql.context import Info
from api.graphql.errors import UserErrors
from zipped import ids


@strawberry.input(description="Which session ends.")
class RevokeSessionInput:
    """The input of `revokeSession`."""

    session_id: strawberry.ID = strawberry.field(description="One of your own sessions.")


@strawberry.type(description="The session is over.")
class RevokeSessionSuccess:
    """Success of `revokeSession`."""

    session_id: strawberry.ID = strawberry.field(description="The session that ended.")


RevokeSessionResult = Annotated[
    RevokeSessionSuccess | UserErrors,
    strawberry.union("RevokeSessionResult", description="What came of revokeSession."),
]


@strawberry.mutation(description="End one of your own sessions, on whatever device.")
async def revoke_session(
    info: Info, input: Annotated[RevokeSessionInput, strawberry.argument(description="Which session.")]
) -> RevokeSessionResult:
    """Of the person who is signed in."""
    await signing.revoke_session(info.context, ids.decode(input.session_id, "ses", path=("sessionId",)))
    return RevokeSessionSuccess(session_id=input.session_id)
