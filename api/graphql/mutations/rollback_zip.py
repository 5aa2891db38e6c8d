"""`rollbackZip`: make an older version live again."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.version import Version
from api.graphql.types.zip import Zip
from api.graphql.writing import writing
from zipped import ids
from zipped.services import versions


@strawberry.input(description="Which version to go back to.")
class RollbackZipInput:
    """The input of `rollbackZip`."""

    zip_id: strawberry.ID = strawberry.field(description="The zip, zip_….")
    version_id: strawberry.ID = strawberry.field(description="One of its versions, ver_….")
    note: str | None = strawberry.field(description="Shown in the list of versions.", default=None)
    replace_draft_at: int | None = strawberry.field(
        description="The draft becomes that version too, if this is its revision; left out, the draft stays.",
        default=None,
    )


@strawberry.type(description="What that version said is live, as a new version.")
class RollbackZipSuccess:
    """Success of `rollbackZip`."""

    zip: Zip = strawberry.field(description="The zip as it is now.")
    version: Version = strawberry.field(description="What is live now.")


RollbackZipResult = Annotated[
    RollbackZipSuccess | UserErrors,
    strawberry.union("RollbackZipResult", description="What came of rollbackZip."),
]


@strawberry.mutation(
    description="Publish what an older version said as a new version, and start the trigger. Refused when it "
    "could not be published today, because a connection is gone for example."
)
async def rollback_zip(
    info: Info, input: Annotated[RollbackZipInput, strawberry.argument(description="Which version.")]
) -> RollbackZipResult:
    """The list of versions stays the history of what was live."""
    context, version_id = info.context, ids.decode(input.version_id, "ver", path=("versionId",))
    async with writing(context, input.zip_id, "zip", field="zipId") as zip:
        row, version = await versions.roll_back(
            zip.session,
            zip.workspace_id,
            zip.id,
            actor=context.actor,
            version_id=version_id,
            note=input.note,
            replace_draft_at=input.replace_draft_at,
            catalog=context.catalog,
        )
    return RollbackZipSuccess(zip=Zip.of(row), version=Version.of(version))
