"""`testStep`: try one step of a draft."""

from typing import Annotated

import strawberry

from api.graphql import testing_steps
from api.graphql.context import Info
from api.graphql.errors import UserErrors
from api.graphql.scalars import JSON
from api.graphql.types.step_test import StepTest
from zipped import ids
from zipped.services.step_samples import Given


@strawberry.input(description="Which step, with what values, and whether it may really reach outside.")
class TestStepInput:
    """The input of `testStep`."""

    zip_id: strawberry.ID = strawberry.field(description="The zip, zip_….")
    step_id: str = strawberry.field(description="The step, as the draft names it.")
    revision: int = strawberry.field(description="The draft's revision that the caller has seen; save it first.")
    event_id: strawberry.ID | None = strawberry.field(
        description="The event of this zip that expressions find under trigger; left out, the newest that is of use, "
        "else the example of the trigger's kind.",
        default=None,
    )
    trigger: JSON | None = strawberry.field(
        description='What they find under trigger instead of an event: {"body": …, "headers": …, "query": …}.',
        default=None,
    )
    steps: JSON | None = strawberry.field(
        description="What they find under steps, by step id. For steps that are left out: the output of their last "
        "test, else what they returned in the run that the event started.",
        default=None,
    )
    send: bool = strawberry.field(
        description="Really do it. Without, nothing leaves: the request is shown that would. A step that touches "
        "nothing outside is performed either way.",
        default=False,
    )
    idempotency_key: str | None = strawberry.field(
        description="Sent again with the same key, it happens once and answers the same; of no use without send.",
        default=None,
    )


@strawberry.type(description="It was tried; that it failed, if it did, is what the test showed.")
class TestStepSuccess:
    """Success of `testStep`."""

    test: StepTest = strawberry.field(description="What it showed.")


TestStepResult = Annotated[
    TestStepSuccess | UserErrors,
    strawberry.union("TestStepResult", description="What came of testStep."),
]


@strawberry.mutation(
    description="Try one step of a draft without publishing it: preview what it would send, or really do it. What was "
    "done is remembered, and later steps are tried with its output."
)
async def test_step(
    info: Info, input: Annotated[TestStepInput, strawberry.argument(description="What to try.")]
) -> TestStepResult:
    """What is sent is sent outside of any transaction."""
    event_id = None if input.event_id is None else ids.decode(input.event_id, "evt", path=("eventId",))
    asked = testing_steps.Asked(
        zip_id=input.zip_id,
        step_id=input.step_id,
        revision=input.revision,
        given=Given(event_id=event_id, trigger=input.trigger, steps=input.steps),
        send=input.send,
        idempotency_key=input.idempotency_key,
    )
    tested, held = await testing_steps.try_out(info.context, asked)
    return TestStepSuccess(test=StepTest.of(tested, held))
