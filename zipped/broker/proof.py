"""Whether a consumer still hears: a round trip to the broker, and what its answers say over time.

A topic on which nothing happens and a deaf client look alike from `getmany`. What tells them apart is the broker's
own word on where the topic ends.
"""

from collections.abc import Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

UNASSIGNED_LIMIT = 30.0  # seconds a member may go without partitions while its group rebalances


async def ask(client: Any) -> dict[int, int]:
    """For each partition with messages that `client` has not brought yet, the offset it stands at.

    Asks the leaders for the ends and the group's coordinator for a commit: both must answer. There is no deadline
    here: bring one.
    """
    partitions: frozenset[TopicPartition] = client.assignment()
    if not partitions:
        await client.topics()
        return {}
    ends = await client.end_offsets(partitions)
    if client._group_id:
        await client.committed(next(iter(partitions)))
    behind = {}
    for partition in partitions - client.paused():
        try:
            position = await client.position(partition)
        except IllegalStateError:  # taken away meanwhile
            continue
        if position < ends[partition]:
            behind[partition.partition] = position
    return behind


class Hearing:
    """Judges a client by what was seen between two answers of the broker; it is told the time."""

    def __init__(self, now: float) -> None:
        self._assigned_at = now
        self._behind: Mapping[int, int] = {}
        self._polled = self._excused = False

    def polled(self, *, brought: int) -> None:
        """Messages were asked for, and so many came."""
        self._polled = True
        self._excused = self._excused or brought > 0

    def excuse(self) -> None:
        """There is a reason why none came since the last answer: it was paused, or partitions moved."""
        self._excused = True

    def judge(self, behind: Mapping[int, int], *, assigned: bool, now: float) -> str | None:
        """Why the client is to be replaced, or None. `behind` is what `ask` found.

        It is when messages waited at both answers, at the same place, and none came though they were asked for.
        """
        waited = [number for number, position in behind.items() if self._behind.get(number) == position]
        deaf = bool(waited) and self._polled and not self._excused
        self._behind = behind
        self._polled = self._excused = False
        if assigned:
            self._assigned_at = now
        if deaf:
            return f"Messages wait in partitions {sorted(waited)} and none comes."
        if now - self._assigned_at > UNASSIGNED_LIMIT:
            return f"The group gave out no partitions within {UNASSIGNED_LIMIT:g} s."
        return None
