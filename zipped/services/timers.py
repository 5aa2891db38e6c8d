"""When the next waiting run is due; waking it is `run_writes.wake_due`."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

NEXT_DUE = text(
    "select extract(epoch from min(wake_at) - clock_timestamp())::float8 from zip_run where status = 'waiting'"
)


async def next_due_in(session: AsyncSession) -> float | None:
    """Seconds until the next waiting run is due, by the database's clock; 0 or less: one is. None: none waits."""
    seconds: float | None = await session.scalar(NEXT_DUE)
    return seconds
