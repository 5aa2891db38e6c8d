"""A subscription's side of the hub: what it was told, and how to wait for more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from api.watch.hub import Hub
from api.watch.subscriber import Changed, Restarted, Subscriber, Update
from tests.integration.stored import StoredZip
from zipped.services.run_cursor import Cursor
from zipped.services.run_updates import Watched

PATIENCE = 20.0  # seconds, on a machine that does much else


@dataclass
class Follower:
    """One that reads all it is told at once."""

    subscriber: Subscriber
    updates: list[Update] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def changes(self) -> list[Changed]:
        """Without restarts."""
        return [update for update in self.updates if isinstance(update, Changed)]

    @property
    def restarts(self) -> list[str]:
        """Why it began anew, each time."""
        return [update.reason for update in self.updates if isinstance(update, Restarted)]

    @property
    def told(self) -> list[tuple[UUID, int]]:
        """(run, seq), in order."""
        return [(update.run.id, update.run.seq) for update in self.changes]

    @property
    def cursors(self) -> list[Cursor]:
        """One an update."""
        return [update.cursor for update in self.updates]

    async def read(self) -> None:
        """For ever."""
        async with aclosing(self.subscriber.updates()) as updates:
            async for update in updates:
                async with self.news:
                    self.updates.append(update)
                    self.news.notify_all()

    async def until(self, condition: Callable[["Follower"], bool]) -> None:
        """Wait for what is to be told."""
        async with asyncio.timeout(PATIENCE), self.news:
            await self.news.wait_for(lambda: condition(self))

    async def begun(self) -> None:
        """Wait until nothing that changes from now on will be missed."""
        await self.until(lambda one: bool(one.updates))


@asynccontextmanager
async def following(hub: Hub, subject: Watched, after: Cursor | None = None) -> AsyncIterator[Follower]:
    """Follow while the block lasts."""
    with hub.follow(subject, after) as subscriber:
        follower = Follower(subscriber)
        task = asyncio.create_task(follower.read())
        try:
            yield follower
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def ring(hub: Hub, stored: StoredZip, run_id: UUID) -> None:
    """What a message about the run does."""
    hub.ring(run_id=run_id, zip_id=stored.zip_id, workspace_id=stored.workspace_id)
