"""Outbox rows for tests, and what became of them."""

from uuid import uuid4

from tests.integration import stored
from zipped.db import Database
from zipped.messages import EXECUTION

INSERT = """
    insert into zip_outbox (topic, key, body)
    select :topic, key, convert_to('{}', 'UTF8') from unnest(cast(:keys as text[])) as key
"""


def new_keys(count: int) -> list[str]:
    return [f"run_{uuid4()}" for _ in range(count)]


async def put(database: Database, count: int, *, topic: str = EXECUTION) -> list[str]:
    """Commit so many rows; their keys."""
    keys = new_keys(count)
    await stored.execute(database, INSERT, topic=topic, keys=keys)
    return keys


async def unpublished(database: Database) -> list[str]:
    """Keys of the rows that are not marked, in order."""
    return [
        key
        for (key,) in await stored.rows(database, "select key from zip_outbox where published_at is null order by id")
    ]
