"""What one operation loads of a kind goes in one statement, however many objects ask for it.

A loader is a function of the context, named after both ends: `context.loader(steps_by_run_id).load(run_id)`. Each
lives for one operation and sees the caller's workspaces alone.
"""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.dataloader import DataLoader

from api.graphql.context import Context

MAX_BATCH = 500  # keys in one statement

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Fetch = Callable[[AsyncSession, Collection[UUID], Collection[K]], Awaitable[Mapping[K, V]]]


def by_key(context: Context, fetch: Fetch[K, V]) -> DataLoader[K, V | None]:
    """A loader of what a service finds by these keys in the caller's workspaces; None for what it doesn't find."""

    async def load(keys: list[K]) -> list[V | None]:
        async with context.begin_mine() as session:
            found = await fetch(session, list(context.signed_in.memberships), keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load, max_batch_size=MAX_BATCH)
