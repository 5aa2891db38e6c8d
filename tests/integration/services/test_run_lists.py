"""Lists of runs and events: what they hold, page by page, and that a hundred thousand rows are never read through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, text

from tests.integration.services.conftest import Desk
from zipped.services import events, runs
from zipped.services.events import EventFilter
from zipped.services.pages import Place
from zipped.services.runs import RunFilter

FILL = """
    with made as (
        select n, now() - make_interval(secs => cast(:rows as int) - n) as moment
        from generate_series(cast(:lowest as int), cast(:highest as int)) n
    )
    insert into zip_run
        (id, workspace_id, zip_id, version_id, event_id, root_run_id, status, ended_by, created_at)
    select (left(zipped_uuid_floor(moment)::text, 14) || '7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-'
                || lpad(to_hex(n), 12, '0'))::uuid,
           case when n % 3 = 0 then cast(:other as uuid) else cast(:workspace as uuid) end,
           case when n % 7 = 0 then cast(:quiet as uuid) else cast(:zip as uuid) end,
           uuidv7(), uuidv7(), uuidv7(),
           case when n % 1000 = 0 then 'failed' when n % 50 = 0 then 'cancelled' else 'succeeded' end,
           case when n % 1000 = 0 then 'error' when n % 50 = 0 then 'cancel' when n % 11 = 0 then 'filter'
                else 'end' end,
           moment
    from made
"""

ROWS = 100_000
PORTION = 10_000  # rows of one statement, well within its time-out


async def fill(desk: Desk, other: Desk, rows: int) -> tuple[UUID, UUID]:
    """Runs a second apart, up to now: a third of them somebody else's; failed is one in a thousand."""
    zip, _ = await desk.live()
    quiet, _ = await desk.live()
    values = {
        "rows": rows,
        "workspace": desk.workspace_id,
        "other": other.workspace_id,
        "zip": zip.id,
        "quiet": quiet.id,
    }
    for lowest in range(1, rows + 1, PORTION):
        async with desk.database.begin() as session:
            portion = {"lowest": lowest, "highest": min(lowest + PORTION - 1, rows)}
            await session.execute(text(FILL), {**values, **portion})
    return zip.id, quiet.id


async def walk(desk: Desk, filter: RunFilter, first: int) -> list[Any]:
    """The whole list, page by page."""
    found: list[Any] = []
    place = Place(first=first)
    while True:
        async with desk.begin() as session:
            page = await runs.page(session, desk.workspace_id, filter=filter, place=place)
        found += page.nodes
        if not page.has_next:
            return found
        place = Place(first=first, after=page.nodes[-1].id)


async def test_filters_hold_together_and_pages_add_up(desk: Desk, other_desk: Desk) -> None:
    # given
    zip_id, quiet_id = await fill(desk, other_desk, 3000)
    now = datetime.now(UTC)
    every = await walk(desk, RunFilter(), 97)

    # when, then
    assert len(every) == 2000
    assert [run.id for run in every] == sorted((run.id for run in every), reverse=True)
    assert {run.workspace_id for run in every} == {desk.workspace_id}

    async def same(filter: RunFilter, expected: list[Any]) -> None:
        assert expected
        for first in (1000, 13):
            assert [run.id for run in await walk(desk, filter, first)][:200] == [run.id for run in expected][:200]

    await same(RunFilter(zip_id=quiet_id), [run for run in every if run.zip_id == quiet_id])
    await same(RunFilter(statuses=("failed",)), [run for run in every if run.status == "failed"])
    await same(
        RunFilter(statuses=("failed", "cancelled"), zip_id=zip_id),
        [run for run in every if run.status in ("failed", "cancelled") and run.zip_id == zip_id],
    )
    await same(RunFilter(ended_by=("filter", "error")), [run for run in every if run.ended_by in ("filter", "error")])
    start, end = now - timedelta(seconds=1500), now - timedelta(seconds=1000)
    await same(
        RunFilter(created_from=start, created_before=end, statuses=("cancelled",)),
        [run for run in every if run.status == "cancelled" and start <= run.created_at < end],
    )
    exact = every[700].created_at
    await same(
        RunFilter(created_from=exact, created_before=exact + timedelta(microseconds=1)),
        [run for run in every if run.created_at == exact],
    )
    assert await walk(desk, RunFilter(statuses=("succeeded",), ended_by=("error",)), 10) == []


async def test_what_starts_meanwhile_moves_no_page(desk: Desk, other_desk: Desk) -> None:
    # given
    zip_id, _ = await fill(desk, other_desk, 300)
    every = await walk(desk, RunFilter(), 100)
    async with desk.begin() as session:
        first = await runs.page(session, desk.workspace_id, place=Place(first=10))

    # when
    async with desk.begin() as session:
        started = await runs.start(session, desk.workspace_id, zip_id, actor=desk.actor)
    async with desk.begin() as session:
        second = await runs.page(session, desk.workspace_id, place=Place(first=10, after=first.nodes[-1].id))
        newer = await runs.page(session, desk.workspace_id, place=Place(before=first.nodes[0].id))

    # then
    assert [run.id for run in first.nodes + second.nodes] == [run.id for run in every[:20]]
    assert [run.id for run in newer.nodes] == [started.id]


@asynccontextmanager
async def statements(desk: Desk) -> AsyncIterator[list[tuple[str, Any]]]:
    """Every SELECT from here on, with its parameters as the driver gets them."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        if statement.lstrip().lower().startswith("select") and "set_config" not in statement:
            seen.append((statement, parameters))

    engine = desk.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def plan(desk: Desk, statement: str, parameters: Any) -> dict[str, Any]:
    """How PostgreSQL performs it, for the role and workspace of a GraphQL caller."""
    async with desk.begin() as session:
        connection = await session.connection()
        result = await connection.exec_driver_sql(f"explain (analyze, format json) {statement}", parameters)
        plan: dict[str, Any] = result.scalar_one()[0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def rows_read(plan: dict[str, Any]) -> int:
    """Rows that were looked at in the tables, also those that a filter threw away."""
    return sum(
        int((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
        for node in nodes(plan)
        if "Relation Name" in node
    )


EVENTS = """
    insert into event (id, workspace_id, zip_id, trigger_id, outcome, method, headers, body_size, run_id, received_at)
    select id, workspace_id, zip_id, zip_id, case when status = 'failed' then 'bad_signature' else 'accepted' end,
           'POST', '[]', 0, id, created_at
    from zip_run where created_at >= cast(:lowest as timestamptz) and created_at < cast(:highest as timestamptz)
"""


async def test_no_filter_reads_through_a_hundred_thousand_rows(desk: Desk, other_desk: Desk) -> None:
    # given
    _, quiet_id = await fill(desk, other_desk, ROWS)
    now = datetime.now(UTC)
    for portion in range(0, ROWS + PORTION, PORTION):
        highest = now + timedelta(minutes=1) - timedelta(seconds=portion)
        async with desk.database.begin() as session:
            await session.execute(text(EVENTS), {"lowest": highest - timedelta(seconds=PORTION), "highest": highest})
    async with desk.database.begin() as session:
        await session.execute(text("analyze zip_run, event"))
    between = {"from": now - timedelta(hours=20), "before": now - timedelta(hours=19)}
    of_runs = [
        RunFilter(),
        RunFilter(statuses=("failed",)),
        RunFilter(statuses=("failed", "cancelled", "succeeded")),
        RunFilter(statuses=("waiting", "running")),
        RunFilter(ended_by=("error",)),
        RunFilter(ended_by=("filter",)),
        RunFilter(zip_id=quiet_id),
        RunFilter(zip_id=quiet_id, statuses=("failed",)),
        RunFilter(created_from=between["from"], created_before=between["before"]),
        RunFilter(created_before=between["from"], statuses=("failed",)),
    ]
    of_events = [
        EventFilter(),
        EventFilter(outcomes=("bad_signature", "conflict")),
        EventFilter(outcomes=("throttled",)),
        EventFilter(outcomes=("accepted", "duplicate")),
        EventFilter(zip_id=quiet_id),
        EventFilter(received_from=between["from"], received_before=between["before"]),
    ]

    # when
    async with statements(desk) as seen:
        for filter in of_runs:
            async with desk.begin() as session:
                page = await runs.page(session, desk.workspace_id, filter=filter)
                await runs.page(
                    session,
                    desk.workspace_id,
                    filter=filter,
                    place=Place(after=page.nodes[-1].id if page.nodes else quiet_id),
                )
        for wanted in of_events:
            async with desk.begin() as session:
                await events.page(session, desk.workspace_id, filter=wanted)

    # then
    asked = [filter for filter in of_runs for _ in range(2)] + of_events
    assert len(seen) == len(asked)
    read: list[tuple[object, int]] = []
    for filter, (statement, parameters) in zip(asked, seen, strict=True):
        found = await plan(desk, statement, parameters)
        assert "Seq Scan" not in {node["Node Type"] for node in nodes(found)}, filter
        read.append((filter, rows_read(found)))
    assert [(filter, count) for filter, count in read if count > 2000] == []
