"""Ids from the database and the name that a sealed secret of a row is bound to."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def new_id(session: AsyncSession) -> UUID:
    """A fresh id of the database's clock, for a row whose id must be known before it is inserted."""
    value: UUID = (await session.execute(text("select uuidv7()"))).scalar_one()
    return value


def seal_name(workspace_id: UUID, row_id: UUID) -> bytes:
    """What secrets of this row are sealed and opened with: moved to another row, they don't open."""
    return workspace_id.bytes + row_id.bytes
