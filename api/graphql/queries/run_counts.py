"""`runCounts`."""

from typing import Annotated

import strawberry

from api.graphql import lists
from api.graphql.context import Info
from api.graphql.lists import RunsFilter, WorkspaceId
from api.graphql.types.run_counts import RunCounts
from zipped.services import run_counts

Hours = Annotated[
    int, strawberry.argument(description=f"How long a time is looked at, 1 to {run_counts.MAX_HOURS} hours.")
]
Parts = Annotated[
    int,
    strawberry.argument(description=f"Into how many parts of whole seconds it is cut, 1 to {run_counts.MAX_PARTS}."),
]


@strawberry.field(
    name="runCounts",
    description="How many of a workspace's runs began when, up to now or to the filter's `createdBefore`: what a chart "
    "above `runs` shows.",
)
async def counted_runs(
    info: Info,
    workspace_id: WorkspaceId,
    filter: RunsFilter = None,
    hours: Hours = run_counts.DEFAULT_HOURS,
    parts: Parts = run_counts.DEFAULT_PARTS,
) -> RunCounts | None:
    """Counted anew each time."""
    row_id = lists.workspace(workspace_id)
    async with info.context.begin(row_id) as session:
        found = await run_counts.over_time(
            session, row_id, filter=filter.asked() if filter else None, hours=hours, parts=parts
        )
    return RunCounts.of(found)
