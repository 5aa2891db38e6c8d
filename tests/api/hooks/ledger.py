"""Reads what the door left in the database."""

from typing import Any

from sqlalchemy import text

from tests.fixtures.waiting import until
from zipped.db import Database


async def rows(database: Database, query: str, **values: Any) -> list[Any]:
    """The rows of a query."""
    async with database.begin() as session:
        return list(await session.execute(text(query), values))


async def events(database: Database, *, expect: int) -> list[Any]:
    """All events in order, with their bodies, once there are as many; refusals are written a moment later."""
    query = "select e.*, b.body, b.truncated from event e left join event_body b on b.event_id = e.id order by e.id"
    found: list[Any] = []

    async def all_there() -> bool:
        found[:] = await rows(database, query)
        return len(found) >= expect

    await until(all_there)
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
