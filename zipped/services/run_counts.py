"""How many runs began when, by where they stand: the chart above the list of runs, bounded however many there are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.errors import ValidationFailed
from zipped.models.run import STATUSES
from zipped.services.runs import RunFilter, statuses_of

DEFAULT_HOURS: Final = 24
DEFAULT_PARTS: Final = 96
MAX_HOURS: Final = 24 * 92
MAX_PARTS: Final = 120
MAX_COUNTED: Final = 5_000  # runs of one part, of any status: the newest

# The parts end at whole multiples of their length, so that a chart moves on by whole bars. An id tells its time to
# the millisecond, so a range of ids is exact enough here, and an index holds it.
PARTS: Final = """
    with span as (
        select to_timestamp(ceil(extract(epoch from coalesce(cast(:before as timestamptz), now()))
                                 / cast(:seconds as int)) * cast(:seconds as int)) as until
    ),
    part as materialized (
        select start,
               zipped_uuid_floor(greatest(start, cast(:since as timestamptz))) as lowest,
               zipped_uuid_floor(least(start + make_interval(secs => cast(:seconds as int)),
                                       cast(:before as timestamptz))) as highest
        from span cross join lateral (
            select span.until - make_interval(secs => n * cast(:seconds as int)) as start
            from generate_series(1, cast(:parts as int)) n
        ) every
    )
    select part.start, counted.status, counted.looked_at, counted.runs
    from part left join lateral (
        select r.status, count(*) as looked_at, count(*) filter (where {matches}) as runs
        from (
            select status, ended_by from zip_run
            where workspace_id = :workspace_id and {mine} and id >= part.lowest and id < part.highest
            order by id desc limit {most}
        ) r
        group by 1
    ) counted on true
    order by part.start
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCount:
    """The runs that began within one part of the time, by where they stand."""

    start: datetime
    succeeded: int = 0
    #: Failed or dead.
    failed: int = 0
    waiting: int = 0
    #: Queued or running.
    active: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """The parts in order, also those without a run."""

    #: How long each part is.
    seconds: int
    counts: tuple[RunCount, ...]
    #: Whether there were more than were counted somewhere.
    capped: bool


async def over_time(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    filter: RunFilter | None = None,
    hours: int = DEFAULT_HOURS,
    parts: int = DEFAULT_PARTS,
) -> RunCounts:
    """The runs of so many hours in so many parts, up to the filter's end or the database's now.

    Raises ValidationFailed for more than 92 days, more than 120 parts, or parts that are no whole seconds.
    """
    seconds = _seconds(hours, parts)
    wanted = filter or RunFilter()
    found = statuses_of(wanted)
    statuses = sorted(STATUSES if found is None else found)
    rows = await session.execute(
        _statement(wanted),
        {
            "workspace_id": workspace_id,
            "statuses": statuses,
            "seconds": seconds,
            "parts": parts,
            "since": wanted.created_from,
            "before": wanted.created_before,
            **({"zip_id": wanted.zip_id} if wanted.zip_id else {}),
            **({"endings": list(wanted.ended_by)} if wanted.ended_by else {}),
        },
    )
    return _told(rows.all(), seconds=seconds)


def _seconds(hours: int, parts: int) -> int:
    for name, value, most in (("hours", hours, MAX_HOURS), ("parts", parts, MAX_PARTS)):
        if not 1 <= value <= most:
            raise ValidationFailed.of(
                f"{name} is {value}; it can be 1 to {most}.",
                path=(name,),
                code="out_of_range",
                fix=f"Ask for 1 to {most}.",
            )
    if hours * 3600 % parts:
        raise ValidationFailed.of(
            f"{hours} hours can't be cut into {parts} parts of whole seconds.",
            path=("parts",),
            code="out_of_range",
            fix="Ask for a number of parts that divides the seconds of these hours.",
        )
    return hours * 3600 // parts


def _statement(wanted: RunFilter) -> TextClause:
    matches = "r.status = any(cast(:statuses as text[]))"
    if wanted.ended_by:
        matches += " and r.ended_by = any(cast(:endings as text[]))"
    return text(PARTS.format(matches=matches, mine="zip_id = :zip_id" if wanted.zip_id else "true", most=MAX_COUNTED))


def _told(rows: Sequence[Any], *, seconds: int) -> RunCounts:
    runs: dict[datetime, dict[str, int]] = {}
    looked_at: Counter[datetime] = Counter()
    for row in rows:
        of = runs.setdefault(row.start, {})
        if row.status is not None:
            of[row.status] = row.runs
            looked_at[row.start] += row.looked_at
    return RunCounts(
        seconds=seconds,
        counts=tuple(_count(start, of) for start, of in runs.items()),
        capped=any(number >= MAX_COUNTED for number in looked_at.values()),
    )


def _count(start: datetime, of: dict[str, int]) -> RunCount:
    return RunCount(
        start=start,
        succeeded=of.get("succeeded", 0),
        failed=of.get("failed", 0) + of.get("dead", 0),
        waiting=of.get("waiting", 0),
        active=of.get("queued", 0) + of.get("running", 0),
        cancelled=of.get("cancelled", 0),
    )
