"""Published versions of a zip."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from api.graphql import definitions
from api.graphql.context import Info
from api.graphql.loaders.zips import versions_by_id, zips_by_id
from api.graphql.node import Node
from api.graphql.scalars import JSON
from api.graphql.types.person import member
from api.graphql.types.user import User
from zipped import ids, models

if TYPE_CHECKING:
    from api.graphql.types.zip import Zip


@strawberry.type(description="What a zip did when it was published; it never changes, and runs follow one of these.")
class Version(Node):
    """A row of `zip_version`."""

    id_prefix = "ver"

    number: int = strawberry.field(description="1, 2, 3 … within its zip.")
    note: str | None = strawberry.field(description="What its publisher wrote beside it.")
    created_at: datetime = strawberry.field(description="When it was published.")

    row: strawberry.Private[models.ZipVersion]

    @classmethod
    def of(cls, row: models.ZipVersion) -> Self:
        """As the schema shows it."""
        return cls(
            id=strawberry.ID(ids.encode("ver", row.id)),
            number=row.number,
            note=row.note,
            created_at=row.created_at,
            row=row,
        )

    @classmethod
    async def load(cls, info: Info, id: UUID) -> Self | None:
        """The version, if it is in one of the caller's workspaces."""
        row = await info.context.loader(versions_by_id).load(id)
        return cls.of(row) if row else None

    @strawberry.field(description="Its steps, complete, every default filled in.")
    async def definition(self, info: Info) -> JSON:
        """Fetched only where it is asked for."""
        return await definitions.published(info, self.row.id)

    @strawberry.field(description="The zip it is a version of.")
    async def zip(self, info: Info) -> Annotated["Zip", strawberry.lazy("api.graphql.types.zip")] | None:
        """Its zip, deleted or not."""
        from api.graphql.types.zip import Zip

        row = await info.context.loader(zips_by_id).load(self.row.zip_id)
        return Zip.of(row) if row else None

    @strawberry.field(description="Whether new runs follow it.")
    async def is_live(self, info: Info) -> bool:
        """Whether it is its zip's live version."""
        zip = await info.context.loader(zips_by_id).load(self.row.zip_id)
        return zip is not None and zip.live_version_id == self.row.id

    @strawberry.field(description="Who published it; null when they are no longer a member.")
    async def created_by(self, info: Info) -> User | None:
        """Its publisher."""
        return await member(info, self.row.created_by)
