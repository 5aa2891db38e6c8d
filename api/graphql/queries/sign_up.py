"""`isSignUpOpen`: whether a page of Zipped offers to make an account."""

import asyncio

import strawberry

from api.graphql.context import Context, Info
from zipped.services import accounts


@strawberry.field(
    description="Whether anybody may sign up here now: there is no account yet, or the operator has opened it "
    "(ZIPPED_SIGNUP=open). Asked without being signed in."
)
async def is_sign_up_open(info: Info) -> bool | None:
    """For who isn't signed in."""
    if info.context.settings.signup == "open":
        return True
    return await info.context.loader(_nobody_yet)


def _nobody_yet(context: Context) -> asyncio.Task[bool]:
    """Asked once for all aliases: who isn't signed in must not take thirty connections with one request."""

    async def asked() -> bool:
        async with context.database.begin() as session:
            return not await accounts.any_exists(session)

    return asyncio.create_task(asked())
