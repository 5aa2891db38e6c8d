"""`resumeZip`: start the trigger again."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.zip import Zip
from api.graphql.writing import writing
from zipped.services import zips


@strawberry.input(description="Which zip.")
class ResumeZipInput:
    """The input of `resumeZip`."""

    zip_id: strawberry.ID = strawberry.field(description="The zip, zip_….")


@strawberry.type(description="It is live.")
class ResumeZipSuccess:
    """Success of `resumeZip`."""

    zip: Zip = strawberry.field(description="The zip as it is now.")


ResumeZipResult = Annotated[
    ResumeZipSuccess | UserErrors,
    strawberry.union("ResumeZipResult", description="What came of resumeZip."),
]


@strawberry.mutation(description="Start the trigger again, on the version that was live.")
async def resume_zip(
    info: Info, input: Annotated[ResumeZipInput, strawberry.argument(description="Which zip.")]
) -> ResumeZipResult:
    """Twice is as good as once."""
    context = info.context
    async with writing(context, input.zip_id, "zip", field="zipId") as zip:
        row = await zips.resume(zip.session, zip.workspace_id, zip.id, actor=context.actor)
    return ResumeZipSuccess(zip=Zip.of(row))
