"""`signIn`: open a session."""

from typing import Annotated

import strawberry

from api.graphql import signing
from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.session import Delivery, IssuedSession
from api.graphql.types.user import User


@strawberry.input(description="Who signs in.")
class SignInInput:
    """The input of `signIn`."""

    email: str = strawberry.field(description="The e-mail address; case does not matter.")
    password: str = strawberry.field(description="The password.")
    delivery: Delivery = strawberry.field(description="How the tokens reach you.", default=Delivery.BODY)


@strawberry.type(description="Somebody signed in.")
class SignInSuccess:
    """Success of `signIn`."""

    user: User = strawberry.field(description="The person.")
    session: IssuedSession = strawberry.field(description="The session that was opened.")


SignInResult = Annotated[
    SignInSuccess | UserErrors, strawberry.union("SignInResult", description="What came of signIn.")
]


@strawberry.mutation(description="Sign in with e-mail address and password.")
async def sign_in(
    info: Info, input: Annotated[SignInInput, strawberry.argument(description="Who signs in.")]
) -> SignInResult:
    """The same words for a wrong password and an unknown address."""
    person, issued = await signing.sign_in(
        info.context, email=input.email, password=input.password, in_cookies=input.delivery is Delivery.COOKIES
    )
    return SignInSuccess(user=User.of(person), session=IssuedSession.of(issued))
