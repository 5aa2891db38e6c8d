"""Runs, their step attempts, what they wait for and what they answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, LargeBinary, PrimaryKeyConstraint, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger, UserDefinedType

from zipped.models.base import Base, Created, Id, Moment, one_of

STATUSES = ("queued", "running", "waiting", "succeeded", "failed", "cancelled", "dead")
ENDINGS = ("end", "filter", "stop", "error", "cancel", "deadline", "crash")


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in SQL."""
        return "xid8"


class ZipRun(Base):
    """One run of one version of a zip. Every write is fenced by `epoch` and raises `seq`."""

    __tablename__ = "zip_run"
    __table_args__ = (
        one_of("status", *STATUSES),
        one_of("ended_by", *ENDINGS),
        Index("zip_run_queued_idx", "queued_at", postgresql_where="status = 'queued'"),
        # Runs beside the one that the event itself names: retention must not take the event from under them.
        Index("zip_run_replays_idx", "event_id", postgresql_where="root_run_id <> id"),
        Index("zip_run_waiting_idx", "wake_at", postgresql_where="status = 'waiting'"),
        Index("zip_run_running_idx", "worker_id", postgresql_where="status = 'running'"),
        Index("zip_run_workspace_id_id_idx", "workspace_id", text("id desc")),
        Index("zip_run_workspace_id_status_id_idx", "workspace_id", "status", text("id desc")),
        Index("zip_run_zip_id_id_idx", "zip_id", text("id desc")),
        # What changed since a watcher's cursor, of one zip and of a whole workspace.
        Index("zip_run_zip_id_changed_xid_idx", "zip_id", "changed_xid"),
        Index("zip_run_workspace_id_changed_xid_idx", "workspace_id", "changed_xid"),
        # Rows are updated a few times within their first second: leave room on the page, vacuum often.
        {"postgresql_with": {"fillfactor": "80", "autovacuum_vacuum_scale_factor": "0.02"}},
    )

    id: Mapped[Id]
    workspace_id: Mapped[UUID]
    zip_id: Mapped[UUID]
    version_id: Mapped[UUID]
    event_id: Mapped[UUID]
    #: The first run of a chain of replays or children; part of the idempotency key. Its own id for a first run.
    root_run_id: Mapped[UUID]
    parent_run_id: Mapped[UUID | None]
    #: Reserved for order and concurrency by key.
    lane: Mapped[str | None]
    #: How many zips called each other to get here; more than 8 is refused.
    depth: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    status: Mapped[str] = mapped_column(server_default="queued")
    ended_by: Mapped[str | None]
    #: The fence: rises with each claim, release, requeue and cancel.
    epoch: Mapped[int] = mapped_column(server_default="0")
    worker_id: Mapped[UUID | None]
    #: Where the run stands, as a stack of at most 16 frames; never data.
    cursor: Mapped[Any] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    #: Tries of the current step so far in this generation.
    attempt: Mapped[int] = mapped_column(server_default="0")
    generation: Mapped[int] = mapped_column(server_default="0")
    #: What a waiting run waits for: retry, delay …
    waits_for: Mapped[str | None]
    wake_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: When its running time is used up; only while running.
    deadline: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: Running time used before the present claim, in milliseconds.
    active_ms: Mapped[int] = mapped_column(BigInteger, server_default="0")
    #: How often a worker died while a step of this run was started.
    crashes: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    error_step_id: Mapped[str | None]
    #: Counts the writes of this row.
    seq: Mapped[int] = mapped_column(server_default="0")
    #: The transaction of the last write: what a watcher's cursor is compared with.
    changed_xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    traceparent: Mapped[str | None]
    created_at: Mapped[Created] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    queued_at: Mapped[Created] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class StepAttempt(Base):
    """One try of one step, written before its effect and completed after. Partitioned by month of the run's id."""

    __tablename__ = "step_attempt"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "step_id", "path", "attempt"),
        one_of("status", "started", "succeeded", "failed", "unknown", "skipped"),
        one_of("effect", "pure", "read", "write"),
        {"postgresql_partition_by": "RANGE (run_id)"},
    )

    run_id: Mapped[UUID]
    step_id: Mapped[str]
    #: Where in loops and branches; empty at the top.
    path: Mapped[str] = mapped_column(server_default="")
    #: 1, 2, 3 …; goes on over generations.
    attempt: Mapped[int]
    generation: Mapped[int]
    workspace_id: Mapped[UUID]
    epoch: Mapped[int]
    effect: Mapped[str]
    status: Mapped[str]
    #: Rendered and masked, as JSON; what every later try under the same key sends again.
    input: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: What the step returned, masked, as JSON; what the run goes on with.
    output: Mapped[bytes | None] = mapped_column(LargeBinary)
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    #: What else is known of an error, as JSON: response status, headers, the start of its body …
    error_detail: Mapped[bytes | None] = mapped_column(LargeBinary)
    idempotency_key: Mapped[str]
    #: An earlier try under the same key may have had its effect already.
    maybe_repeated: Mapped[bool] = mapped_column(server_default="false")
    started_at: Mapped[Moment | None]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Wait(Base):
    """What a run waits for, written before its token leaves the process."""

    __tablename__ = "wait"
    __table_args__ = (one_of("kind", "delay", "retry", "approval", "webhook", "unknown"),)

    id: Mapped[Id]
    workspace_id: Mapped[UUID]
    run_id: Mapped[UUID] = mapped_column(index=True)
    step_id: Mapped[str]
    path: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    wake_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[Created]


class RunResponse(Base):
    """What a run answers to the webhook that waits for it."""

    __tablename__ = "run_response"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    status: Mapped[int] = mapped_column(SmallInteger)
    headers: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Created]
