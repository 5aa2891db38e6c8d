"""`signUp`: make an account and sign in."""

from typing import Annotated

import strawberry

from api.graphql import signing
from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.session import Delivery, IssuedSession
from api.graphql.types.user import User


@strawberry.input(description="A new account.")
class SignUpInput:
    """The input of `signUp`."""

    email: str = strawberry.field(description="The e-mail address to sign in with.")
    password: str = strawberry.field(description="10 to 1,024 bytes of anything.")
    name: str = strawberry.field(description="What you are called, up to 100 characters.")
    delivery: Delivery = strawberry.field(description="How the tokens reach you.", default=Delivery.BODY)


@strawberry.type(description="The account was made, and its person is signed in.")
class SignUpSuccess:
    """Success of `signUp`."""

    user: User = strawberry.field(description="The person.")
    session: IssuedSession = strawberry.field(description="The session that was opened.")


SignUpResult = Annotated[
    SignUpSuccess | UserErrors, strawberry.union("SignUpResult", description="What came of signUp.")
]


@strawberry.mutation(
    description="Make an account with a workspace of its own, and sign in. Open for the first account, which owns the "
    "instance; after that only while the operator has opened it (ZIPPED_SIGNUP=open)."
)
async def sign_up(
    info: Info, input: Annotated[SignUpInput, strawberry.argument(description="The account.")]
) -> SignUpResult:
    """One account, one personal workspace."""
    person, issued = await signing.sign_up(
        info.context,
        email=input.email,
        password=input.password,
        name=input.name,
        in_cookies=input.delivery is Delivery.COOKIES,
    )
    return SignUpSuccess(user=User.of(person), session=IssuedSession.of(issued))
