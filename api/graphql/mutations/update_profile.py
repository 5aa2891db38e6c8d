"""`updateProfile`: what the others call you."""

from typing import Annotated

import strawberry

from api.graphql import signing
from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.user import User


@strawberry.input(description="What you are called.")
class UpdateProfileInput:
    """The input of `updateProfile`."""

    name: str = strawberry.field(description="Your name, one line of at most 100 characters.")


@strawberry.type(description="The profile as it is now.")
class UpdateProfileSuccess:
    """Success of `updateProfile`."""

    user: User = strawberry.field(description="You.")


UpdateProfileResult = Annotated[
    UpdateProfileSuccess | UserErrors,
    strawberry.union("UpdateProfileResult", description="What came of updateProfile."),
]


@strawberry.mutation(description="Change your own name. Workspaces keep theirs.")
async def update_profile(
    info: Info, input: Annotated[UpdateProfileInput, strawberry.argument(description="The name.")]
) -> UpdateProfileResult:
    """Of the person who is signed in."""
    person = await signing.update_profile(info.context, name=input.name)
    return UpdateProfileSuccess(user=User.of(person))
