"""Zips: the draft that is edited, what is live, and how it went lately."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from api.graphql import definitions, pagination
from api.graphql.context import Info
from api.graphql.errors import FieldIssue
from api.graphql.loaders.runs import runs_by_zip_id
from api.graphql.loaders.step_tests import step_tests_by_zip_id
from api.graphql.loaders.triggers import triggers_by_zip_id
from api.graphql.loaders.zips import stats_by_zip_id, zips_by_id
from api.graphql.node import Node
from api.graphql.pagination import DEFAULT_FIRST, After, Before, Connection, First
from api.graphql.scalars import JSON
from api.graphql.types.person import member
from api.graphql.types.step_test import StepTest
from api.graphql.types.user import User
from api.graphql.types.version import Version
from api.graphql.types.zip_stats import ZipStats
from zipped import ids, models
from zipped.errors import ValidationFailed
from zipped.services import versions
from zipped.services.runs import MAX_LATEST

if TYPE_CHECKING:
    from api.graphql.types.run import Run
    from api.graphql.types.trigger import Trigger


@strawberry.enum(description="Whether a zip's trigger starts runs.")
class ZipState(Enum):
    """As in `zip.state`."""

    DRAFT = strawberry.enum_value("draft", description="Never published; what arrives is kept and starts nothing.")
    LIVE = strawberry.enum_value("live", description="What arrives starts a run of the live version.")
    PAUSED = strawberry.enum_value("paused", description="Switched off; what arrives is kept and starts nothing.")


@strawberry.type(description="One trigger and an ordered list of steps.")
class Zip(Node):
    """A row of `zip`."""

    id_prefix = "zip"

    workspace_id: strawberry.ID = strawberry.field(description="The workspace it belongs to, wsp_….")
    name: str = strawberry.field(description="What it is called; up to 300 characters.")
    folder: str | None = strawberry.field(description="The folder it is shown in; null for none.")
    state: ZipState = strawberry.field(description="Whether its trigger starts runs.")
    revision: int = strawberry.field(
        description="Rises with each save; a save that names an older one is refused as a Conflict."
    )
    retention_days: int | None = strawberry.field(
        description="Days that its events and runs are kept; null for as long as the workspace says."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last saved, published, paused or resumed.")
    deleted_at: datetime | None = strawberry.field(
        description="When it was deleted; it is still found through its history, and by its id."
    )

    row: strawberry.Private[models.Zip]

    @classmethod
    def of(cls, row: models.Zip) -> Self:
        """As the schema shows it."""
        return cls(
            id=strawberry.ID(ids.encode("zip", row.id)),
            workspace_id=strawberry.ID(ids.encode("wsp", row.workspace_id)),
            name=row.name,
            folder=row.folder,
            state=ZipState(row.state),
            revision=row.revision,
            retention_days=row.retention_days,
            created_at=row.created_at,
            updated_at=row.updated_at,
            deleted_at=row.deleted_at,
            row=row,
        )

    @classmethod
    async def load(cls, info: Info, id: UUID) -> Self | None:
        """The zip, also a deleted one, if it is in one of the caller's workspaces."""
        row = await info.context.loader(zips_by_id).load(id)
        return cls.of(row) if row else None

    @strawberry.field(
        description="The draft as its authors edit it; it may be unfinished. Runs follow a published version."
    )
    async def definition(self, info: Info) -> JSON:
        """Fetched only where it is asked for."""
        return await definitions.draft(info, self.row.id)

    @strawberry.field(description="Everything that keeps the draft from being published; empty when nothing does.")
    async def problems(self, info: Info) -> list[FieldIssue]:
        """All at once, each with its path and its fix."""
        found = await definitions.problems(info, self.row)
        return [FieldIssue.of(problem) for problem in info.context.listed(found)]

    @strawberry.field(description="Whether publishing the draft would change what is live.")
    async def has_unpublished_changes(self, info: Info) -> bool:
        """True for a draft that was never published."""
        return await definitions.differs(info, self.row)

    @strawberry.field(
        description="The last test of each of the draft's steps in which it was performed, in the draft's order."
    )
    async def step_tests(self, info: Info) -> list[StepTest]:
        """Without their contents, unless those are asked for."""
        found = await info.context.loader(step_tests_by_zip_id).load(self.row.id)
        return [StepTest.of(tested) for tested in info.context.listed(found or [])]

    @strawberry.field(description="What new runs follow; null until the first publishing.")
    async def live_version(self, info: Info) -> Version | None:
        """The live version."""
        live_id = self.row.live_version_id
        return await Version.load(info, live_id) if live_id else None

    @strawberry.field(description="Everything that was ever published, newest first.")
    async def versions(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None, before: Before = None
    ) -> Connection[Version]:
        """A page of them."""
        request = pagination.page(f"versions of {self.id}", first, after, before)
        async with info.context.begin(self.row.workspace_id) as session:
            cut = await versions.page(session, self.row.workspace_id, self.row.id, place=request)
        return pagination.connection(request, cut, Version.of, key=lambda row: row.id)

    @strawberry.field(description="What starts it.")
    async def trigger(self, info: Info) -> Annotated["Trigger", strawberry.lazy("api.graphql.types.trigger")] | None:
        """Its one trigger."""
        from api.graphql.types.trigger import Trigger

        row = await info.context.loader(triggers_by_zip_id).load(self.row.id)
        return Trigger.of(row) if row else None

    @strawberry.field(description="Its runs of the last 24 hours in numbers; of more than 1,000 the newest.")
    async def stats(self, info: Info) -> ZipStats:
        """For a row of a list."""
        return ZipStats.of(await info.context.loader(stats_by_zip_id).load(self.row.id))

    @strawberry.field(description="Its newest runs, newest first, at a glance: at most 20.")
    async def last_runs(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 20.")] = 5,
    ) -> list[Annotated["Run", strawberry.lazy("api.graphql.types.run")]]:
        """The same statement for all zips of a list."""
        from api.graphql.types.run import Run

        if not 1 <= first <= MAX_LATEST:
            raise ValidationFailed.of(
                f"first is {first}; it takes 1 to {MAX_LATEST}.",
                path=("first",),
                code="out_of_range",
                fix="Ask for fewer; `runs` has pages of more.",
            )
        rows = await info.context.loader(runs_by_zip_id).load(self.row.id)
        return [Run.of(row) for row in (rows or [])[:first]]

    @strawberry.field(description="Who made it; null when they are no longer a member.")
    async def created_by(self, info: Info) -> User | None:
        """Its author."""
        return await member(info, self.row.created_by)
