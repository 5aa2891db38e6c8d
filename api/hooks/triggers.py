"""The triggers the door knows: read together, kept for five seconds, and only for verifying.

What was not found is never kept: unknown, deleted and rotated away are one and the same work, and a new webhook
answers from its first request on.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from zipped.batching import Batcher
from zipped.clock import Clock
from zipped.crypto import SecretBox
from zipped.db import Database
from zipped.services import door_triggers
from zipped.services.door_triggers import DoorTrigger, Found

KEPT: Final = 5.0  # seconds: how long a changed secret may lag
MAX_KEPT: Final = 10_000  # triggers


class Triggers:
    """Finds triggers by the hash of their token."""

    def __init__(self, database: Database, *, box: SecretBox, clock: Clock) -> None:
        self._database = database
        self._box = box
        self._clock = clock
        self._kept: OrderedDict[bytes, tuple[DoorTrigger, float]] = OrderedDict()
        self._finder: Batcher[bytes, DoorTrigger | None] = Batcher(self._find, name="triggers", flushers=2)

    def known(self, token_hash: bytes) -> DoorTrigger | None:
        """The trigger, if it was read within the last five seconds."""
        kept = self._kept.get(token_hash)
        return kept[0] if kept is not None and kept[1] > self._clock.monotonic() else None

    async def find(self, token_hash: bytes) -> DoorTrigger | None:
        """The trigger as it is now; None when there is none.

        Raises Unavailable, and ZippedError for a trigger that can't be read.
        """
        found = await self._finder.submit(token_hash)
        self._kept.pop(token_hash, None)
        if found is not None:
            self._kept[token_hash] = (found, self._clock.monotonic() + KEPT)
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return found

    async def close(self) -> None:
        """Let what is being read come to its end."""
        await self._finder.drain()

    async def _find(self, token_hashes: Sequence[bytes]) -> Sequence[Found]:
        async with self._database.begin() as session:
            return await door_triggers.find(session, token_hashes, box=self._box)
