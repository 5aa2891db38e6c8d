"""`run` and `runs`."""

from typing import Annotated

import strawberry

from api.graphql import lists
from api.graphql.context import Info
from api.graphql.lists import RunsFilter, WorkspaceId
from api.graphql.pagination import DEFAULT_FIRST, After, Before, Connection, First
from api.graphql.types.run import Run
from zipped import ids


@strawberry.field(description="A run by its id; null when there is none, or it isn't yours to see.")
async def run(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The run's id, run_….")]
) -> Run | None:
    """If it is in one of the caller's workspaces."""
    info.context.require_caller()
    return await Run.load(info, ids.decode(id, "run", path=("id",)))


@strawberry.field(description="A workspace's runs, newest first; those of deleted zips too.")
async def runs(
    info: Info,
    workspace_id: WorkspaceId,
    filter: RunsFilter = None,
    first: First = DEFAULT_FIRST,
    after: After = None,
    before: Before = None,
) -> Connection[Run] | None:
    """A page of them."""
    return await lists.run_page(info, lists.workspace(workspace_id), filter, (first, after, before))
