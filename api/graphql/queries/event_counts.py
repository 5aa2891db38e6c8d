"""`eventCounts`."""

import strawberry

from api.graphql import lists
from api.graphql.context import Info
from api.graphql.lists import EventsFilter, WorkspaceId
from api.graphql.types.event_counts import EventCounts
from zipped.services import event_counts


@strawberry.field(name="eventCounts", description="How many of a workspace's events had which outcome.")
async def counted_events(info: Info, workspace_id: WorkspaceId, filter: EventsFilter = None) -> EventCounts | None:
    """Counted anew each time."""
    row_id = lists.workspace(workspace_id)
    async with info.context.begin(row_id) as session:
        found = await event_counts.by_outcome(session, row_id, filter=filter.asked() if filter else None)
    return EventCounts.of(found)
