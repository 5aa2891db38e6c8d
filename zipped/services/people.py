"""The people whom a caller may see: those who share a workspace with them."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

FIND = text(
    """
    select id, name, email, created_at from "user" u
    where id = any(:ids)
      and exists (select from membership m where m.user_id = u.id and m.workspace_id = any(:workspace_ids))
    """
)


class Colleague(NamedTuple):
    """A person, without what only they may know."""

    id: UUID
    name: str
    email: str
    created_at: datetime


async def by_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], wanted: Collection[UUID]
) -> dict[UUID, Colleague]:
    """Those of the wanted people who are members of one of these workspaces."""
    rows = await session.execute(FIND, {"ids": list(wanted), "workspace_ids": list(workspace_ids)})
    return {row.id: Colleague(*row) for row in rows}
