"""`updateZip`: save a draft, rename, move."""

from typing import Annotated

import strawberry
from strawberry import Maybe

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.scalars import JSON
from api.graphql.types.zip import Zip
from api.graphql.writing import writing
from zipped.services import zips


@strawberry.input(description="What to change; what is left out stays.")
class UpdateZipInput:
    """The input of `updateZip`."""

    zip_id: strawberry.ID = strawberry.field(description="The zip, zip_….")
    revision: int = strawberry.field(
        description="The revision you have seen; if it is stale, nothing changes: Conflict."
    )
    name: str | None = strawberry.field(description="A new name.", default=None)
    folder: Maybe[str | None] = strawberry.field(
        description="A new folder; null takes it out of its own.", default=None
    )
    definition: JSON | None = strawberry.field(
        description="The whole draft anew. It may be unfinished; a secret written into it is refused.", default=None
    )
    retention_days: Maybe[int | None] = strawberry.field(
        description="Days to keep its events and runs, 1 to 3650; null for as long as the workspace says.", default=None
    )


@strawberry.type(description="It was saved.")
class UpdateZipSuccess:
    """Success of `updateZip`."""

    zip: Zip = strawberry.field(description="The zip as it is now.")


UpdateZipResult = Annotated[
    UpdateZipSuccess | UserErrors,
    strawberry.union("UpdateZipResult", description="What came of updateZip."),
]


@strawberry.mutation(description="Change a zip. What is live stays as it is until it is published.")
async def update_zip(
    info: Info, input: Annotated[UpdateZipInput, strawberry.argument(description="What to change.")]
) -> UpdateZipResult:
    """One save."""
    changes: zips.ZipChanges = {}
    if input.name is not None:
        changes["name"] = input.name
    if input.folder is not None:
        changes["folder"] = input.folder.value
    if input.definition is not None:
        changes["definition"] = input.definition
    if input.retention_days is not None:
        changes["retention_days"] = input.retention_days.value
    context = info.context
    async with writing(context, input.zip_id, "zip", field="zipId") as zip:
        row = await zips.save(
            zip.session,
            zip.workspace_id,
            zip.id,
            actor=context.actor,
            revision=input.revision,
            changes=changes,
            catalog=context.catalog,
        )
    return UpdateZipSuccess(zip=Zip.of(row))
