"""Ids of rows: a fresh one, whose it is, and what its secrets are bound to."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

#: By the prefix of their public ids: what belongs to a workspace and can be named in a mutation.
OWNED: Final = {
    "zip": "zip",
    "ver": "zip_version",
    "trg": "trigger",
    "evt": "event",
    "run": "zip_run",
    "con": "connection",
}


async def new_id(session: AsyncSession) -> UUID:
    """A fresh id of the database's clock, for a row whose id must be known before it is inserted."""
    value: UUID = (await session.execute(text("select uuidv7()"))).scalar_one()
    return value


async def workspace_of(session: AsyncSession, workspace_ids: Collection[UUID], *, prefix: str, id: UUID) -> UUID | None:
    """Which of these workspaces a row belongs to; None when to none of them."""
    query = text(f"select workspace_id from {OWNED[prefix]} where id = :id and workspace_id = any(:workspace_ids)")
    found: UUID | None = await session.scalar(query, {"id": id, "workspace_ids": list(workspace_ids)})
    return found


def seal_name(workspace_id: UUID, row_id: UUID) -> bytes:
    """What secrets of this row are sealed and opened with: moved to another row, they don't open."""
    return workspace_id.bytes + row_id.bytes
