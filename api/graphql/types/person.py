"""People as others see them."""

from uuid import UUID

import strawberry

from api.graphql.context import Info
from api.graphql.loaders.zips import people_by_id
from api.graphql.types.user import User
from zipped import ids


async def member(info: Info, user_id: UUID | None) -> User | None:
    """A member of the caller's workspaces by id; None for who is no longer one."""
    found = await info.context.loader(people_by_id).load(user_id) if user_id else None
    if found is None:
        return None
    return User(
        id=strawberry.ID(ids.encode("usr", found.id)),
        name=found.name,
        email=found.email,
        created_at=found.created_at,
    )
