"""What the steps of a run did, try by try."""

from datetime import datetime
from enum import Enum
from typing import Self

import orjson
import strawberry

from api.graphql.context import Info
from api.graphql.loaders.runs import payload_by_step
from api.graphql.scalars import JSON
from zipped.services import step_attempts


@strawberry.enum(description="What came of one try.")
class StepStatus(Enum):
    """As in `step_attempt.status`."""

    STARTED = strawberry.enum_value("started", description="It is under way.")
    SUCCEEDED = strawberry.enum_value("succeeded", description="It did what it should.")
    FAILED = strawberry.enum_value("failed", description="It failed; another try may follow.")
    UNKNOWN = strawberry.enum_value("unknown", description="It may have had its effect, or not: nobody saw its end.")
    SKIPPED = strawberry.enum_value("skipped", description="It was passed over.")


@strawberry.enum(description="What doing something twice would mean.")
class Effect(Enum):
    """As in `step_attempt.effect`."""

    PURE = strawberry.enum_value("pure", description="It touches nothing outside.")
    READ = strawberry.enum_value("read", description="It looks at something outside and leaves it as it was.")
    WRITE = strawberry.enum_value("write", description="It changes something outside.")


@strawberry.type(description="Why a try failed.")
class StepError:
    """The error columns of `step_attempt`."""

    code: str = strawberry.field(description="Stable and for programs.")
    message: str = strawberry.field(description="In plain words.")

    attempt: strawberry.Private[step_attempts.Attempt]

    @strawberry.field(description="What else is known: the answer's status, the start of its body …")
    async def detail(self, info: Info) -> JSON | None:
        """Fetched only where it is asked for."""
        return await _json(info, self.attempt.key, "error_detail") if self.attempt.has_detail else None


@strawberry.type(description="One try of one step.")
class StepAttempt:
    """A row of `step_attempt`."""

    step_id: str = strawberry.field(description="The step, as its version's definition names it.")
    path: str = strawberry.field(description="Where in loops and branches; empty at the top.")
    attempt: int = strawberry.field(description="1, 2, 3 …")
    status: StepStatus = strawberry.field(description="What came of it.")
    effect: Effect = strawberry.field(description="What doing it twice would mean.")
    error: StepError | None = strawberry.field(description="Why it failed, or is unknown; null otherwise.")
    idempotency_key: str = strawberry.field(
        description="The key that went out with it; the same for all tries of the same effect."
    )
    is_maybe_repeated: bool = strawberry.field(description="Whether an earlier try may have had the effect already.")
    input_size: int | None = strawberry.field(description="Bytes of its input as JSON.")
    output_size: int | None = strawberry.field(description="Bytes of its output as JSON.")
    started_at: datetime | None = strawberry.field(description="When it began; null for a step that was skipped.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")

    row: strawberry.Private[step_attempts.Attempt]

    @classmethod
    def of(cls, row: step_attempts.Attempt) -> Self:
        """As the schema shows it."""
        error = None
        if row.error_code is not None:
            error = StepError(code=row.error_code, message=row.error_message or "", attempt=row)
        return cls(
            step_id=row.key.step_id,
            path=row.key.path,
            attempt=row.key.attempt,
            status=StepStatus(row.status),
            effect=Effect(row.effect),
            error=error,
            idempotency_key=row.idempotency_key,
            is_maybe_repeated=row.maybe_repeated,
            input_size=row.input_size,
            output_size=row.output_size,
            started_at=row.started_at,
            finished_at=row.finished_at,
            row=row,
        )

    @strawberry.field(description="What went in, rendered, with secrets masked.")
    async def input(self, info: Info) -> JSON | None:
        """Fetched only where it is asked for."""
        return await _json(info, self.row.key, "input") if self.row.input_size is not None else None

    @strawberry.field(description="What came out, with secrets masked: what later steps went on with.")
    async def output(self, info: Info) -> JSON | None:
        """Fetched only where it is asked for."""
        return await _json(info, self.row.key, "output") if self.row.output_size is not None else None


async def _json(info: Info, key: step_attempts.Key, part: str) -> JSON | None:
    payload = await info.context.loader(payload_by_step).load(key)
    stored: bytes | None = getattr(payload, part, None)
    if not stored:
        return None
    info.context.show(len(stored))
    return JSON(orjson.Fragment(stored))  # parsed it would take several times the room
