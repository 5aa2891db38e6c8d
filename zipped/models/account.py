"""People, their signed-in devices and the tokens of their programs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from zipped.models.base import Base, Created, Id, Moment, one_of


class User(Base):
    """A person who can sign in."""

    __tablename__ = "user"

    id: Mapped[Id]
    #: As the person wrote it.
    email: Mapped[str]
    #: What is compared: trimmed, NFKC, case-folded.
    email_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    #: argon2id, in its own encoded form.
    password_hash: Mapped[str]
    #: The first account owns the instance.
    owns_instance: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[Created]
    password_changed_at: Mapped[Created]

    #: At most one owner, also when two first accounts are made at once.
    __table_args__ = (Index("user_one_owner", "owns_instance", unique=True, postgresql_where="owns_instance"),)


class Session(Base):
    """One signed-in device: a family of refresh tokens of which one is current."""

    __tablename__ = "session"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: sha256 of the refresh token that is good now.
    refresh_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: sha256 of the one before: shown again within the grace it gets the same successor, later it ends the family.
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    rotated_at: Mapped[Created]
    expires_at: Mapped[Moment]
    created_at: Mapped[Created]
    last_seen_at: Mapped[Created]
    user_agent: Mapped[str]
    ip: Mapped[str]
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ApiToken(Base):
    """A program's way in to one workspace."""

    __tablename__ = "api_token"
    __table_args__ = (one_of("scope", "read", "write", "admin"),)

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: The last four characters, to tell tokens apart in a list.
    hint: Mapped[str]
    scope: Mapped[str]
    created_at: Mapped[Created]
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
