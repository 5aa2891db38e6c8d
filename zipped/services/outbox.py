"""The outbox: what is to be published, and the bell that wakes the relay for it.

Whoever writes a run inserts its rows in the same transaction. They are due the moment they commit; a relay takes
them, publishes them and marks what the broker has acknowledged. A relay that dies in between leaves them unmarked,
and they go out again: a message is a doorbell, and ringing twice does nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.db import DATABASE_ERRORS
from zipped.lines import Lines, Statements
from zipped.logs import get_logger

CHANNEL: Final = "zipped_outbox"
TAKE_LIMIT = 500  # rows in one transaction: 4 to 14 ms of work, and more brought little
RING_INTERVAL = 0.005  # seconds; one NOTIFY per commit cost 14,099 → 3,904 commits/s

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message on its way to `topic`."""

    id: int
    created_at: datetime
    topic: str
    key: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


# Never `id > last`: an id is drawn before its commit, so a smaller one may appear later.
TAKE: Final = text(
    """
    select id, created_at, topic, key, body, headers from zip_outbox
    where published_at is null order by id limit :limit for update skip locked
    """
)

# The bounds let the planner leave out every day but those of the batch.
MARK: Final = text(
    """
    update zip_outbox set published_at = clock_timestamp()
    where published_at is null and id = any(:ids) and created_at between :first and :last
    """
)

#: For the relay's own connection: whether anything is due, and whether the server is a primary no more.
ANY_DUE: Final = (
    "select exists (select from zip_outbox where published_at is null) as due, pg_is_in_recovery() as standby"
)

OLDEST_AGE = text(
    """
    select extract(epoch from clock_timestamp() - created_at)::float8 from zip_outbox
    where published_at is null order by id limit 1
    """
)

# Nothing is lost with a lost NOTIFY, so its commit need not wait for the disk.
RING = text(f"select set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', '')")


async def take(statements: Statements, *, limit: int = TAKE_LIMIT) -> list[OutboxRow]:
    """Lock and return the oldest rows that are not published and that no other relay holds.

    In a transaction on a connection of a `Database(by_index=True)`; others may find themselves sorting the backlog.
    """
    return [
        OutboxRow(id, created_at, topic, key, body, _headers(headers))
        for id, created_at, topic, key, body, headers in await statements.execute(TAKE, {"limit": limit})
    ]


async def mark_published(statements: Statements, rows: Sequence[OutboxRow]) -> None:
    """Note that the broker has acknowledged `rows`; only the transaction that took them may."""
    if not rows:
        return
    created = [row.created_at for row in rows]
    values = {"ids": [row.id for row in rows], "first": min(created), "last": max(created)}
    await statements.execute(MARK, values)


async def oldest_age(session: AsyncSession) -> float:
    """Seconds since the oldest row that is not published was written; 0 when all are."""
    return float(await session.scalar(OLDEST_AGE) or 0.0)


def _headers(stored: dict[str, str] | None) -> tuple[tuple[str, str], ...]:
    return tuple(stored.items()) if stored else ()


class Bell:
    """Wakes the relays: at most one NOTIFY per 5 ms and process, at once for the first ring.

    A ring that gets lost delays its rows by the relay's polling, 100 ms at most.
    """

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._rung = False
        self._task: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Say that outbox rows were committed. Call it after the commit; it does not wait."""
        self._rung = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def stop(self) -> None:
        """Send what was rung and end."""
        if self._task is not None:
            await self._task

    async def _work(self) -> None:
        while self._rung:
            self._rung = False
            try:
                async with self._lines.begin() as line:
                    await line.execute(RING)
            except DATABASE_ERRORS as error:  # an outage is told by who needs the database
                log.debug("outbox.bell_failed", reason=str(error))
            await asyncio.sleep(RING_INTERVAL)
