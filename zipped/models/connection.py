"""Connections: the only place, beside triggers, where secrets are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from zipped.models.base import Base, Created, Id, Json


class Connection(Base):
    """Credentials for somewhere else, bound to a workspace and to hosts."""

    __tablename__ = "connection"
    __table_args__ = (Index("connection_workspace_id_id_idx", "workspace_id", text("id desc")),)

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"))
    name: Mapped[str]
    #: A connection kind of the catalogue: basic, bearer, header, smtp.
    kind: Mapped[str]
    #: The fields that may be shown.
    public: Mapped[Json]
    #: The secret fields, sealed as one JSON object; bound to workspace and connection.
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    #: Which master key wrapped it.
    key_id: Mapped[str]
    #: Where the secret may be sent, as host or host:port.
    hosts: Mapped[list[str]] = mapped_column(ARRAY(Text))
    revision: Mapped[int] = mapped_column(server_default="1")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    tested_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    test_ok: Mapped[bool | None]
    test_message: Mapped[str | None]
