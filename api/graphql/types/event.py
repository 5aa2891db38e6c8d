"""The ledger: one event for everything that arrived."""

import asyncio
from base64 import b64encode
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.loaders.events import body_by_event_id, events_by_id
from api.graphql.loaders.runs import runs_by_id
from api.graphql.loaders.triggers import triggers_by_id
from api.graphql.loaders.zips import zips_by_id
from api.graphql.node import Node
from api.graphql.scalars import JSON
from api.graphql.types.event_outcome import EventOutcome
from zipped import ids, models
from zipped.services import events

if TYPE_CHECKING:
    from api.graphql.types.run import Run
    from api.graphql.types.trigger import Trigger
    from api.graphql.types.zip import Zip


@strawberry.type(description="One header of a request.")
class Header:
    """As it came."""

    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value; *** for credentials, which are never stored.")


@strawberry.type(description="What is kept of an event's bytes.")
class EventBody:
    """A row of `event_body`."""

    is_truncated: bool = strawberry.field(description="Whether only the first 4 KiB are kept: it was refused.")

    row: strawberry.Private[events.Body]

    @classmethod
    def of(cls, body: events.Body) -> Self:
        """As the schema shows it."""
        return cls(is_truncated=body.truncated, row=body)

    @strawberry.field(description="The exact bytes, in base64.")
    def base64(self, info: Info) -> str:
        """Written where it is asked for, under each alias anew."""
        info.context.show(len(self.row.content))
        return b64encode(self.row.content).decode()

    @strawberry.field(description="The same as text; null where they are not UTF-8 without NUL.")
    def text(self, info: Info) -> str | None:
        """Likewise."""
        info.context.show(len(self.row.content))
        return self.row.text


@strawberry.type(description="Something that arrived, and what became of it.")
class Event(Node):
    """A row of `event`."""

    id_prefix = "evt"

    outcome: EventOutcome = strawberry.field(description="What was decided.")
    reason: str = strawberry.field(description="The decision in plain words; empty when it was accepted.")
    method: str = strawberry.field(description="The HTTP method; MANUAL for a run that somebody started by hand.")
    query: str = strawberry.field(description="The raw query string.")
    body_size: int = strawberry.field(description="Bytes that were sent; what is kept may be less.")
    body_sha256: str | None = strawberry.field(description="SHA-256 of the body, in hexadecimal.")
    source_ip: str = strawberry.field(description="Where it came from; empty for a run started by hand.")
    dedupe_key: str | None = strawberry.field(description="The key by which a second one is told, with its source.")
    received_at: datetime = strawberry.field(description="When it arrived.")

    row: strawberry.Private[models.Event]

    @classmethod
    def of(cls, row: models.Event) -> Self:
        """As the schema shows it."""
        return cls(
            id=strawberry.ID(ids.encode("evt", row.id)),
            outcome=EventOutcome(row.outcome),
            reason=row.reason,
            method=row.method,
            query=events.query_text(row),
            body_size=row.body_size,
            body_sha256=bytes(row.body_sha256).hex() if row.body_sha256 else None,
            source_ip=row.source_ip,
            dedupe_key=row.dedupe_key,
            received_at=row.received_at,
            row=row,
        )

    @classmethod
    async def load(cls, info: Info, id: UUID) -> Self | None:
        """The event, if it is in one of the caller's workspaces."""
        row = await info.context.loader(events_by_id).load(id)
        return cls.of(row) if row else None

    @strawberry.field(description="The headers in the order they came.")
    def headers(self, info: Info) -> list[Header]:
        """Read only where they are asked for."""
        return [Header(name=name, value=value) for name, value in info.context.listed(events.headers(self.row))]

    @strawberry.field(
        description="What is kept of its bytes; null where nothing is: a duplicate's are those of the first event."
    )
    async def body(self, info: Info) -> EventBody | None:
        """Fetched only where it is asked for."""
        found = await info.context.loader(body_by_event_id).load(self.row.id)
        return EventBody.of(found) if found else None

    @strawberry.field(
        description="What expressions find under trigger; null where its bytes are not kept whole. A duplicate's are "
        "those of the first event."
    )
    async def sample(self, info: Info) -> JSON | None:
        """Read as a run reads it."""
        holder = events.holder(self.row)
        found = await info.context.loader(body_by_event_id).load(holder)
        if found is None or found.truncated:
            return None
        info.context.show(len(found.content))
        async with info.context.thread:
            return JSON(await asyncio.to_thread(events.sample, self.row, found))

    @strawberry.field(description="The run it started; for a duplicate or a conflict the run of the first event.")
    async def run(self, info: Info) -> Annotated["Run", strawberry.lazy("api.graphql.types.run")] | None:
        """None where nothing was started, or retention has taken it."""
        from api.graphql.types.run import Run

        row = await info.context.loader(runs_by_id).load(self.row.run_id) if self.row.run_id else None
        return Run.of(row) if row else None

    @strawberry.field(description="For a duplicate or a conflict: the event that came first.")
    async def first_event(self, info: Info) -> Annotated["Event", strawberry.lazy("api.graphql.types.event")] | None:
        """The holder of the key."""
        first = self.row.first_event_id
        row = await info.context.loader(events_by_id).load(first) if first else None
        return Event.of(row) if row else None

    @strawberry.field(description="The zip it was for.")
    async def zip(self, info: Info) -> Annotated["Zip", strawberry.lazy("api.graphql.types.zip")] | None:
        """Deleted or not."""
        from api.graphql.types.zip import Zip

        row = await info.context.loader(zips_by_id).load(self.row.zip_id)
        return Zip.of(row) if row else None

    @strawberry.field(description="The trigger it came to.")
    async def trigger(self, info: Info) -> Annotated["Trigger", strawberry.lazy("api.graphql.types.trigger")] | None:
        """Its trigger."""
        from api.graphql.types.trigger import Trigger

        row = await info.context.loader(triggers_by_id).load(self.row.trigger_id)
        return Trigger.of(row) if row else None
