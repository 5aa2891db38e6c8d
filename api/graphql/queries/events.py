"""`event` and `events`."""

from typing import Annotated

import strawberry

from api.graphql import lists
from api.graphql.context import Info
from api.graphql.lists import EventsFilter, WorkspaceId
from api.graphql.pagination import DEFAULT_FIRST, After, Before, Connection, First
from api.graphql.types.event import Event
from zipped import ids


@strawberry.field(description="An event by its id; null when there is none, or it isn't yours to see.")
async def event(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The event's id, evt_….")]
) -> Event | None:
    """If it is in one of the caller's workspaces."""
    info.context.require_caller()
    return await Event.load(info, ids.decode(id, "evt", path=("id",)))


@strawberry.field(description="Everything that arrived in a workspace, newest first.")
async def events(
    info: Info,
    workspace_id: WorkspaceId,
    filter: EventsFilter = None,
    first: First = DEFAULT_FIRST,
    after: After = None,
    before: Before = None,
) -> Connection[Event] | None:
    """A page of them."""
    return await lists.event_page(info, lists.workspace(workspace_id), filter, (first, after, before))
