"""What the pool holds when the database has been restarted meanwhile."""

import asyncio
from typing import Any

from sqlalchemy import text

from zipped.db import Database

OTHERS = text("select pg_terminate_backend(pid) from pg_stat_activity where application_name = :name")


async def test_who_comes_first_after_a_restart_gets_a_new_connection(database: Database, database_url: str) -> None:
    pool = Database(database_url, pool_size=2, application_name="idle")
    held: list[Any] = []
    async with pool.begin() as one, pool.begin() as other:
        for session in (one, other):
            connection = await (await session.connection()).get_raw_connection()
            held.append(connection.driver_connection)
    async with database.begin() as session:
        await session.execute(OTHERS, {"name": "idle"})
    async with asyncio.timeout(10):
        while not all(connection.is_closed() for connection in held):  # noqa: ASYNC110  # the driver offers no event
            await asyncio.sleep(0.01)

    async with pool.begin() as one, pool.begin() as other:
        answers = [await session.scalar(text("select 1")) for session in (one, other)]
    await pool.dispose()

    assert answers == [1, 1]
