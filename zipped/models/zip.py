"""Zips and their published versions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from zipped.models.base import Base, Created, Id, WrittenJson, one_of


class Zip(Base):
    """One trigger and an ordered list of steps, as its author edits it."""

    __tablename__ = "zip"
    __table_args__ = (
        one_of("state", "draft", "live", "paused"),
        Index("zip_workspace_id_id_idx", "workspace_id", text("id desc")),
    )

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"))
    name: Mapped[str]
    folder: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default="draft")
    #: The definition being edited; runs never read it.
    draft: Mapped[WrittenJson]
    #: Rises with each save; a save that names an older one is refused.
    revision: Mapped[int] = mapped_column(server_default="1")
    #: What new runs follow; none until the first publishing.
    live_version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("zip_version.id", name="zip_live_version_id_fkey", use_alter=True)
    )
    #: Overrides the workspace's.
    retention_days: Mapped[int | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    #: A deleted zip keeps its history until retention takes it.
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ZipVersion(Base):
    """An immutable definition; a run follows the one it started with."""

    __tablename__ = "zip_version"
    __table_args__ = (UniqueConstraint("zip_id", "number"),)

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"))
    zip_id: Mapped[UUID] = mapped_column(ForeignKey("zip.id", ondelete="CASCADE"))
    #: 1, 2, 3 … within the zip.
    number: Mapped[int]
    definition: Mapped[WrittenJson]
    note: Mapped[str | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
