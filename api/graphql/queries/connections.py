"""`connection` and `connections`."""

from typing import Annotated

import strawberry

from api.graphql import lists
from api.graphql.context import Info
from api.graphql.lists import ConnectionsFilter, WorkspaceId
from api.graphql.pagination import DEFAULT_FIRST, After, Before, Connection, First
from api.graphql.types.connection import Connection as Credentials
from zipped import ids


@strawberry.field(description="A connection by its id; null when there is none, or it isn't yours to see.")
async def connection(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The connection's id, con_….")]
) -> Credentials | None:
    """If it is in one of the caller's workspaces."""
    info.context.require_caller()
    return await Credentials.load(info, ids.decode(id, "con", path=("id",)))


@strawberry.field(description="A workspace's connections, newest first.")
async def connections(
    info: Info,
    workspace_id: WorkspaceId,
    filter: ConnectionsFilter = None,
    first: First = DEFAULT_FIRST,
    after: After = None,
    before: Before = None,
) -> Connection[Credentials] | None:
    """A page of them."""
    return await lists.connection_page(info, lists.workspace(workspace_id), filter, (first, after, before))
