"""`node` and `workspace`: things by their id."""

from typing import Annotated

import strawberry

from api.graphql.context import Info
from api.graphql.node import Node, kinds
from api.graphql.types.workspace import Workspace
from zipped import ids


@strawberry.field(description="Anything by its id; null when there is nothing by it, or it isn't yours to see.")
async def node(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The id, of any kind.")]
) -> Node | None:
    """By the id's prefix."""
    info.context.require_caller()
    prefix, value = ids.decode_any(id, path=("id",))
    kind = kinds().get(prefix)
    return await kind.load(info, value) if kind else None


@strawberry.field(description="A workspace by its id; null when there is none, or you aren't a member.")
async def workspace(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The workspace's id, wsp_….")]
) -> Workspace | None:
    """If the caller is a member."""
    return await Workspace.load(info, ids.decode(id, "wsp", path=("id",)))
