"""What of its history a zip keeps, how long, and above all what is never deleted."""

import pytest

from relay.retention import Retention
from tests.integration import stored
from tests.integration.relay.aged import HISTORY_TABLES, counts, history, make_month, tables
from tests.integration.stored import make_zip
from zipped.db import Database


async def test_history_goes_by_the_days_of_its_zip_or_its_workspace(database: Database) -> None:
    short, usual = await make_zip(database), await make_zip(database)
    await stored.execute(database, "update zip set retention_days = 5 where id = :id", id=short.zip_id)
    await make_month(database, 40)
    await make_month(database, 20)
    await make_month(database, 6)
    gone = [
        await history(database, short, age=6),
        await history(database, short, age=40, status="dead"),
        await history(database, usual, age=40, status="failed"),
    ]
    kept = [await history(database, short, age=4), await history(database, usual, age=20)]

    await Retention(database).turn()

    left = {run_id for (run_id,) in await stored.rows(database, "select id from zip_run")}
    assert left == {old.run_id for old in kept}
    assert not left & {old.run_id for old in gone}
    assert await counts(database) == dict.fromkeys(HISTORY_TABLES, 2)


@pytest.mark.parametrize("status", ["queued", "running", "waiting"])
async def test_what_is_not_finished_is_kept_however_old_with_its_event_and_its_months(
    database: Database, status: str
) -> None:
    of = await make_zip(database)
    month = await make_month(database, 100)
    await history(database, of, age=100, status=status)
    await history(database, of, age=100)

    await Retention(database).turn()

    assert await counts(database) == dict.fromkeys(HISTORY_TABLES, 1)
    assert {f"event_body{month}", f"step_attempt{month}"} <= await tables(database)


async def test_a_run_that_waited_long_is_kept_from_its_end_on(database: Database) -> None:
    of = await make_zip(database)
    month = await make_month(database, 100)
    await history(database, of, age=100, ended=3)

    await Retention(database).turn()

    assert await counts(database) == dict.fromkeys(HISTORY_TABLES, 1)
    assert f"step_attempt{month}" in await tables(database)


async def test_an_event_is_kept_for_its_replay(database: Database) -> None:
    of = await make_zip(database)
    await make_month(database, 40)
    first = await history(database, of, age=40)
    await stored.execute(
        database,
        """
        insert into zip_run (workspace_id, zip_id, version_id, event_id, root_run_id, parent_run_id, status)
        values (:workspace_id, :zip_id, :version_id, :event_id, :first, :first, 'running')
        """,
        workspace_id=of.workspace_id,
        zip_id=of.zip_id,
        version_id=of.version_id,
        event_id=first.event_id,
        first=first.run_id,
    )

    await Retention(database).turn()

    left = await counts(database)
    assert (left["event"], left["event_body"], left["zip_run"], left["step_attempt"]) == (1, 1, 1, 0)


async def test_a_deleted_zip_goes_after_its_history(database: Database) -> None:
    with_history, without, living = [await make_zip(database) for _ in range(3)]
    for of in (with_history, without):
        await stored.execute(
            database, "update zip set deleted_at = now() - interval '31 days' where id = :id", id=of.zip_id
        )
    await history(database, with_history, age=1)

    await Retention(database).turn()

    left = {zip_id for (zip_id,) in await stored.rows(database, "select id from zip")}
    assert left == {with_history.zip_id, living.zip_id}


async def test_a_test_of_a_step_is_kept_as_long_as_its_zips_history(database: Database) -> None:
    made = """
        insert into step_test (zip_id, step_id, workspace_id, id, step_sha256, samples, effect, outcome, calls,
                               input_size, duration_ms, tested_at)
        select id, :step_id, workspace_id, uuidv7(), '', '[]', 'pure', 'succeeded', '[]', 2, 1,
               now() - make_interval(days => cast(:age as int)) from zip where id = :id
    """
    longer, usual = await make_zip(database), await make_zip(database)
    await stored.execute(database, "update zip set retention_days = 90 where id = :id", id=longer.zip_id)
    for age in (29, 31, 91):
        for of in (longer, usual):
            await stored.execute(database, made, id=of.zip_id, step_id=f"s{age}", age=age)

    await Retention(database).turn()

    kept = await stored.rows(database, "select zip_id, step_id from step_test order by step_id")
    assert {(zip_id, step_id) for zip_id, step_id in kept} == {
        (longer.zip_id, "s29"),
        (longer.zip_id, "s31"),
        (usual.zip_id, "s29"),
    }
