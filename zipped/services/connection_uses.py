"""Which zips use a connection, in their draft or in what is live."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids

MAX_USES = 100  # zips of one connection

# A step may come to hold steps: the name is looked for at every depth. Each definition is read once, however many
# connections are asked for: a workspace may have a thousand of 256 KiB.
USES = text(
    f"""
    with uses as (
        select z.id, z.name, named.connection, bool_or(named.live) as in_live, bool_or(not named.live) as in_draft
        from zip z
        left join zip_version v on v.id = z.live_version_id
        cross join lateral (
            select jsonb_path_query(z.draft::jsonb, '$.**.connection') #>> '{{}}' as connection, false as live
            union all
            select jsonb_path_query(v.definition::jsonb, '$.**.connection') #>> '{{}}', true
        ) named
        where z.workspace_id = any(:workspace_ids) and z.deleted_at is null and named.connection = any(:names)
        group by z.id, z.name, named.connection
    ), numbered as (
        select uses.*, row_number() over (partition by connection order by id desc) as place from uses
    )
    select id, name, connection, in_live, in_draft from numbered where place <= {MAX_USES} order by id desc
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
    names = {ids.encode("con", id): id for id in connection_ids}
    rows = await session.execute(USES, {"names": list(names), "workspace_ids": list(workspace_ids)})
    found: dict[UUID, list[Use]] = {connection_id: [] for connection_id in connection_ids}
    for row in rows:
        found[names[row.connection]].append(Use(row.id, row.name, row.in_draft, row.in_live))
    return found
