"""Who is calling."""

import strawberry

from api.graphql.context import Info
from api.graphql.pagination import DEFAULT_FIRST, After, Before, Connection, First, connection, page
from api.graphql.signing import person_only
from api.graphql.types.api_token import ApiTokenScope
from api.graphql.types.session import Session
from api.graphql.types.user import User
from api.graphql.types.workspace import Workspace
from zipped.services import sessions, workspaces


@strawberry.type(description="Who is calling, and where they are a member.")
class Viewer:
    """The signed-in person."""

    user: User = strawberry.field(description="The signed-in person; for an API token the one it belongs to.")
    scope: ApiTokenScope | None = strawberry.field(description="What the API token may do; null for a person.")

    @strawberry.field(description="The caller's workspaces, their own first; for an API token its one workspace.")
    async def workspaces(self, info: Info) -> list[Workspace]:
        """All of them: a person is in few."""
        roles = info.context.signed_in.memberships
        async with info.context.begin_mine() as session:
            rows = await workspaces.find_all(session, roles)
        return [Workspace.of(row, roles[row.id]) for row in rows]

    @strawberry.field(description="The devices you are signed in on, newest first; not for API tokens.")
    async def sessions(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None, before: Before = None
    ) -> Connection[Session] | None:
        """Those that are not over."""
        caller, request = person_only(info.context), page(f"sessions of {self.user.id}", first, after, before)
        async with info.context.database.begin() as session:
            found = await sessions.page(session, caller.user_id, place=request)
        return connection(
            request,
            found,
            lambda row: Session.of(row, is_current=row.id == caller.session_id),
            key=lambda row: row.id,
        )
