"""What the processes keep of themselves: workers, poison, background jobs and the audit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Integer, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from zipped.models.base import Base, Created, Id, Json, one_of


class Worker(Base):
    """A worker process and its heartbeat."""

    __tablename__ = "worker"
    __table_args__ = (Index("worker_alive_idx", "seen_at", postgresql_where="dead_at is null"),)

    id: Mapped[Id]
    host: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    started_at: Mapped[Created] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    seen_at: Mapped[Created] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    draining: Mapped[bool] = mapped_column(server_default="false")
    dead_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Poison(Base):
    """A message on our topics that could not be read; kept once, skipped for good."""

    __tablename__ = "poison"
    __table_args__ = (UniqueConstraint("topic", "partition", "offset", "sha256"),)

    id: Mapped[Id]
    topic: Mapped[str]
    partition: Mapped[int] = mapped_column(Integer)
    offset: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: At most the first 64 KiB.
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    error: Mapped[str]
    seen_at: Mapped[Created]


class Job(Base):
    """Background work that is not a run: a bulk replay, an export, a purge."""

    __tablename__ = "job"
    __table_args__ = (
        one_of("status", "queued", "running", "succeeded", "failed", "cancelled"),
        Index("job_due_idx", "run_at", postgresql_where="status = 'queued'"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[UUID | None]
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="queued")
    payload: Mapped[Json]
    result: Mapped[Json | None]
    error: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    run_at: Mapped[Created]
    created_by: Mapped[UUID | None]
    created_at: Mapped[Created]
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Audit(Base):
    """Who did what, in the transaction of the change. Never updated."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_workspace_id_id_idx", "workspace_id", text("id desc")),)

    id: Mapped[Id]
    workspace_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    api_token_id: Mapped[UUID | None]
    #: In the GraphQL name of the mutation: publishZip, signIn …
    action: Mapped[str]
    subject_id: Mapped[UUID | None]
    detail: Mapped[Json] = mapped_column(server_default=text("'{}'::jsonb"))
    ip: Mapped[str] = mapped_column(server_default="")
    at: Mapped[Created]


class IdempotencyKey(Base):
    """A mutation that was done under a caller's key: the same key with the same input gets the same thing again."""

    __tablename__ = "idempotency_key"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: In the GraphQL name of the mutation.
    action: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    input_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    #: What was made.
    subject_id: Mapped[UUID]
    created_at: Mapped[Created] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)
