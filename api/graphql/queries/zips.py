"""`zip` and `zips`."""

from typing import Annotated

import strawberry

from api.graphql import lists
from api.graphql.context import Info
from api.graphql.lists import WorkspaceId, ZipsFilter
from api.graphql.pagination import DEFAULT_FIRST, After, Before, Connection, First
from api.graphql.types.zip import Zip
from zipped import ids


@strawberry.field(
    description="A zip, also a deleted one, by its id; null when there is none, or it isn't yours to see."
)
async def zip(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The zip's id, zip_….")]
) -> Zip | None:
    """If it is in one of the caller's workspaces."""
    info.context.require_caller()
    return await Zip.load(info, ids.decode(id, "zip", path=("id",)))


@strawberry.field(description="A workspace's zips, newest first; deleted ones are left out.")
async def zips(
    info: Info,
    workspace_id: WorkspaceId,
    filter: ZipsFilter = None,
    first: First = DEFAULT_FIRST,
    after: After = None,
    before: Before = None,
) -> Connection[Zip] | None:
    """A page of them."""
    return await lists.zip_page(info, lists.workspace(workspace_id), filter, (first, after, before))
