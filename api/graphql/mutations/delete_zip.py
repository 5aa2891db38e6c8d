"""`deleteZip`: take a zip away."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.zip import Zip
from api.graphql.writing import writing
from zipped.services import zips


@strawberry.input(description="Which zip.")
class DeleteZipInput:
    """The input of `deleteZip`."""

    zip_id: strawberry.ID = strawberry.field(description="The zip, zip_….")


@strawberry.type(description="It is deleted.")
class DeleteZipSuccess:
    """Success of `deleteZip`."""

    zip: Zip = strawberry.field(description="The zip as it is now.")


DeleteZipResult = Annotated[
    DeleteZipSuccess | UserErrors,
    strawberry.union("DeleteZipResult", description="What came of deleteZip."),
]


@strawberry.mutation(
    description="Take a zip away. Its address answers 404 from now on; runs that were accepted are finished (cancelRun "
    "ends them), and its history stays until retention takes it."
)
async def delete_zip(
    info: Info, input: Annotated[DeleteZipInput, strawberry.argument(description="Which zip.")]
) -> DeleteZipResult:
    """A second time there is nothing to delete."""
    context = info.context
    async with writing(context, input.zip_id, "zip", field="zipId") as zip:
        row = await zips.delete(zip.session, zip.workspace_id, zip.id, actor=context.actor)
    return DeleteZipSuccess(zip=Zip.of(row))
