"""`pauseZip`: stop the trigger."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.zip import Zip
from api.graphql.writing import writing
from zipped.services import zips


@strawberry.input(description="Which zip.")
class PauseZipInput:
    """The input of `pauseZip`."""

    zip_id: strawberry.ID = strawberry.field(description="The zip, zip_….")


@strawberry.type(description="It is paused.")
class PauseZipSuccess:
    """Success of `pauseZip`."""

    zip: Zip = strawberry.field(description="The zip as it is now.")


PauseZipResult = Annotated[
    PauseZipSuccess | UserErrors,
    strawberry.union("PauseZipResult", description="What came of pauseZip."),
]


@strawberry.mutation(description="Stop the trigger: what arrives is kept and starts nothing. Runs under way go on.")
async def pause_zip(
    info: Info, input: Annotated[PauseZipInput, strawberry.argument(description="Which zip.")]
) -> PauseZipResult:
    """Twice is as good as once."""
    context = info.context
    async with writing(context, input.zip_id, "zip", field="zipId") as zip:
        row = await zips.pause(zip.session, zip.workspace_id, zip.id, actor=context.actor)
    return PauseZipSuccess(zip=Zip.of(row))
