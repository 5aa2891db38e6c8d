"""Workspaces, under which every list of zips, runs and events hangs."""

from datetime import datetime
from enum import Enum
from typing import Self
from uuid import UUID

import strawberry

from api.graphql import program_tokens
from api.graphql.context import Info
from api.graphql.node import Node
from api.graphql.pagination import DEFAULT_FIRST, After, Before, Connection, First, connection, page
from api.graphql.types.api_token import ApiToken
from api.graphql.types.workspace_lists import WorkspaceLists
from zipped import ids
from zipped.services import workspaces
from zipped.services.workspaces import WorkspaceRow


@strawberry.enum(description="What a member of a workspace may do.")
class Role(Enum):
    """As in `membership.role`."""

    OWNER = strawberry.enum_value("owner", description="Everything, members and API tokens included.")
    EDITOR = strawberry.enum_value("editor", description="Read and change zips, connections and runs.")
    VIEWER = strawberry.enum_value("viewer", description="Read.")


@strawberry.type(description="The owner of zips, connections, events and runs.")
class Workspace(Node, WorkspaceLists):
    """A row of `workspace`, with the caller's role."""

    id_prefix = "wsp"

    name: str = strawberry.field(description="What it is called.")
    is_personal: bool = strawberry.field(description="Whether it is one person's own, made when they signed up.")
    role: Role = strawberry.field(description="The caller's role in it.")
    retention_days: int = strawberry.field(
        description="Days that events and runs are kept, where a zip does not say otherwise."
    )
    created_at: datetime = strawberry.field(description="When it was made.")

    @strawberry.field(description="Your API tokens for this workspace, newest first; for its owner everybody's.")
    async def api_tokens(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None, before: Before = None
    ) -> Connection[ApiToken] | None:
        """Those that are not revoked."""
        request = page(f"apiTokens of {self.id}", first, after, before)
        found = await program_tokens.page(info.context, self.row_id, place=request)
        return connection(request, found, ApiToken.of, key=lambda row: row.id)

    @classmethod
    def of(cls, row: WorkspaceRow, role: str) -> "Workspace":
        """As the schema shows it."""
        return cls(
            id=strawberry.ID(ids.encode("wsp", row.id)),
            row_id=row.id,
            name=row.name,
            is_personal=row.is_personal,
            role=Role(role),
            retention_days=row.retention_days,
            created_at=row.created_at,
        )

    @classmethod
    async def load(cls, info: Info, id: UUID) -> Self | None:
        """The workspace if the caller is a member."""
        role = info.context.signed_in.memberships.get(id)
        if role is None:
            return None
        async with info.context.begin(id) as session:
            row = await workspaces.find(session, id)
        return cls.of(row, role) if row else None  # type: ignore[return-value]  # of() makes a Workspace
