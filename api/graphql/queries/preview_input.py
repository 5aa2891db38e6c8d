"""`previewInput`: what the fields of a step would hold."""

from typing import Annotated

import strawberry

from api.graphql import testing_steps
from api.graphql.context import Info
from api.graphql.scalars import JSON
from api.graphql.types.field_preview import FieldPreview
from zipped import ids
from zipped.services.step_samples import Given


@strawberry.field(
    description="What each text with an expression would be in a step, filters applied; nothing is sent or saved."
)
async def preview_input(
    info: Info,
    zip_id: Annotated[strawberry.ID, strawberry.argument(description="The zip, zip_….")],
    step_id: Annotated[
        str,
        strawberry.argument(
            description="The step that it is for: it sees those before it, all if it is not saved yet."
        ),
    ],
    input: Annotated[JSON, strawberry.argument(description="The step's input, or any part of it.")],
    event_id: Annotated[strawberry.ID | None, strawberry.argument(description="As in testStep.")] = None,
    trigger: Annotated[JSON | None, strawberry.argument(description="As in testStep.")] = None,
    steps: Annotated[JSON | None, strawberry.argument(description="As in testStep.")] = None,
) -> list[FieldPreview] | None:
    """As testStep looks things up."""
    event = None if event_id is None else ids.decode(event_id, "evt", path=("eventId",))
    given = Given(event_id=event, trigger=trigger, steps=steps)
    found = await testing_steps.preview(info.context, zip_id, step_id, input, given)
    fields = [FieldPreview.of(rendered) for rendered in info.context.listed(found)]
    for field in fields:
        info.context.show(len(field.message or "") + sum(map(len, field.path)))
    return fields
