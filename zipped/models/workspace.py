"""Workspaces own everything else; people are members of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from zipped.models.base import Base, Created, Id, Moment, one_of

ROLES = ("owner", "editor", "viewer")


class Workspace(Base):
    """The owner of zips, connections and events."""

    __tablename__ = "workspace"

    id: Mapped[Id]
    name: Mapped[str]
    #: The person whose own workspace this is; none for a shared one.
    personal_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    #: Days that events and runs are kept, where a zip does not say otherwise.
    retention_days: Mapped[int] = mapped_column(server_default="30")
    created_at: Mapped[Created]


class Membership(Base):
    """Who may do what in a workspace."""

    __tablename__ = "membership"
    __table_args__ = (one_of("role", *ROLES),)

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str]
    created_at: Mapped[Created]


class Invitation(Base):
    """An offer of membership to an e-mail address."""

    __tablename__ = "invitation"
    __table_args__ = (one_of("role", *ROLES),)

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"), index=True)
    email_key: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    expires_at: Mapped[Moment]
    accepted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
