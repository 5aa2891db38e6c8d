"""Who is calling."""

import strawberry

from api.graphql.context import Info
from api.graphql.types.user import User
from api.graphql.types.workspace import Workspace
from zipped.services import workspaces


@strawberry.type(description="Who is calling, and where they are a member.")
class Viewer:
    """The signed-in person."""

    user: User = strawberry.field(description="The signed-in person; for an API token the one it belongs to.")

    @strawberry.field(description="The caller's workspaces, their own first; for an API token its one workspace.")
    async def workspaces(self, info: Info) -> list[Workspace]:
        """All of them: a person is in few."""
        roles = info.context.signed_in.memberships
        async with info.context.begin_mine() as session:
            rows = await workspaces.find_all(session, roles)
        return [Workspace.of(row, roles[row.id]) for row in rows]
