"""The lists of a workspace, newest first, for `Query` and for `Workspace` alike."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Protocol, TypeVar
from uuid import UUID

import strawberry

from api.graphql import pagination
from api.graphql.context import Info
from api.graphql.filters import ConnectionFilter, EventFilter, RunFilter, TriggerFilter, ZipFilter
from api.graphql.pagination import Connection
from api.graphql.types.connection import Connection as Credentials
from api.graphql.types.event import Event
from api.graphql.types.run import Run
from api.graphql.types.trigger import Trigger
from api.graphql.types.zip import Zip
from zipped import ids
from zipped.services import connections, events, runs, triggers, zips
from zipped.services.pages import Page

#: The argument of every list that hangs on `Query`.
WorkspaceId = Annotated[strawberry.ID, strawberry.argument(description="The workspace, wsp_….")]
ZipsFilter = Annotated[ZipFilter | None, strawberry.argument(description="Which of them.")]
TriggersFilter = Annotated[TriggerFilter | None, strawberry.argument(description="Which of them.")]
RunsFilter = Annotated[RunFilter | None, strawberry.argument(description="Which of them.")]
EventsFilter = Annotated[EventFilter | None, strawberry.argument(description="Which of them.")]
ConnectionsFilter = Annotated[ConnectionFilter | None, strawberry.argument(description="Which of them.")]

#: first, after, before.
Part = tuple[int, str | None, str | None]


class HasId(Protocol):
    """A row of a list that is ordered by id."""

    @property
    def id(self) -> Any: ...


Row = TypeVar("Row", bound=HasId)
Noun = TypeVar("Noun")


def workspace(id: strawberry.ID) -> UUID:
    """The workspace that a list of `Query` is asked for. Raises InvalidId."""
    return ids.decode(id, "wsp", path=("workspaceId",))


async def zip_page(info: Info, workspace_id: UUID, filter: ZipFilter | None, part: Part) -> Connection[Zip]:
    """Zips that are not deleted."""
    fetch = partial(zips.page, filter=filter.asked() if filter else None)
    return await _page(info, workspace_id, "zips", part, fetch, Zip.of)


async def trigger_page(info: Info, workspace_id: UUID, filter: TriggerFilter | None, part: Part) -> Connection[Trigger]:
    """Triggers of zips that are not deleted."""
    fetch = partial(triggers.page, filter=filter.asked() if filter else None)
    return await _page(info, workspace_id, "triggers", part, fetch, Trigger.of)


async def run_page(info: Info, workspace_id: UUID, filter: RunFilter | None, part: Part) -> Connection[Run]:
    """Runs, those of deleted zips too."""
    fetch = partial(runs.page, filter=filter.asked() if filter else None)
    return await _page(info, workspace_id, "runs", part, fetch, Run.of)


async def event_page(info: Info, workspace_id: UUID, filter: EventFilter | None, part: Part) -> Connection[Event]:
    """Events, those of deleted zips too."""
    fetch = partial(events.page, filter=filter.asked() if filter else None)
    return await _page(info, workspace_id, "events", part, fetch, Event.of)


async def connection_page(
    info: Info, workspace_id: UUID, filter: ConnectionFilter | None, part: Part
) -> Connection[Credentials]:
    """Connections."""
    fetch = partial(connections.page, filter=filter.asked() if filter else None)
    return await _page(info, workspace_id, "connections", part, fetch, lambda row: Credentials.of(row, info))


async def _page(
    info: Info,
    workspace_id: UUID,
    name: str,
    part: Part,
    fetch: Callable[..., Awaitable[Page[Row]]],
    show: Callable[[Row], Noun],
) -> Connection[Noun]:
    # The cursor belongs to this workspace's list: one of another is refused instead of pointing anywhere.
    request = pagination.page(f"{name} of {ids.encode('wsp', workspace_id)}", *part)
    async with info.context.begin(workspace_id) as session:
        cut = await fetch(session, workspace_id, place=request)
    return pagination.connection(request, cut, show, key=lambda row: row.id)
