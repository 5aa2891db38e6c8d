"""`rotateHookToken`: give a webhook a new address."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.types.trigger import Trigger
from api.graphql.writing import writing
from zipped.services import triggers


@strawberry.input(description="Which webhook.")
class RotateHookTokenInput:
    """The input of `rotateHookToken`."""

    trigger_id: strawberry.ID = strawberry.field(description="The trigger, trg_….")


@strawberry.type(description="It has a new address.")
class RotateHookTokenSuccess:
    """Success of `rotateHookToken`."""

    trigger: Trigger = strawberry.field(description="The trigger as it is now.")


RotateHookTokenResult = Annotated[
    RotateHookTokenSuccess | UserErrors,
    strawberry.union("RotateHookTokenResult", description="What came of rotateHookToken."),
]


@strawberry.mutation(description="Give a webhook a new address; the old one answers 404 from now on.")
async def rotate_hook_token(
    info: Info, input: Annotated[RotateHookTokenInput, strawberry.argument(description="Which webhook.")]
) -> RotateHookTokenResult:
    """For when the old address has become known."""
    context = info.context
    async with writing(context, input.trigger_id, "trg", field="triggerId") as trigger:
        row = await triggers.rotate_token(
            trigger.session, trigger.workspace_id, trigger.id, actor=context.actor, box=context.secret_box
        )
    return RotateHookTokenSuccess(trigger=Trigger.of(row))
