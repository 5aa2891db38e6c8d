"""Workspaces and who is in them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

FIND = text(
    """
    select id, name, personal_user_id is not null as is_personal, retention_days, created_at
    from workspace where id = any(:ids) order by personal_user_id is null, id
    """
)

MEMBERSHIPS = text("select workspace_id, role from membership where user_id = :user_id")

INSERT_PERSONAL = text(
    """
    with made as (insert into workspace (name, personal_user_id) values (:name, :user_id) returning id)
    insert into membership (workspace_id, user_id, role) select id, :user_id, 'owner' from made
    returning workspace_id
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRow:
    """A workspace as it is stored."""

    id: UUID
    name: str
    is_personal: bool
    retention_days: int
    created_at: datetime

    @classmethod
    def of(cls, row: RowMapping) -> "WorkspaceRow":
        """From a row of FIND."""
        return cls(**row)


async def find(session: AsyncSession, workspace_id: UUID) -> WorkspaceRow | None:
    """One workspace."""
    found = await find_all(session, [workspace_id])
    return found[0] if found else None


async def find_all(session: AsyncSession, workspace_ids: Collection[UUID]) -> list[WorkspaceRow]:
    """These workspaces, the personal one first, then by age."""
    result = await session.execute(FIND, {"ids": list(workspace_ids)})
    return [WorkspaceRow.of(row) for row in result.mappings()]


async def memberships(session: AsyncSession, user_id: UUID) -> Mapping[UUID, str]:
    """Role by workspace of a person. Needs the login role: across workspaces."""
    result = await session.execute(MEMBERSHIPS, {"user_id": user_id})
    return {row.workspace_id: row.role for row in result}


async def create_personal(session: AsyncSession, user_id: UUID, *, name: str) -> UUID:
    """A person's own workspace, with them as its owner. Needs the login role."""
    created: UUID = (await session.execute(INSERT_PERSONAL, {"user_id": user_id, "name": name})).scalar_one()
    return created
