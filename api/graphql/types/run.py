"""Runs: one event on its way through the steps of one version."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.loaders.events import events_by_id
from api.graphql.loaders.runs import runs_by_id, steps_by_run_id
from api.graphql.loaders.zips import versions_by_id, zips_by_id
from api.graphql.node import Node
from api.graphql.types.step_attempt import StepAttempt
from api.graphql.types.version import Version
from zipped import ids, models
from zipped.lines import Row

if TYPE_CHECKING:
    from api.graphql.types.event import Event
    from api.graphql.types.zip import Zip


@strawberry.enum(description="Where a run stands.")
class RunStatus(Enum):
    """As in `zip_run.status`."""

    QUEUED = strawberry.enum_value("queued", description="A worker will take it.")
    RUNNING = strawberry.enum_value("running", description="A worker performs its steps.")
    WAITING = strawberry.enum_value("waiting", description="It goes on by itself at a given time.")
    SUCCEEDED = strawberry.enum_value("succeeded", description="It ended well.")
    FAILED = strawberry.enum_value("failed", description="A step failed for good.")
    CANCELLED = strawberry.enum_value("cancelled", description="Somebody ended it.")
    DEAD = strawberry.enum_value("dead", description="Three workers died of it; nobody takes it again.")


@strawberry.enum(description="What ended a run.")
class RunEnding(Enum):
    """As in `zip_run.ended_by`."""

    END = strawberry.enum_value("end", description="Its last step.")
    FILTER = strawberry.enum_value("filter", description="A filter that did not let it pass.")
    STOP = strawberry.enum_value("stop", description="A stop step.")
    ERROR = strawberry.enum_value("error", description="A step that failed for good.")
    CANCEL = strawberry.enum_value("cancel", description="A person.")
    DEADLINE = strawberry.enum_value("deadline", description="Its running time was used up.")
    CRASH = strawberry.enum_value("crash", description="Its workers died three times.")


@strawberry.enum(description="What a waiting run waits for.")
class RunWait(Enum):
    """As in `zip_run.waits_for`."""

    RETRY = strawberry.enum_value("retry", description="The next try of a step that failed.")
    DELAY = strawberry.enum_value("delay", description="A delay step.")


@strawberry.type(description="Why a run failed.")
class RunError:
    """The error columns of `zip_run`."""

    code: str = strawberry.field(description="Stable and for programs.")
    message: str = strawberry.field(description="In plain words.")
    step_id: str | None = strawberry.field(description="The step to blame; null when no single one is.")


@strawberry.type(description="One event on its way through the steps of one version of a zip.")
class Run(Node):
    """A row of `zip_run`."""

    id_prefix = "run"

    zip_id: strawberry.ID = strawberry.field(description="The zip it is a run of, zip_….")
    status: RunStatus = strawberry.field(description="Where it stands.")
    ended_by: RunEnding | None = strawberry.field(description="What ended it; null while it has not ended.")
    error: RunError | None = strawberry.field(description="Why it failed; null when it did not.")
    waits_for: RunWait | None = strawberry.field(description="What it waits for, while it waits.")
    wake_at: datetime | None = strawberry.field(description="When it goes on, while it waits.")
    attempt: int = strawberry.field(description="Tries of the current step that are over.")
    crashes: int = strawberry.field(description="How often a worker died of it since its last finished step.")
    seq: int = strawberry.field(description="Counts its changes; of two readings the higher is the later one.")
    created_at: datetime = strawberry.field(description="When it was accepted.")
    queued_at: datetime = strawberry.field(description="When it was last queued.")
    started_at: datetime | None = strawberry.field(description="When a worker first took it.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")

    row: strawberry.Private[models.ZipRun | Row]

    @classmethod
    def of(cls, row: models.ZipRun | Row) -> Self:
        """As the schema shows it."""
        error = None
        if row.error_code is not None:
            error = RunError(code=row.error_code, message=row.error_message or "", step_id=row.error_step_id)
        return cls(
            id=strawberry.ID(ids.encode("run", row.id)),
            zip_id=strawberry.ID(ids.encode("zip", row.zip_id)),
            status=RunStatus(row.status),
            ended_by=RunEnding(row.ended_by) if row.ended_by else None,
            error=error,
            waits_for=RunWait(row.waits_for) if row.status == "waiting" and row.waits_for else None,
            wake_at=row.wake_at if row.status == "waiting" else None,
            attempt=row.attempt,
            crashes=row.crashes,
            seq=row.seq,
            created_at=row.created_at,
            queued_at=row.queued_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            row=row,
        )

    @classmethod
    async def load(cls, info: Info, id: UUID) -> Self | None:
        """The run, if it is in one of the caller's workspaces."""
        row = await info.context.loader(runs_by_id).load(id)
        return cls.of(row) if row else None

    @strawberry.field(
        description="The tries of its steps in the order they began; of more than 1,000 the newest. A step that is "
        "not listed has not begun."
    )
    async def steps(self, info: Info) -> list[StepAttempt]:
        """Without their payloads, which are fetched where they are asked for."""
        found = await info.context.loader(steps_by_run_id).load(self.row.id)
        return [StepAttempt.of(attempt) for attempt in info.context.listed(found or [])]

    @strawberry.field(description="The event that started it.")
    async def event(self, info: Info) -> Annotated["Event", strawberry.lazy("api.graphql.types.event")] | None:
        """Its trigger's data."""
        from api.graphql.types.event import Event

        row = await info.context.loader(events_by_id).load(self.row.event_id)
        return Event.of(row) if row else None

    @strawberry.field(description="The version it follows.")
    async def version(self, info: Info) -> Version | None:
        """The one that was live when it was accepted."""
        row = await info.context.loader(versions_by_id).load(self.row.version_id)
        return Version.of(row) if row else None

    @strawberry.field(description="The zip it is a run of.")
    async def zip(self, info: Info) -> Annotated["Zip", strawberry.lazy("api.graphql.types.zip")] | None:
        """Deleted or not."""
        from api.graphql.types.zip import Zip

        row = await info.context.loader(zips_by_id).load(self.row.zip_id)
        return Zip.of(row) if row else None
