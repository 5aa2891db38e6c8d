"""What trying a step showed."""

from datetime import datetime
from enum import Enum
from typing import Any, Self

import orjson
import strawberry

from api.graphql.context import Info
from api.graphql.loaders.step_tests import contents_by_step_test_id
from api.graphql.scalars import JSON
from api.graphql.types.event import Header
from api.graphql.types.person import member
from api.graphql.types.step_attempt import Effect
from api.graphql.types.user import User
from zipped import ids
from zipped.services import step_samples, step_tests


@strawberry.enum(description="What came of a step that was tried.")
class StepTestOutcome(Enum):
    """As in `step_test.outcome`."""

    SUCCEEDED = strawberry.enum_value("succeeded", description="It did what it should; a run would go on.")
    FAILED = strawberry.enum_value("failed", description="It failed; a run would try again, or do as its settings say.")
    UNKNOWN = strawberry.enum_value("unknown", description="It may have had its effect, or not: nobody saw its end.")
    FILTERED = strawberry.enum_value("filtered", description="A run would end here, well.")
    DELAYED = strawberry.enum_value("delayed", description="A run would wait until delayedUntil.")
    STOPPED = strawberry.enum_value("stopped", description="A run would end here, as the step says.")


@strawberry.enum(description="Where the values came from that the expressions of a tried step looked at.")
class SampleSource(Enum):
    """As in `step_samples.Source`."""

    GIVEN = strawberry.enum_value("given", description="The caller gave them.")
    EVENT = strawberry.enum_value("event", description="An event of this zip.")
    EXAMPLE = strawberry.enum_value("example", description="The example of the trigger's kind: nothing arrived yet.")
    TEST = strawberry.enum_value("test", description="The last test of that step.")
    RUN = strawberry.enum_value("run", description="The run that the event started.")


@strawberry.type(description="What the expressions of a tried step looked at.")
class StepTestSample:
    """As in `step_samples.Sample`."""

    root: str = strawberry.field(description="trigger, or steps. and the step's id.")
    source: SampleSource = strawberry.field(description="Where its values came from.")
    event_id: strawberry.ID | None = strawberry.field(description="The event, evt_…, for EVENT and RUN.")
    run_id: strawberry.ID | None = strawberry.field(description="The run, run_…, for RUN.")

    @classmethod
    def of(cls, sample: step_samples.Sample) -> Self:
        """As the schema shows it."""
        return cls(
            root=sample.root,
            source=SampleSource(sample.source),
            event_id=strawberry.ID(ids.encode("evt", sample.event_id)) if sample.event_id else None,
            run_id=strawberry.ID(ids.encode("run", sample.run_id)) if sample.run_id else None,
        )


@strawberry.type(description="What another machine answered to a tried step.")
class StepTestResponse:
    """A part of `step_test.calls`."""

    status: int = strawberry.field(description="The HTTP status.")
    reason: str = strawberry.field(description="The words beside it.")
    headers: list[Header] = strawberry.field(description="Names in lower case; credentials and secrets read ***.")
    body: str | None = strawberry.field(
        description="Its first 65,536 characters; null where there are none, or it is no text."
    )
    body_size: int = strawberry.field(description="Bytes of it.")
    is_body_truncated: bool = strawberry.field(description="Whether there is more of it.")
    url: str = strawberry.field(description="Where it came from, after redirects.")

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """As the schema shows it."""
        return cls(
            status=told["status"],
            reason=told["reason"],
            headers=[Header(name=name, value=value) for name, value in told["headers"]],
            body=told["body"]["text"],
            body_size=told["body"]["size"],
            is_body_truncated=told["body"]["cut"],
            url=told["url"],
        )


@strawberry.type(description="One call of a tried step to another machine; of a preview, the one it would make.")
class StepTestCall:
    """A part of `step_test.calls`."""

    method: str = strawberry.field(description="The HTTP method; CONNECT for what isn't HTTP, a mail server.")
    url: str = strawberry.field(description="The address, its query included; host:port after CONNECT.")
    headers: list[Header] = strawberry.field(description="As they are sent; credentials and secrets read ***.")
    body: str | None = strawberry.field(
        description="Its first 65,536 characters; null where there are none, or it is no text."
    )
    body_size: int = strawberry.field(description="Bytes of it.")
    is_body_truncated: bool = strawberry.field(description="Whether there is more of it.")
    response: StepTestResponse | None = strawberry.field(
        description="What came back; null in a preview, after an error, and after CONNECT."
    )
    error: str | None = strawberry.field(description="Why nothing came back, in plain words.")
    duration_ms: int | None = strawberry.field(description="Milliseconds to the end of the answer; null in a preview.")

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """As the schema shows it."""
        return cls(
            method=told["method"],
            url=told["url"],
            headers=[Header(name=name, value=value) for name, value in told["headers"]],
            body=told["body"]["text"],
            body_size=told["body"]["size"],
            is_body_truncated=told["body"]["cut"],
            response=StepTestResponse.of(told["answer"]) if told["answer"] else None,
            error=told["error"],
            duration_ms=told["durationMs"],
        )


@strawberry.type(description="What trying one step of a draft showed.")
class StepTest:
    """A row of `step_test`, or a preview."""

    id: strawberry.ID = strawberry.field(description="tst_…; a new one for each test.")
    step_id: str = strawberry.field(description="The step, as the draft names it.")
    outcome: StepTestOutcome | None = strawberry.field(
        description="What came of it; null for a preview that stopped before its first call."
    )
    error_code: str | None = strawberry.field(description="Stable and for programs, as in a run; null when it is well.")
    message: str = strawberry.field(
        description="Why it failed, was filtered or stopped, in plain words; empty where there is nothing to say."
    )
    delayed_until: datetime | None = strawberry.field(description="When a run would go on, for DELAYED.")
    effect: Effect = strawberry.field(description="What doing it twice would mean.")
    is_preview: bool = strawberry.field(
        description="Nothing was sent: it shows what would be. A step that is PURE is performed either way."
    )
    is_remembered: bool = strawberry.field(
        description="Whether later steps are tried with its output; a preview never is."
    )
    is_stale: bool = strawberry.field(
        description="Whether the step was changed since, or a step that it looked at has another output by now."
    )
    input_size: int = strawberry.field(description="Bytes of its input as JSON.")
    output_size: int | None = strawberry.field(description="Bytes of its output as JSON; null where it has none.")
    duration_ms: int = strawberry.field(description="Milliseconds that it took in all.")
    idempotency_key: str = strawberry.field(description="The key that goes out with it.")
    tested_at: datetime = strawberry.field(description="When it was tried.")

    row: strawberry.Private[step_tests.Tested]
    held: strawberry.Private[step_tests.Contents | None]

    @classmethod
    def of(cls, row: step_tests.Tested, held: step_tests.Contents | None = None) -> Self:
        """As the schema shows it; contents that are not handed in are fetched where they are asked for."""
        return cls(
            id=strawberry.ID(ids.encode("tst", row.id)),
            step_id=row.step_id,
            outcome=StepTestOutcome(row.outcome) if row.outcome else None,
            error_code=row.error_code,
            message=row.message,
            delayed_until=row.delayed_until,
            effect=Effect(row.effect),
            is_preview=not row.performed,
            is_remembered=row.remembered,
            is_stale=row.stale,
            input_size=row.input_size,
            output_size=row.output_size,
            duration_ms=row.duration_ms,
            idempotency_key=row.idempotency_key,
            tested_at=row.tested_at,
            row=row,
            held=held,
        )

    @strawberry.field(
        description="What went in, rendered, with secrets masked; null where it was too large to keep (256 KiB)."
    )
    async def input(self, info: Info) -> JSON | None:
        """Fetched only where it is asked for."""
        return await self._json(info, "input")

    @strawberry.field(description="What came out, with secrets masked: what later steps are tried with.")
    async def output(self, info: Info) -> JSON | None:
        """Fetched only where it is asked for."""
        return await self._json(info, "output")

    @strawberry.field(description="What else is known of a failure: the answer's status, the start of its body …")
    async def error_detail(self, info: Info) -> JSON | None:
        """Fetched only where it is asked for."""
        return await self._json(info, "error_detail")

    @strawberry.field(description="What its expressions looked at.")
    def samples(self, info: Info) -> list[StepTestSample]:
        """The trigger first, then steps in their order."""
        return [StepTestSample.of(sample) for sample in info.context.listed(self.row.samples)]

    @strawberry.field(description="Its calls to other machines, in order; at most 20.")
    async def calls(self, info: Info) -> list[StepTestCall]:
        """Fetched only where they are asked for."""
        stored = await self._bytes(info, "calls")
        found = info.context.listed(orjson.loads(stored or b"[]"))
        for call in found:
            info.context.listed([*call["headers"], *(call["answer"] or {}).get("headers", ())])
        return [StepTestCall.of(call) for call in found]

    @strawberry.field(description="Who tried it; null when they are no longer a member.")
    async def tested_by(self, info: Info) -> User | None:
        """A member of the workspace."""
        return await member(info, self.row.tested_by)

    async def _json(self, info: Info, part: str) -> JSON | None:
        stored = await self._bytes(info, part)
        return None if stored is None else JSON(orjson.Fragment(stored))

    async def _bytes(self, info: Info, part: str) -> bytes | None:
        held = self.held or await info.context.loader(contents_by_step_test_id).load(self.row.id)
        stored: bytes | None = getattr(held, part, None)
        if stored is not None:
            info.context.show(len(stored))
        return stored
