"""`cancelRun`: end a run."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.run import Run
from api.graphql.writing import writing
from zipped.services import runs


@strawberry.input(description="Which run.")
class CancelRunInput:
    """The input of `cancelRun`."""

    run_id: strawberry.ID = strawberry.field(description="The run, run_….")


@strawberry.type(description="The run has ended, by this or before.")
class CancelRunSuccess:
    """Success of `cancelRun`."""

    run: Run = strawberry.field(description="The run as it is now.")


CancelRunResult = Annotated[
    CancelRunSuccess | UserErrors,
    strawberry.union("CancelRunResult", description="What came of cancelRun."),
]


@strawberry.mutation(
    description="End a run that has not ended; one that has stays as it is. A step under way can not be called "
    "back: its try ends as UNKNOWN."
)
async def cancel_run(
    info: Info, input: Annotated[CancelRunInput, strawberry.argument(description="Which run.")]
) -> CancelRunResult:
    """Twice is as good as once."""
    context = info.context
    async with writing(context, input.run_id, "run", field="runId") as run:
        row = await runs.cancel(run.session, run.workspace_id, run.id, actor=context.actor)
    context.bell.ring()
    return CancelRunSuccess(run=Run.of(row))
