"""The ledger: one row for everything that arrived, with the door's decision and the exact bytes."""

from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from zipped.models.base import Base, Created, Id, Moment, one_of

OUTCOMES = (
    "accepted",
    "duplicate",
    "conflict",
    "draft",
    "zip_off",
    "throttled",
    "bad_signature",
    "malformed",
    "too_large",
    "handshake",
    "missed",
)


class Event(Base):
    """Something that arrived. Its outcome is written once and never changes."""

    __tablename__ = "event"
    __table_args__ = (
        one_of("outcome", *OUTCOMES),
        Index("event_workspace_id_id_idx", "workspace_id", text("id desc")),
        Index("event_zip_id_id_idx", "zip_id", text("id desc")),
        Index("event_trigger_id_id_idx", "trigger_id", text("id desc")),
        # Accepted ones are most, found without it, and written without its cost.
        Index(
            "event_refused_idx", "workspace_id", "outcome", text("id desc"), postgresql_where="outcome <> 'accepted'"
        ),
    )

    id: Mapped[Id]
    workspace_id: Mapped[UUID]
    zip_id: Mapped[UUID]
    trigger_id: Mapped[UUID]
    outcome: Mapped[str]
    #: The decision in plain words; empty for accepted.
    reason: Mapped[str] = mapped_column(server_default="")
    #: HTTP method, or MANUAL.
    method: Mapped[str]
    #: The raw query string.
    query: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("''::bytea"))
    #: JSON list of [name, value] as they came; credentials are stored as ***.
    headers: Mapped[bytes] = mapped_column(LargeBinary)
    #: Size of what was sent, in bytes; what is kept may be less.
    body_size: Mapped[int]
    body_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    source_ip: Mapped[str] = mapped_column(server_default="")
    #: Prefixed with its source, for example "idempotency-key:…"; none where the sender gave none.
    dedupe_key: Mapped[str | None]
    #: The run it started, or for a duplicate the run of the first.
    run_id: Mapped[UUID | None]
    #: For a duplicate or a conflict: the event that came first.
    first_event_id: Mapped[UUID | None]
    received_at: Mapped[Created] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class EventBody(Base):
    """The exact bytes of an event. Partitioned by month of the event's id."""

    __tablename__ = "event_body"
    __table_args__ = ({"postgresql_partition_by": "RANGE (event_id)"},)

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    #: Refused events keep at most 4 KiB.
    truncated: Mapped[bool] = mapped_column(server_default="false")


class EventTally(Base):
    """How many refused events came in an hour beyond those that got a row of their own."""

    __tablename__ = "event_tally"
    __table_args__ = (PrimaryKeyConstraint("trigger_id", "hour", "outcome"),)

    trigger_id: Mapped[UUID]
    hour: Mapped[Moment]
    outcome: Mapped[str]
    workspace_id: Mapped[UUID]
    #: Rows written in this hour; at most 100.
    kept: Mapped[int] = mapped_column(server_default="0")
    #: Refusals only counted.
    dropped: Mapped[int] = mapped_column(server_default="0")


class Dedupe(Base):
    """A key that is used up: written only together with an accepted event that made a run."""

    __tablename__ = "dedupe"

    trigger_id: Mapped[UUID] = mapped_column(ForeignKey("trigger.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    event_id: Mapped[UUID]
    run_id: Mapped[UUID]
    body_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[Moment] = mapped_column(DateTime(timezone=True), index=True)
