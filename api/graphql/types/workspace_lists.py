"""What hangs under a workspace: the lists that `Query` has too, without naming the workspace again."""

from uuid import UUID

import strawberry

from api.graphql import lists
from api.graphql.context import Info
from api.graphql.lists import ConnectionsFilter, EventsFilter, RunsFilter, TriggersFilter, ZipsFilter
from api.graphql.pagination import DEFAULT_FIRST, After, Before, Connection, First
from api.graphql.types.connection import Connection as Credentials
from api.graphql.types.event import Event
from api.graphql.types.run import Run
from api.graphql.types.trigger import Trigger
from api.graphql.types.zip import Zip
from zipped.services import zips


@strawberry.type(description="What belongs to a workspace.")
class WorkspaceLists:
    """The part of `Workspace` that lists; never a type of its own in the schema."""

    row_id: strawberry.Private[UUID]

    @strawberry.field(description="Its zips, newest first; deleted ones are left out.")
    async def zips(
        self,
        info: Info,
        filter: ZipsFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        before: Before = None,
    ) -> Connection[Zip] | None:
        """A page of them."""
        return await lists.zip_page(info, self.row_id, filter, (first, after, before))

    @strawberry.field(description="Its triggers, newest first; those of deleted zips are left out.")
    async def triggers(
        self,
        info: Info,
        filter: TriggersFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        before: Before = None,
    ) -> Connection[Trigger] | None:
        """A page of them."""
        return await lists.trigger_page(info, self.row_id, filter, (first, after, before))

    @strawberry.field(description="Its runs, newest first; those of deleted zips too.")
    async def runs(
        self,
        info: Info,
        filter: RunsFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        before: Before = None,
    ) -> Connection[Run] | None:
        """A page of them."""
        return await lists.run_page(info, self.row_id, filter, (first, after, before))

    @strawberry.field(description="Everything that arrived in it, newest first.")
    async def events(
        self,
        info: Info,
        filter: EventsFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        before: Before = None,
    ) -> Connection[Event] | None:
        """A page of them."""
        return await lists.event_page(info, self.row_id, filter, (first, after, before))

    @strawberry.field(description="Its connections, newest first.")
    async def connections(
        self,
        info: Info,
        filter: ConnectionsFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        before: Before = None,
    ) -> Connection[Credentials] | None:
        """A page of them."""
        return await lists.connection_page(info, self.row_id, filter, (first, after, before))

    @strawberry.field(description="The folders that hold zips, in alphabetical order; at most 500.")
    async def folders(self, info: Info) -> list[str] | None:
        """For the list's side."""
        async with info.context.begin(self.row_id) as session:
            return await zips.folders(session, self.row_id)
