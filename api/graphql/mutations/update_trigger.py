"""`updateTrigger`: change how a webhook takes requests."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.scalars import JSON
from api.graphql.types.trigger import Trigger, Verifier
from api.graphql.writing import writing
from zipped.services import triggers


@strawberry.input(description="What to change; what is left out stays.")
class UpdateTriggerInput:
    """The input of `updateTrigger`."""

    trigger_id: strawberry.ID = strawberry.field(description="The trigger, trg_….")
    revision: int = strawberry.field(
        description="The revision you have seen; if it is stale, nothing changes: Conflict."
    )
    settings: JSON | None = strawberry.field(
        description="All its settings anew; what is left out of them has its default.", default=None
    )
    verifier: Verifier | None = strawberry.field(
        description="How to know the sender; OPEN forgets the stored secrets.", default=None
    )
    secrets: list[str] | None = strawberry.field(
        description="What the sender signs with, 1 to 5, any of which is good; never shown again.", default=None
    )
    keep_secrets: bool = strawberry.field(
        description="Whether the stored secrets stay good beside the new ones.", default=False
    )


@strawberry.type(description="It was changed.")
class UpdateTriggerSuccess:
    """Success of `updateTrigger`."""

    trigger: Trigger = strawberry.field(description="The trigger as it is now.")


UpdateTriggerResult = Annotated[
    UpdateTriggerSuccess | UserErrors,
    strawberry.union("UpdateTriggerResult", description="What came of updateTrigger."),
]


@strawberry.mutation(description="Change a trigger; it holds for everything that arrives from now on.")
async def update_trigger(
    info: Info, input: Annotated[UpdateTriggerInput, strawberry.argument(description="What to change.")]
) -> UpdateTriggerResult:
    """One save."""
    changes: triggers.TriggerChanges = {}
    if input.settings is not None:
        changes["settings"] = input.settings
    if input.verifier is not None:
        changes["verifier"] = input.verifier.stored
    if input.secrets is not None:
        changes["secrets"] = input.secrets
        changes["keep_secrets"] = input.keep_secrets
    context = info.context
    async with writing(context, input.trigger_id, "trg", field="triggerId") as trigger:
        row = await triggers.save(
            trigger.session,
            trigger.workspace_id,
            trigger.id,
            actor=context.actor,
            revision=input.revision,
            changes=changes,
            box=context.secret_box,
        )
    return UpdateTriggerSuccess(trigger=Trigger.of(row))
