"""Runs over time and events by outcome: exact numbers, their bounds, and what a hundred thousand rows cost."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.integration.services.conftest import Desk
from tests.integration.services.many_runs import ROWS, fill, fill_events, nodes, plan, rows_read, statements
from zipped.errors import ValidationFailed
from zipped.services import event_counts, run_counts
from zipped.services.event_counts import EventCount
from zipped.services.events import EventFilter
from zipped.services.run_counts import RunCounts
from zipped.services.runs import RunFilter

WORDS = ("succeeded", "failed", "waiting", "active", "cancelled")
WORD_OF = {"dead": "failed", "queued": "active", "running": "active"}


async def counted(desk: Desk, filter: RunFilter | None = None, *, hours: int = 1, parts: int = 60) -> RunCounts:
    async with desk.begin() as session:
        return await run_counts.over_time(session, desk.workspace_id, filter=filter, hours=hours, parts=parts)


def told(found: RunCounts) -> Counter[tuple[datetime, str]]:
    """What was counted, without the parts that had none of it."""
    numbers = {(one.start, word): getattr(one, word) for one in found.counts for word in WORDS}
    return +Counter(numbers)


def expected(runs: list[tuple[Any, ...]], found: RunCounts) -> Counter[tuple[datetime, str]]:
    """The same from the rows themselves, each in the part of the moment that its id tells."""
    length, first = timedelta(seconds=found.seconds), found.counts[0].start
    numbers: Counter[tuple[datetime, str]] = Counter()
    for moment, status, *_ in runs:
        part = first + (moment - first) // length * length
        if first <= part <= found.counts[-1].start:
            numbers[part, WORD_OF.get(status, status)] += 1
    return numbers


async def test_runs_are_counted_where_they_began(desk: Desk, other_desk: Desk) -> None:
    # given
    _, quiet_id = await fill(desk, other_desk, 3000)
    for status, number in (("waiting", 5), ("running", 3), ("queued", 2), ("dead", 1)):
        async with desk.database.begin() as session:
            await session.execute(
                text(
                    """update zip_run set status = :status, ended_by = null where id in (
                    select id from zip_run where workspace_id = :workspace and status = 'succeeded'
                    order by id limit :number)"""
                ),
                {"status": status, "number": number, "workspace": desk.workspace_id},
            )
    rows = await desk.all(
        "select uuid_extract_timestamp(id), status, zip_id, ended_by from zip_run where workspace_id = :workspace",
        workspace=desk.workspace_id,
    )
    cut = datetime.now(UTC) - timedelta(seconds=777)

    # when
    every = await counted(desk)
    quiet = await counted(desk, RunFilter(zip_id=quiet_id, statuses=("succeeded", "waiting")), hours=2, parts=24)
    earlier = await counted(desk, RunFilter(created_before=cut, statuses=("failed", "cancelled")))
    later = await counted(desk, RunFilter(created_from=cut))
    filtered = await counted(desk, RunFilter(ended_by=("filter",)))
    none = await counted(desk, RunFilter(ended_by=("filter",), statuses=("failed",)))

    # then
    starts = [one.start for one in every.counts]
    assert starts == [starts[0] + timedelta(minutes=number) for number in range(60)]
    assert starts[-1] <= datetime.now(UTC) < starts[-1] + timedelta(minutes=2)
    assert all(start.second == start.microsecond == 0 for start in starts)
    assert told(every) == expected(rows, every)
    assert {word for _, word in told(every)} == set(WORDS)
    assert (quiet.seconds, len(quiet.counts), quiet.capped) == (300, 24, False)
    assert told(quiet) == expected(
        [row for row in rows if row[2] == quiet_id and row[1] in ("succeeded", "waiting")], quiet
    )
    assert earlier.counts[-1].start < cut <= earlier.counts[-1].start + timedelta(minutes=1)
    assert told(earlier) == expected(
        [row for row in rows if row[0] < cut and row[1] in ("failed", "cancelled")], earlier
    )
    assert told(later) == expected([row for row in rows if row[0] >= cut], later)
    assert told(filtered) == expected([row for row in rows if row[3] == "filter"], filtered)
    assert told(none) == Counter()


async def test_a_part_with_too_many_says_so(desk: Desk, other_desk: Desk) -> None:
    # given
    zip_id, _ = await fill(desk, other_desk, 9000)

    # when
    found = await counted(desk, hours=run_counts.MAX_HOURS, parts=1)
    of_zip = await counted(desk, RunFilter(zip_id=zip_id), hours=run_counts.MAX_HOURS, parts=1)
    fine = await counted(desk, hours=3, parts=3)

    # then
    assert (found.capped, of_zip.capped) == (True, True)
    assert sum(told(found).values()) == 5000
    assert sum(told(of_zip).values()) == 5000
    assert fine.capped is False


@pytest.mark.parametrize(
    ("hours", "parts", "named"),
    [(0, 1, "hours"), (2209, 1, "hours"), (1, 0, "parts"), (1, 121, "parts"), (1, 7, "parts")],
)
async def test_a_chart_of_another_size_is_refused(desk: Desk, hours: int, parts: int, named: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await counted(desk, hours=hours, parts=parts)

    assert refused.value.path == (named,)
    assert refused.value.problems[0].fix


async def test_events_are_counted_by_outcome(desk: Desk, other_desk: Desk) -> None:
    # given
    zip_id, quiet_id = await fill(desk, other_desk, 3000)
    now = datetime.now(UTC)
    await fill_events(desk, now, 3000)

    async def of(**chosen: Any) -> list[tuple[str, int]]:
        async with desk.begin() as session:
            found = await event_counts.by_outcome(session, desk.workspace_id, filter=EventFilter(**chosen))
        assert found.capped is False
        return [(one.outcome, one.events) for one in found.counts]

    async def stored(where: str, **values: Any) -> list[tuple[Any, ...]]:
        return await desk.all(
            f"""select outcome, count(*) from event where workspace_id = :workspace and {where}
            group by 1 order by outcome""",
            workspace=desk.workspace_id,
            **values,
        )

    # when, then
    since = now - timedelta(seconds=1800)
    assert await of() == await stored("true") == [("accepted", 1998), ("bad_signature", 2)]
    assert await of(outcomes=("bad_signature", "draft")) == [("bad_signature", 2)]
    assert await of(zip_id=quiet_id) == await stored("zip_id = :zip", zip=quiet_id)
    assert await of(zip_id=zip_id, outcomes=("accepted",)) == [
        row for row in await stored("zip_id = :zip", zip=zip_id) if row[0] == "accepted"
    ]
    assert await of(received_from=since) == await stored("received_at >= :since", since=since)
    assert await of(received_before=since) == await stored("received_at < :since", since=since)


async def test_counting_reads_no_row_twice(desk: Desk, other_desk: Desk) -> None:
    # given
    _, quiet_id = await fill(desk, other_desk, ROWS)
    await fill_events(desk, datetime.now(UTC), ROWS)
    charts = [
        (RunFilter(), ROWS),
        (RunFilter(statuses=("failed", "dead")), ROWS),
        (RunFilter(zip_id=quiet_id), ROWS),
        (RunFilter(zip_id=quiet_id, ended_by=("filter",)), ROWS),
    ]
    ledgers = [
        (EventFilter(), 11_000),
        (EventFilter(outcomes=("bad_signature",)), 11_000),
        (EventFilter(zip_id=quiet_id), 15_000),
        (EventFilter(received_from=datetime.now(UTC) - timedelta(hours=1)), 4_000),
    ]

    # when
    async with statements(desk) as seen:
        for filter, _ in charts:
            await counted(desk, filter, hours=24, parts=96)
        for wanted, _ in ledgers:
            async with desk.begin() as session:
                found = await event_counts.by_outcome(session, desk.workspace_id, filter=wanted)
            if not wanted.zip_id and not wanted.received_from:
                assert EventCount("bad_signature", 67) in found.counts

    # then
    for (statement, parameters), (asked, most) in zip(seen, [*charts, *ledgers], strict=True):
        performed = await plan(desk, statement, parameters)
        assert "Seq Scan" not in {node["Node Type"] for node in nodes(performed)}, asked
        assert rows_read(performed) <= most, asked
