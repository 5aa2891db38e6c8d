"""`runUpdates`: runs as they change."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Annotated, Final
from uuid import UUID

import strawberry

from api.graphql.context import Context, Info
from api.graphql.types.run_update import Resync, RunUpdate, RunUpdateEvent
from api.watch.subscriber import Changed
from zipped import ids
from zipped.errors import NotFound, Unavailable, ValidationFailed
from zipped.models import Zip, ZipRun
from zipped.services import run_cursor, runs, zips
from zipped.services.run_updates import Kind, Watched

RETRY: Final = 1.0  # seconds; who begins to watch while the database is away waits for it


@strawberry.subscription(
    description="Runs as they change: of one zip, of a whole workspace, or one run. It tells the last state of each, "
    "not every state in between. A run by its id comes as it is at once; the others begin with a `Resync` where "
    "`after` is left out, and tell what changes from then on."
)
async def run_updates(
    info: Info,
    zip_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="The runs of this zip. Exactly one of the three ids.")
    ] = None,
    run_id: Annotated[strawberry.ID | None, strawberry.argument(description="This run.")] = None,
    workspace_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="All runs of this workspace.")
    ] = None,
    after: Annotated[
        str | None, strawberry.argument(description="The cursor of the last event you had: nothing since is left out.")
    ] = None,
) -> AsyncGenerator[RunUpdateEvent | None, None]:
    """Until the client ends it or the caller is let go."""
    kind, id = _chosen(zip_id, run_id, workspace_id)
    cursor = run_cursor.decode(after) if after is not None else None
    watched = await _watched(info.context, kind, id)
    with info.context.platform.hub.follow(watched, cursor) as subscriber:
        async with aclosing(subscriber.updates()) as updates:
            async for update in updates:
                yield RunUpdate.of(update) if isinstance(update, Changed) else Resync.of(update)


def _chosen(
    zip_id: strawberry.ID | None, run_id: strawberry.ID | None, workspace_id: strawberry.ID | None
) -> tuple[Kind, UUID]:
    given: list[tuple[str, Kind, str, strawberry.ID]] = []
    if zip_id is not None:
        given.append(("zipId", "zip", "zip", zip_id))
    if run_id is not None:
        given.append(("runId", "run", "run", run_id))
    if workspace_id is not None:
        given.append(("workspaceId", "workspace", "wsp", workspace_id))
    if len(given) != 1:
        names = " and ".join(name for name, _, _, _ in given)
        raise ValidationFailed.of(
            f"runUpdates takes one of zipId, runId and workspaceId, not {names or 'none'}.",
            path=(given[1][0] if given else "zipId",),
            code="exactly_one",
            fix="Say what to watch by one of the three.",
        )
    [(name, kind, prefix, id)] = given
    return kind, ids.decode(id, prefix, path=(name,))


async def _watched(context: Context, kind: Kind, id: UUID) -> Watched:
    """What may be watched, if it is in one of the caller's workspaces. Raises Unauthenticated, NotFound."""
    mine = context.signed_in.memberships
    workspace_id = await _workspace(context, kind, id) if kind != "workspace" else id
    if workspace_id is None or workspace_id not in mine:
        raise NotFound(f"There is no {kind} by this id, or it isn't yours to see.", path=(f"{kind}Id",))
    return Watched(kind, id, workspace_id)


async def _workspace(context: Context, kind: Kind, id: UUID) -> UUID | None:
    """The one of the caller's workspaces that has it."""
    find: Callable[..., Awaitable[Mapping[UUID, Zip | ZipRun]]] = zips.by_ids if kind == "zip" else runs.by_ids
    while True:
        try:
            async with context.begin_mine() as session:
                found = (await find(session, list(context.signed_in.memberships), [id])).get(id)
        except Unavailable:
            await asyncio.sleep(RETRY)
        else:
            return found.workspace_id if found else None
