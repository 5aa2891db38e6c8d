"""Lists of runs and events: what they hold, page by page, and that a hundred thousand rows are never read through."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.services.conftest import Desk
from tests.integration.services.many_runs import ROWS, fill, fill_events, nodes, plan, rows_read, statements
from zipped.services import events, runs
from zipped.services.events import EventFilter
from zipped.services.pages import Place
from zipped.services.runs import RunFilter


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


async def test_no_filter_reads_through_a_hundred_thousand_rows(desk: Desk, other_desk: Desk) -> None:
    # given
    _, quiet_id = await fill(desk, other_desk, ROWS)
    now = datetime.now(UTC)
    await fill_events(desk, now, ROWS)
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
    asked: list[object] = [*(filter for filter in of_runs for _ in range(2)), *of_events]
    assert len(seen) == len(asked)
    read: list[tuple[object, int]] = []
    for asked_for, (statement, parameters) in zip(asked, seen, strict=True):
        found = await plan(desk, statement, parameters)
        assert "Seq Scan" not in {node["Node Type"] for node in nodes(found)}, asked_for
        read.append((asked_for, rows_read(found)))
    assert [(asked_for, count) for asked_for, count in read if count > 2000] == []
