"""`changePassword`: a new password, and the other devices are signed out."""

from typing import Annotated

import strawberry

from api.graphql import signing
from api.graphql.context import Info
from api.graphql.errors import UserErrors


@strawberry.input(description="The old and the new password.")
class ChangePasswordInput:
    """The input of `changePassword`."""

    current_password: str = strawberry.field(description="The password until now.")
    new_password: str = strawberry.field(description="10 to 1,024 bytes of anything.")


@strawberry.type(description="The new password holds.")
class ChangePasswordSuccess:
    """Success of `changePassword`."""

    ended_sessions: int = strawberry.field(description="How many other sessions were ended.")


ChangePasswordResult = Annotated[
    ChangePasswordSuccess | UserErrors,
    strawberry.union("ChangePasswordResult", description="What came of changePassword."),
]


@strawberry.mutation(description="Change your own password. All your other sessions end; API tokens go on.")
async def change_password(
    info: Info, input: Annotated[ChangePasswordInput, strawberry.argument(description="Old and new.")]
) -> ChangePasswordResult:
    """Of the person who is signed in."""
    ended = await signing.change_password(info.context, current=input.current_password, new=input.new_password)
    return ChangePasswordSuccess(ended_sessions=ended)
