"""`viewer`: who is calling."""

import strawberry

from api.graphql.context import Info
from api.graphql.types.api_token import ApiTokenScope
from api.graphql.types.user import User
from api.graphql.types.viewer import Viewer
from zipped.services import accounts


@strawberry.field(description="Who is calling; null for who isn't signed in.")
async def viewer(info: Info) -> Viewer | None:
    """The caller."""
    caller = info.context.caller
    if caller is None:
        return None
    async with info.context.database.begin() as session:
        person = await accounts.find(session, caller.user_id)
    scope = ApiTokenScope(caller.scope) if caller.api_token_id else None
    return Viewer(user=User.of(person), scope=scope) if person else None
