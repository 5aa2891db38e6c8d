"""What trying a step showed, outside of any run."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from zipped.models.base import Base, Created, Json, one_of

OUTCOMES = ("succeeded", "failed", "unknown", "filtered", "delayed", "stopped")


class StepTest(Base):
    """The last test of a step of a draft in which it was performed: later steps are tried with its output."""

    __tablename__ = "step_test"
    __table_args__ = (one_of("effect", "pure", "read", "write"), one_of("outcome", *OUTCOMES))

    zip_id: Mapped[UUID] = mapped_column(ForeignKey("zip.id", ondelete="CASCADE"), primary_key=True)
    #: As the draft named it then.
    step_id: Mapped[str] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"))
    #: A new one for each test; what went out carried a key that is made of it.
    id: Mapped[UUID] = mapped_column(unique=True)
    #: Of the step's action, input and connection as they were written.
    step_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    #: What its expressions looked at, as a JSON list: the trigger and earlier steps, and where their values came from.
    samples: Mapped[Json]
    effect: Mapped[str]
    outcome: Mapped[str]
    error_code: Mapped[str | None]
    #: In plain words: why it failed, was filtered or stopped. Empty where there is nothing to say.
    message: Mapped[str] = mapped_column(server_default="")
    delayed_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: JSON, with secrets masked; none where it was too large to keep beside the output.
    input: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: JSON; none where the run would not have gone on.
    output: Mapped[bytes | None] = mapped_column(LargeBinary)
    output_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    error_detail: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The calls it made, as a JSON list, masked and cut.
    calls: Mapped[bytes] = mapped_column(LargeBinary)
    #: Of the input as it was rendered.
    input_size: Mapped[int]
    duration_ms: Mapped[int]
    tested_at: Mapped[Created]
    tested_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
