"""The ledger as people read it: what arrived, what became of it, and the exact bytes. Nothing here writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Select, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped.errors import NotFound
from zipped.models import Event, EventBody
from zipped.services import pages
from zipped.services.pages import FIRST, Page, Place, between, cut
from zipped.services.trigger_scope import read_trigger

MAX_TALLIES: Final = 100  # hours and outcomes of one trigger, the newest
#: Written out, so that the planner knows it for the condition of event_refused_idx, whatever the parameters are.
REFUSED: Final = Event.outcome != literal_column("'accepted'")

TALLIES = text(
    f"""
    select t.* from unnest(cast(:trigger_ids as uuid[])) as wanted(trigger_id)
    cross join lateral (
        select trigger_id, hour, outcome, kept, dropped from event_tally
        where trigger_id = wanted.trigger_id and workspace_id = any(:workspace_ids) and dropped > 0
        order by hour desc, outcome limit {MAX_TALLIES}
    ) t
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events of a workspace; everything left out lets all pass."""

    zip_id: UUID | None = None
    outcomes: tuple[str, ...] = ()
    #: Not before, and before.
    received_from: datetime | None = None
    received_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Refusals of one kind in one hour that were only counted, beyond the 100 with rows of their own."""

    hour: datetime
    outcome: str
    dropped: int


@dataclass(frozen=True, slots=True)
class Body:
    """What is kept of an event's bytes."""

    content: bytes
    #: Refused events keep at most 4 KiB.
    truncated: bool

    @property
    def text(self) -> str | None:
        """The content as text, where it is UTF-8 without NUL."""
        try:
            told = self.content.decode()
        except UnicodeDecodeError:
            return None
        return None if "\0" in told else told


async def get(session: AsyncSession, workspace_id: UUID, event_id: UUID) -> Event:
    """The event. Raises NotFound."""
    found = (await by_ids(session, [workspace_id], [event_id])).get(event_id)
    if found is None:
        raise NotFound("There is no event by this id in this workspace.", path=("eventId",))
    return found


async def by_ids(session: AsyncSession, workspace_ids: Collection[UUID], wanted: Collection[UUID]) -> dict[UUID, Event]:
    """Those of the wanted events that these workspaces have."""
    query = select(Event).where(Event.workspace_id.in_(workspace_ids), Event.id.in_(wanted))
    return {row.id: row for row in await session.scalars(query)}


async def page(
    session: AsyncSession, workspace_id: UUID, *, filter: EventFilter | None = None, place: Place = FIRST
) -> Page[Event]:
    """Events, newest first."""
    wanted = filter or EventFilter()
    query = _matching(workspace_id, wanted)
    if not wanted.outcomes:
        query = place.of(query, Event.id)
    elif "accepted" in wanted.outcomes:
        query = place.of(query.where(Event.outcome.in_(wanted.outcomes)), Event.id)  # most of them: soon found
    else:
        query = place.of_each(query.where(REFUSED), Event, Event.outcome, wanted.outcomes)
    return cut((await session.scalars(query)).all(), place)


async def bodies(
    session: AsyncSession, workspace_ids: Collection[UUID], event_ids: Collection[UUID]
) -> dict[UUID, Body]:
    """The bytes of these events; a duplicate has none of its own, they are those of the first.

    Raises ValidationFailed for more than 32 MiB at once.
    """
    mine = (EventBody.workspace_id.in_(workspace_ids), EventBody.event_id.in_(event_ids))
    pages.refuse_too_much(await session.scalar(select(func.sum(func.octet_length(EventBody.body))).where(*mine)))
    rows = await session.scalars(select(EventBody).where(*mine))
    return {row.event_id: Body(bytes(row.body), row.truncated) for row in rows}


async def tallies(
    session: AsyncSession, workspace_ids: Collection[UUID], trigger_ids: Collection[UUID]
) -> dict[UUID, list[Tally]]:
    """What was refused without a row of its own, newest hour first."""
    values = {"trigger_ids": list(trigger_ids), "workspace_ids": list(workspace_ids)}
    found: dict[UUID, list[Tally]] = {trigger_id: [] for trigger_id in trigger_ids}
    for row in await session.execute(TALLIES, values):
        found[row.trigger_id].append(Tally(row.hour, row.outcome, row.dropped))
    return found


def holder(event: Event) -> UUID:
    """The event that holds the bytes: a duplicate's are those of the first."""
    return event.first_event_id if event.outcome == "duplicate" and event.first_event_id else event.id


def sample(event: Event, body: Body) -> dict[str, Any]:
    """What expressions find under `trigger`; a large body takes a while."""
    return read_trigger(method=event.method, query=bytes(event.query), headers=bytes(event.headers), body=body.content)


def headers(event: Event) -> Sequence[tuple[str, str]]:
    """Its headers in the order they came; credentials read ***."""
    return [(str(name), str(value)) for name, value in orjson.loads(event.headers)]


def query_text(event: Event) -> str:
    """The raw query string; bytes that are no UTF-8 are shown as \\xNN."""
    return bytes(event.query).decode(errors="backslashreplace")


def _matching(workspace_id: UUID, wanted: EventFilter) -> Select[Event]:
    query = select(Event).where(Event.workspace_id == workspace_id)
    if wanted.zip_id is not None:
        query = query.where(Event.zip_id == wanted.zip_id)
    return between(query, Event.id, Event.received_at, since=wanted.received_from, before=wanted.received_before)
