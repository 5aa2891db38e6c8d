"""A hundred thousand runs and their events, and how to see what a statement reads of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, text

from tests.integration.services.conftest import Desk

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

EVENTS = """
    insert into event (id, workspace_id, zip_id, trigger_id, outcome, method, headers, body_size, run_id, received_at)
    select id, workspace_id, zip_id, zip_id, case when status = 'failed' then 'bad_signature' else 'accepted' end,
           'POST', '[]', 0, id, created_at
    from zip_run where created_at >= cast(:lowest as timestamptz) and created_at < cast(:highest as timestamptz)
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


async def fill_events(desk: Desk, until: datetime, rows: int) -> None:
    """The events of these runs, and what the planner should know of both; refused is one in a thousand."""
    for portion in range(0, rows + PORTION, PORTION):
        highest = until + timedelta(minutes=1) - timedelta(seconds=portion)
        async with desk.database.begin() as session:
            await session.execute(text(EVENTS), {"lowest": highest - timedelta(seconds=PORTION), "highest": highest})
    async with desk.database.begin() as session:
        await session.execute(text("analyze zip_run, event"))


@asynccontextmanager
async def statements(desk: Desk) -> AsyncIterator[list[tuple[str, Any]]]:
    """Every SELECT from here on, with its parameters as the driver gets them."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        if statement.lstrip().lower().startswith(("select", "with")) and "set_config" not in statement:
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
