"""`publishZip`: make the draft live."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.version import Version
from api.graphql.types.zip import Zip
from api.graphql.writing import writing
from zipped.services import versions


@strawberry.input(description="Which draft to publish.")
class PublishZipInput:
    """The input of `publishZip`."""

    zip_id: strawberry.ID = strawberry.field(description="The zip, zip_….")
    revision: int = strawberry.field(
        description="The revision you have seen; if it is stale, nothing changes: Conflict."
    )
    note: str | None = strawberry.field(description="Shown in the list of versions.", default=None)


@strawberry.type(description="The draft is live.")
class PublishZipSuccess:
    """Success of `publishZip`."""

    zip: Zip = strawberry.field(description="The zip as it is now.")
    version: Version = strawberry.field(description="What is live now.")


PublishZipResult = Annotated[
    PublishZipSuccess | UserErrors,
    strawberry.union("PublishZipResult", description="What came of publishZip."),
]


@strawberry.mutation(
    description="Make the draft the live version and start the trigger, also of a paused zip. Runs that have "
    "started go on as they began. An unchanged draft makes no new version."
)
async def publish_zip(
    info: Info, input: Annotated[PublishZipInput, strawberry.argument(description="Which draft.")]
) -> PublishZipResult:
    """Refused with every problem at once."""
    context = info.context
    async with writing(context, input.zip_id, "zip", field="zipId") as zip:
        row, version = await versions.publish(
            zip.session,
            zip.workspace_id,
            zip.id,
            actor=context.actor,
            revision=input.revision,
            note=input.note,
            catalog=context.catalog,
        )
    return PublishZipSuccess(zip=Zip.of(row), version=Version.of(version))
