"""What starts a zip."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.loaders.triggers import tallies_by_trigger_id, triggers_by_id
from api.graphql.loaders.zips import zips_by_id
from api.graphql.node import Node
from api.graphql.scalars import JSON
from api.graphql.types.event_outcome import EventOutcome
from zipped import ids, models
from zipped.services import events, triggers

if TYPE_CHECKING:
    from api.graphql.types.zip import Zip


@strawberry.enum(description="How a webhook knows its sender.")
class Verifier(Enum):
    """As in `trigger.verifier`."""

    OPEN = strawberry.enum_value("open", description="Whoever knows the address may send.")
    HMAC = strawberry.enum_value("hmac", description="The sender signs with a shared secret.")

    @property
    def stored(self) -> str:
        """As in the table."""
        return str(self.value)


@strawberry.type(description="Refusals of one kind in one hour, beyond the 100 that got an event of their own.")
class RefusalTally:
    """A row of `event_tally`."""

    hour: datetime = strawberry.field(description="When the hour began.")
    outcome: EventOutcome = strawberry.field(description="Why they were refused.")
    count: int = strawberry.field(description="How many were only counted.")

    @classmethod
    def of(cls, tally: events.Tally) -> Self:
        """As the schema shows it."""
        return cls(hour=tally.hour, outcome=EventOutcome(tally.outcome), count=tally.dropped)


@strawberry.type(description="What starts a zip: a webhook's address and its settings, or a person's hand.")
class Trigger(Node):
    """A row of `trigger`."""

    id_prefix = "trg"

    kind: str = strawberry.field(description="A trigger kind of the catalogue: webhook, manual.")
    settings: JSON = strawberry.field(description="Its settings, every default filled in; the kind has their schema.")
    verifier: Verifier = strawberry.field(description="How it knows its sender.")
    revision: int = strawberry.field(
        description="Rises with each change; an update that names an older one is refused as a Conflict."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")

    row: strawberry.Private[models.Trigger]

    @classmethod
    def of(cls, row: models.Trigger) -> Self:
        """As the schema shows it."""
        return cls(
            id=strawberry.ID(ids.encode("trg", row.id)),
            kind=row.kind,
            settings=JSON(triggers.settings(row)),
            verifier=Verifier(row.verifier),
            revision=row.revision,
            created_at=row.created_at,
            updated_at=row.updated_at,
            row=row,
        )

    @classmethod
    async def load(cls, info: Info, id: UUID) -> Self | None:
        """The trigger, if it is in one of the caller's workspaces."""
        row = await info.context.loader(triggers_by_id).load(id)
        return cls.of(row) if row else None

    @strawberry.field(
        description="The webhook's address. Who knows it can start the zip, so it is null for who may only read; "
        "also for a trigger without one, and for a deleted zip."
    )
    async def url(self, info: Info) -> str | None:
        """For those who may write."""
        context = info.context
        zip = await context.loader(zips_by_id).load(self.row.zip_id)
        if zip is None or zip.deleted_at is not None or not context.signed_in.may("write", self.row.workspace_id):
            return None
        return triggers.address(self.row, box=context.secret_box, public_url=context.settings.public_url)

    @strawberry.field(description="How many secrets a sender may sign with. They are never shown.")
    def secret_count(self, info: Info) -> int:
        """Not even part of one."""
        return triggers.secret_count(self.row, box=info.context.secret_box)

    @strawberry.field(description="Refusals that were only counted, newest hour first; at most 100.")
    async def refusals(self, info: Info) -> list[RefusalTally]:
        """Beyond the refused events that have rows of their own."""
        found = await info.context.loader(tallies_by_trigger_id).load(self.row.id)
        return [RefusalTally.of(tally) for tally in info.context.listed(found or [])]

    @strawberry.field(description="The zip it starts.")
    async def zip(self, info: Info) -> Annotated["Zip", strawberry.lazy("api.graphql.types.zip")] | None:
        """Its zip, deleted or not."""
        from api.graphql.types.zip import Zip

        row = await info.context.loader(zips_by_id).load(self.row.zip_id)
        return Zip.of(row) if row else None
