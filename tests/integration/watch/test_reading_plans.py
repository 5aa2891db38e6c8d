"""A reading costs what it finds: an index leads it to what a cursor has not seen, behind the policies as well."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.stored import StoredZip, execute, make_runs, make_zip
from tests.integration.watch.reading import WRITE, changed, moment, watched, write
from zipped.db import Database
from zipped.lines import Lines
from zipped.services import run_updates
from zipped.services.run_cursor import Cursor
from zipped.services.run_updates import Kind, Watched

INDEXES: dict[Kind, str] = {
    "zip": "zip_run_zip_id_changed_xid_idx",
    "workspace": "zip_run_workspace_id_changed_xid_idx",
}
HISTORY = 20_000  # runs


SPREAD = """
    update zip_run r set
        changed_xid = cast(cast(3 + n % 700 as text) as xid8),
        zip_id = case when n % 40 > 0 then md5('zip' || n % 2000)::uuid else r.zip_id end,
        workspace_id = case when n % 10 > 0 then md5('workspace' || n % 10)::uuid else r.workspace_id end
    from (select id, row_number() over (order by id) as n from zip_run) numbered where numbered.id = r.id
"""


async def make_history(database: Database) -> StoredZip:
    """One zip of two thousand, in one workspace of ten; all runs were written some time ago."""
    stored = await make_zip(database)
    await make_runs(database, stored, HISTORY)
    await execute(database, SPREAD)
    await execute(database, "analyze zip_run")
    return stored


@pytest.fixture
async def readers(database_url: str) -> AsyncIterator[Lines]:
    """Connections as the hub has them."""
    database = Database(database_url, pool_size=1, application_name="tests-watch", pinned=True, by_index=True)
    lines = Lines(database, size=1)
    yield lines
    await lines.close()
    await database.dispose()


async def explained(readers: Lines, subject: Watched, cursor: Cursor) -> list[dict[str, Any]]:
    """The scans of zip_run in a reading by the role of the api, as they were carried out."""
    query = text("explain (analyze, format json) " + run_updates.statement(frozenset({subject.kind})).text)
    values = run_updates.parameters([(subject, cursor)], limit=256)
    async with readers.begin_as([subject.workspace_id]) as line:
        [[[plan]]] = await line.execute(query, values)
    return [node for node in nodes(plan["Plan"]) if node.get("Relation Name") == "zip_run"]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's nodes."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


@pytest.mark.parametrize("kind", INDEXES)
async def test_what_changed_is_found_by_the_index_and_nothing_else_is_touched(
    database: Database, readers: Lines, kind: Kind
) -> None:
    stored = await make_history(database)
    run_ids = await make_runs(database, stored, 5)
    cursor = (await moment(database)).cursor
    await write(database, *run_ids)

    scans = await explained(readers, watched(stored, kind), cursor)

    assert {scan["Index Name"] for scan in scans} == {INDEXES[kind]}
    assert all("changed_xid" in scan["Index Cond"] for scan in scans)
    assert sum(scan["Actual Rows"] * scan["Actual Loops"] for scan in scans) == 5
    assert sum(scan.get("Rows Removed by Filter", 0) for scan in scans) == 0


@pytest.mark.parametrize("kind", INDEXES)
async def test_a_transaction_that_stays_open_makes_no_reading_longer(
    database: Database, readers: Lines, kind: Kind
) -> None:
    stored = await make_history(database)
    [held, told] = await make_runs(database, stored, 2)
    async with database.begin() as long:
        await long.execute(WRITE, {"ids": [held], "status": "running"})
        await write(database, told)
        await execute(database, "update zip_run set changed_xid = pg_current_xact_id() where id <> :id", id=held)
        cursor = (await moment(database)).cursor
        assert (await changed(database, watched(stored, kind), cursor)).runs == []

        scans = await explained(readers, watched(stored, kind), cursor)

        # All that was told since that transaction began is not looked at again.
        assert cursor.since.running
        assert {scan["Index Name"] for scan in scans} == {INDEXES[kind]}
        assert sum(scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) for scan in scans) == 0
    assert [run.id for run in (await changed(database, watched(stored, kind), cursor)).runs] == [held]


async def test_one_run_is_found_by_its_id(database: Database, readers: Lines) -> None:
    stored = await make_history(database)
    cursor = (await moment(database)).cursor
    run_id, *_ = await make_runs(database, stored, 5)

    scans = await explained(readers, watched(stored, "run", run_id), cursor)

    assert [(scan["Index Name"], scan["Actual Rows"]) for scan in scans] == [("zip_run_pkey", 1)]
