"""How the runs of a zip went lately, by hour: enough for a row of a list, and bounded whatever the zip does."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

HOURS: Final = 24
MAX_COUNTED: Final = 1000  # runs of one zip, the newest

# An id tells its time to the millisecond, so the range of ids is exact enough here.
COUNT = text(
    f"""
    select wanted.id as zip_id, date_trunc('hour', r.created_at) as start, count(*) as runs,
           count(*) filter (where r.status = 'succeeded') as succeeded,
           count(*) filter (where r.status in ('failed', 'dead')) as failed,
           count(*) filter (where r.status in ('queued', 'running', 'waiting')) as active,
           count(*) filter (where r.status = 'cancelled') as cancelled
    from unnest(cast(:zip_ids as uuid[])) as wanted(id)
    cross join lateral (
        select status, created_at from zip_run
        where zip_id = wanted.id and workspace_id = any(:workspace_ids)
          and id >= zipped_uuid_floor(now() - interval '{HOURS} hours')
        order by id desc limit {MAX_COUNTED}
    ) r
    group by 1, 2 order by 1, 2
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourStats:
    """The runs that began within one hour, by what has become of them so far."""

    start: datetime
    runs: int
    succeeded: int
    #: Failed or dead.
    failed: int
    #: Queued, running or waiting.
    active: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class ZipStats:
    """The runs of the last 24 hours; hours without one are left out."""

    hours: tuple[HourStats, ...] = ()

    @property
    def runs(self) -> int:
        """How many there were, as far as they were counted."""
        return sum(hour.runs for hour in self.hours)

    @property
    def failed(self) -> int:
        """How many of them failed."""
        return sum(hour.failed for hour in self.hours)

    @property
    def active(self) -> int:
        """How many of them have not ended."""
        return sum(hour.active for hour in self.hours)

    @property
    def capped(self) -> bool:
        """Whether there were more than the newest 1,000, which are all that is counted."""
        return self.runs >= MAX_COUNTED


async def by_zip_ids(
    session: AsyncSession, workspace_ids: Collection[UUID], zip_ids: Collection[UUID]
) -> dict[UUID, ZipStats]:
    """The last 24 hours of these zips, by the database's clock."""
    rows = await session.execute(COUNT, {"zip_ids": list(zip_ids), "workspace_ids": list(workspace_ids)})
    hours: dict[UUID, list[HourStats]] = {zip_id: [] for zip_id in zip_ids}
    for row in rows:
        hours[row.zip_id].append(
            HourStats(
                start=row.start,
                runs=row.runs,
                succeeded=row.succeeded,
                failed=row.failed,
                active=row.active,
                cancelled=row.cancelled,
            )
        )
    return {zip_id: ZipStats(tuple(found)) for zip_id, found in hours.items()}
