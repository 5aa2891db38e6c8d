"""`createZip`: a new zip with its trigger."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.scalars import JSON
from api.graphql.types.zip import Zip
from zipped import ids
from zipped.services import zips


@strawberry.input(description="A new zip.")
class CreateZipInput:
    """The input of `createZip`."""

    workspace_id: strawberry.ID = strawberry.field(description="The workspace it is to belong to, wsp_….")
    name: str = strawberry.field(description="What it is called; up to 300 characters.")
    folder: str | None = strawberry.field(description="The folder to show it in.", default=None)
    trigger: str = strawberry.field(description="The key of a trigger kind: webhook or manual.", default="webhook")
    definition: JSON | None = strawberry.field(
        description="Its first draft, to copy one for example; left out, it has no steps.", default=None
    )
    idempotency_key: str | None = strawberry.field(
        description="Sent again with the same key, it happens once and answers the same.", default=None
    )


@strawberry.type(description="The zip was made, in draft; a webhook takes requests already.")
class CreateZipSuccess:
    """Success of `createZip`."""

    zip: Zip = strawberry.field(description="The zip as it is now.")


CreateZipResult = Annotated[
    CreateZipSuccess | UserErrors,
    strawberry.union("CreateZipResult", description="What came of createZip."),
]


@strawberry.mutation(
    description="Make a zip. Its address is good at once: what arrives before the first publishing is kept and starts "
    "nothing."
)
async def create_zip(
    info: Info, input: Annotated[CreateZipInput, strawberry.argument(description="What to make.")]
) -> CreateZipResult:
    """Zip and trigger in one transaction."""
    workspace_id, context = ids.decode(input.workspace_id, "wsp", path=("workspaceId",)), info.context
    async with context.begin(workspace_id, write=True) as session:
        row = await zips.create(
            session,
            workspace_id,
            actor=context.actor,
            name=input.name,
            folder=input.folder,
            trigger_kind=input.trigger,
            definition=input.definition,
            idempotency_key=input.idempotency_key,
            box=context.secret_box,
            catalog=context.catalog,
        )
    return CreateZipSuccess(zip=Zip.of(row))
