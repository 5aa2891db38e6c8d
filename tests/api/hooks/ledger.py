"""Reads what the door left in the database."""

import asyncio
from typing import Any

from sqlalchemy import text

from zipped.db import Database


async def rows(database: Database, query: str, **values: Any) -> list[Any]:
    """The rows of a query."""
    async with database.begin() as session:
        return list(await session.execute(text(query), values))


async def events(database: Database, *, expect: int) -> list[Any]:
    """All events in order, with their bodies, once there are as many; refusals are written a moment later."""
    query = "select e.*, b.body, b.truncated from event e left join event_body b on b.event_id = e.id order by e.id"
    async with asyncio.timeout(5):
        while len(found := await rows(database, query)) < expect:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert len(found) == expect
    return found


async def counts(database: Database) -> tuple[int, int, int, int]:
    """Runs, outbox rows, keys, events."""
    [found] = await rows(
        database,
        "select (select count(*) from zip_run), (select count(*) from zip_outbox), (select count(*) from dedupe), "
        "(select count(*) from event)",
    )
    return (found[0], found[1], found[2], found[3])
