"""Partitions: made ahead, dropped once nothing of them is needed, and never with a row that is."""

import asyncio

import structlog
from sqlalchemy import text

from relay.retention import INTERVAL, SOON, Retention
from tests.integration import stored
from tests.integration.relay.aged import HISTORY_TABLES, counts, history, make_day, make_month, put_old, tables
from tests.integration.stored import make_zip
from zipped.db import Database


async def test_a_published_day_is_dropped_after_24_hours_and_one_with_an_unpublished_row_never(
    database: Database,
) -> None:
    published, unpublished, yesterday = [await make_day(database, age) for age in (3, 2, 1)]
    await put_old(database, 3, published=True)
    await put_old(database, 2, published=True)
    await put_old(database, 2, published=False)
    await put_old(database, 1, published=True)

    pause = await Retention(database).turn()

    left = await tables(database)
    assert published not in left
    assert {unpublished, yesterday} <= left
    assert await stored.rows(
        database, "select published_at is null, count(*) from zip_outbox group by 1 order by 1"
    ) == [
        (False, 2),
        (True, 1),
    ]
    assert 0.9 * INTERVAL <= pause <= 1.1 * INTERVAL


async def test_a_day_that_somebody_uses_is_left_for_the_next_time_without_waiting(database: Database) -> None:
    name = await make_day(database, 3)
    await put_old(database, 3, published=True)

    async with database.begin() as session:
        await session.execute(text(f"select from {name}"))
        async with asyncio.timeout(5):
            pause = await Retention(database).turn()
    kept = name in await tables(database)
    await Retention(database).turn()

    assert pause == SOON
    assert kept
    assert name not in await tables(database)


async def test_an_old_month_is_dropped_once_nothing_of_it_is_left(database: Database) -> None:
    of = await make_zip(database)
    month = await make_month(database, 100)
    await history(database, of, age=100)
    await history(database, of, age=0)

    await Retention(database).turn()

    left = await tables(database)
    assert f"event_body{month}" not in left
    assert f"step_attempt{month}" not in left
    assert await counts(database) == dict.fromkeys(HISTORY_TABLES, 1)


async def test_a_month_that_a_zip_still_keeps_is_not_dropped_though_it_is_empty(database: Database) -> None:
    of = await make_zip(database)
    await stored.execute(database, "update zip set retention_days = 365 where id = :id", id=of.zip_id)
    month = await make_month(database, 100)

    await Retention(database).turn()

    assert f"step_attempt{month}" in await tables(database)


async def test_partitions_are_made_ahead(database: Database) -> None:
    (day, month) = await stored.one(
        database,
        "select 'zip_outbox' || to_char(now() at time zone 'UTC' + interval '7 days', '_YYYY_MM_DD'), "
        "'event_body' || to_char(date_trunc('month', now() at time zone 'UTC') + interval '2 months', '_YYYY_MM')",
    )
    await stored.execute(database, f"drop table {day}")
    await stored.execute(database, f"drop table {month}")

    await Retention(database).turn()

    assert {day, month} <= await tables(database)


async def test_rows_in_a_default_partition_are_told_and_stop_no_other_partition_from_being_made(
    database: Database,
) -> None:
    (today, last) = await stored.one(
        database,
        "select 'zip_outbox' || to_char(now() at time zone 'UTC', '_YYYY_MM_DD'), "
        "'zip_outbox' || to_char(now() at time zone 'UTC' + interval '7 days', '_YYYY_MM_DD')",
    )
    await stored.execute(database, f"drop table {today}")
    await stored.execute(database, f"drop table {last}")
    await put_old(database, 0, published=False)  # nobody made its day: it lands in the default partition
    retention = Retention(database)

    with structlog.testing.capture_logs() as logs:
        await retention.turn()
    first = await tables(database)
    await stored.execute(database, "update zip_outbox set published_at = now()")
    await retention.turn()

    assert [(line["event"], line["table"]) for line in logs if line["log_level"] == "warning"] == [
        ("partition.default_not_empty", "zip_outbox_default")
    ]
    assert last in first
    assert today not in first
    assert today in await tables(database)  # once its rows were published they went, and the day could be made
    assert await stored.rows(database, "select count(*) from zip_outbox") == [(0,)]
