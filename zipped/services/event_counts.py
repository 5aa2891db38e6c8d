"""How many events had which outcome: the choices above the ledger, bounded however many there are."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.models.event import OUTCOMES
from zipped.services.events import EventFilter
from zipped.services.pages import ID_SLACK

MAX_COUNTED: Final = 10_000  # events of one outcome, or of one zip: the newest

# Written out as “not accepted”, so that the planner knows event_refused_idx for it.
OF_WORKSPACE: Final = """
    select 'accepted' as outcome, count(*) as events from (
        select from event where workspace_id = :workspace_id and outcome = 'accepted' {between}
        order by id desc limit {most}
    ) newest
    union all
    select refused.outcome, counted.events
    from unnest(cast(:refusals as text[])) refused(outcome) cross join lateral (
        select count(*) as events from (
            select from event
            where workspace_id = :workspace_id and outcome <> 'accepted' and outcome = refused.outcome {between}
            order by id desc limit {most}
        ) newest
    ) counted
"""
OF_ZIP: Final = """
    select outcome, count(*) as events from (
        select outcome from event where workspace_id = :workspace_id and zip_id = :zip_id {between}
        order by id desc limit {most}
    ) newest
    group by outcome
"""


@dataclass(frozen=True, slots=True)
class EventCount:
    """The events of one outcome."""

    outcome: str
    events: int


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Outcomes that had none are left out; in the order of the door's decisions."""

    counts: tuple[EventCount, ...]
    #: Whether there were more than were counted.
    capped: bool


async def by_outcome(session: AsyncSession, workspace_id: UUID, *, filter: EventFilter | None = None) -> EventCounts:
    """The events that the filter lets pass."""
    wanted = filter or EventFilter()
    values: dict[str, Any] = {"workspace_id": workspace_id}
    between = ""
    # The ids of a time are found a moment too wide, and the times then looked at exactly: as for the list.
    if wanted.received_from is not None:
        between += " and received_at >= :since and id >= zipped_uuid_floor(:lowest)"
        values |= {"since": wanted.received_from, "lowest": wanted.received_from - ID_SLACK}
    if wanted.received_before is not None:
        between += " and received_at < :before and id < zipped_uuid_floor(:highest)"
        values |= {"before": wanted.received_before, "highest": wanted.received_before + ID_SLACK}
    if wanted.zip_id is not None:
        values["zip_id"] = wanted.zip_id
    else:
        values["refusals"] = [outcome for outcome in OUTCOMES if outcome != "accepted"]
    statement = (OF_ZIP if wanted.zip_id else OF_WORKSPACE).format(between=between, most=MAX_COUNTED)
    rows = (await session.execute(text(statement), values)).all()
    numbers = [row.events for row in rows]
    capped = (sum(numbers) if wanted.zip_id else max(numbers)) >= MAX_COUNTED
    found = {row.outcome: row.events for row in rows}
    chosen = wanted.outcomes or OUTCOMES
    counts = tuple(EventCount(one, found[one]) for one in OUTCOMES if one in chosen and found.get(one))
    return EventCounts(counts, capped)
