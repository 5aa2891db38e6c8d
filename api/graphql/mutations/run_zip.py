"""`runZip`: start a run by hand."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.scalars import JSON
from api.graphql.types.run import Run
from api.graphql.writing import writing
from zipped.services import runs


@strawberry.input(description="What to run, and on what.")
class RunZipInput:
    """The input of `runZip`."""

    zip_id: strawberry.ID = strawberry.field(description="The zip, zip_….")
    input: JSON | None = strawberry.field(
        description="What its steps find under trigger.body; left out, an empty object.", default=None
    )
    idempotency_key: str | None = strawberry.field(
        description="Sent again with the same key, it happens once and answers the same.", default=None
    )


@strawberry.type(description="The run was accepted and will be finished.")
class RunZipSuccess:
    """Success of `runZip`."""

    run: Run = strawberry.field(description="The run as it is now; watch it with runUpdates.")


RunZipResult = Annotated[
    RunZipSuccess | UserErrors,
    strawberry.union("RunZipResult", description="What came of runZip."),
]


@strawberry.mutation(
    description="Start a run of the live version by hand. A paused webhook may be run too: pausing stops what arrives, "
    "not people; a zip that only starts by hand is stopped by it."
)
async def run_zip(
    info: Info, input: Annotated[RunZipInput, strawberry.argument(description="What to run.")]
) -> RunZipResult:
    """Event, run and outbox row in one transaction; the bell after its commit."""
    context = info.context
    async with writing(context, input.zip_id, "zip", field="zipId") as zip:
        row = await runs.start(
            zip.session,
            zip.workspace_id,
            zip.id,
            actor=context.actor,
            input=input.input,
            idempotency_key=input.idempotency_key,
        )
    context.bell.ring()
    return RunZipSuccess(run=Run.of(row))
