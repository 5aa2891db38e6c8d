"""`trigger` and `triggers`."""

from typing import Annotated

import strawberry

from api.graphql import lists
from api.graphql.context import Info
from api.graphql.lists import TriggersFilter, WorkspaceId
from api.graphql.pagination import DEFAULT_FIRST, After, Before, Connection, First
from api.graphql.types.trigger import Trigger
from zipped import ids


@strawberry.field(description="A trigger by its id; null when there is none, or it isn't yours to see.")
async def trigger(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The trigger's id, trg_….")]
) -> Trigger | None:
    """If it is in one of the caller's workspaces."""
    info.context.require_caller()
    return await Trigger.load(info, ids.decode(id, "trg", path=("id",)))


@strawberry.field(description="A workspace's triggers, newest first; those of deleted zips are left out.")
async def triggers(
    info: Info,
    workspace_id: WorkspaceId,
    filter: TriggersFilter = None,
    first: First = DEFAULT_FIRST,
    after: After = None,
    before: Before = None,
) -> Connection[Trigger] | None:
    """A page of them."""
    return await lists.trigger_page(info, lists.workspace(workspace_id), filter, (first, after, before))
