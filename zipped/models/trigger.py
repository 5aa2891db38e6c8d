"""What makes a zip run."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from zipped.models.base import Base, Created, Id, Json, one_of


class Trigger(Base):
    """One per zip. A webhook's address belongs to it for life, until its token is rotated."""

    __tablename__ = "trigger"
    __table_args__ = (
        one_of("kind", "webhook", "manual", "schedule"),
        one_of("verifier", "open", "hmac"),
        Index("trigger_next_fire_at_idx", "next_fire_at", postgresql_where="next_fire_at is not null"),
    )

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"), index=True)
    zip_id: Mapped[UUID] = mapped_column(ForeignKey("zip.id", ondelete="CASCADE"), unique=True)
    kind: Mapped[str]
    #: The kind's own settings; for a webhook methods, size limit, dedupe window and so on.
    settings: Mapped[Json]
    #: sha256 of the token in the address, for looking it up.
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: The token itself, sealed, so that the address can be shown again.
    token_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    verifier: Mapped[str] = mapped_column(server_default="open")
    #: The verifier's secrets, sealed as one JSON list; several are good at once while they are being changed.
    verifier_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: Rises with each change of this row.
    revision: Mapped[int] = mapped_column(server_default="1")
    #: Where a polling trigger stands.
    cursor: Mapped[Json]
    next_fire_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
