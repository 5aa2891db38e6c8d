"""How a mutation gets into the workspace of what it changes: by the id alone, in one transaction that may write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import strawberry
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from api.graphql.context import Context
from zipped import ids
from zipped.db import classify
from zipped.errors import NotFound, Unavailable
from zipped.services import rows


@dataclass(frozen=True, slots=True)
class Subject:
    """What a mutation changes."""

    session: AsyncSession
    workspace_id: UUID
    id: UUID


@asynccontextmanager
async def writing(context: Context, id: strawberry.ID, prefix: str, *, field: str) -> AsyncIterator[Subject]:
    """One transaction in the workspace of the row by this id, committed at its end.

    Raises Unauthenticated, InvalidId and NotFound, both naming the input's `field`, Forbidden, and Unavailable when
    somebody else holds the row for too long.
    """
    workspace_id, row_id = await owner(context, id, prefix, field=field)
    try:
        async with context.begin(workspace_id, write=True) as session:
            yield Subject(session, workspace_id, row_id)
    except DBAPIError as error:
        if classify(error) != "retry":
            raise
        raise Unavailable("Somebody else is changing this right now; nothing was changed; try again.") from error
    context.forget_loaded()


async def owner(context: Context, id: strawberry.ID, prefix: str, *, field: str) -> tuple[UUID, UUID]:
    """Workspace and UUID of the row by this id. Raises Unauthenticated, InvalidId and NotFound."""
    caller = context.signed_in
    row_id = ids.decode(id, prefix, path=(field,))
    async with context.begin_mine() as session:
        workspace_id = await rows.workspace_of(session, caller.memberships, prefix=prefix, id=row_id)
    if workspace_id is None:
        noun = ids.NOUNS[prefix].replace("_", " ")
        raise NotFound(f"There is no {noun} by this id, or it isn't yours to see.", path=(field,))
    return workspace_id, row_id
