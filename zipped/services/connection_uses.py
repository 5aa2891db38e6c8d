"""Which zips use a connection, in their draft or in what is live."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids

MAX_USES = 100  # zips of one connection

# A step may come to hold steps: the name is looked for at every depth.
USES = text(
    f"""
    select wanted.connection_id, z.* from unnest(
        cast(:connection_ids as uuid[]), cast(:names as jsonb[])
    ) as wanted(connection_id, name)
    cross join lateral (
        select z.id, z.name, live.used as in_live, draft.used as in_draft
        from zip z
        left join zip_version v on v.id = z.live_version_id
        cross join lateral (
            select jsonb_path_exists(z.draft::jsonb, '$.**.connection ? (@ == $name)', wanted.name) as used
        ) draft
        cross join lateral (
            select coalesce(
                jsonb_path_exists(v.definition::jsonb, '$.**.connection ? (@ == $name)', wanted.name), false
            ) as used
        ) live
        where z.workspace_id = any(:workspace_ids) and z.deleted_at is null and (draft.used or live.used)
        order by z.id desc limit {MAX_USES}
    ) z
    """
)


class Use(NamedTuple):
    """A zip that uses a connection."""

    zip_id: UUID
    name: str
    in_draft: bool
    in_live: bool


async def by_connection_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], connection_ids: Collection[UUID]
) -> dict[UUID, list[Use]]:
    """The zips that use these connections, newest first; at most 100 a connection. Deleted zips don't count."""
    names = [f'{{"name": "{ids.encode("con", id)}"}}' for id in connection_ids]
    rows = await session.execute(
        USES, {"connection_ids": list(connection_ids), "names": names, "workspace_ids": list(workspace_ids)}
    )
    found: dict[UUID, list[Use]] = {connection_id: [] for connection_id in connection_ids}
    for row in rows:
        found[row.connection_id].append(Use(row.id, row.name, row.in_draft, row.in_live))
    return found
