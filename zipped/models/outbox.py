"""What is to be published: due the moment it commits."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, LargeBinary, PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from zipped.models.base import Base, Created


class ZipOutbox(Base):
    """One message for one topic, marked once the broker has acknowledged it.

    Partitioned by day of `created_at`; rows are never deleted one by one. Never read by `id > last`: an id is
    drawn before its commit, so a smaller one may appear later.
    """

    __tablename__ = "zip_outbox"
    __table_args__ = (
        PrimaryKeyConstraint("created_at", "id"),
        Index("zip_outbox_due_idx", "id", postgresql_where="published_at is null"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    created_at: Mapped[Created]
    topic: Mapped[str]
    key: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[Any | None] = mapped_column(JSONB)
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
