"""Whether a consumer still hears: a round trip to the broker, and what its answers say over time.

A topic on which nothing happens and a deaf client look alike from `getmany`. What tells them apart is the broker's
own word on where the topic ends.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

UNASSIGNED_LIMIT = 30.0  # seconds a member may go without partitions while its group rebalances


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client stands in a partition, and where the partition ends."""

    position: int
    end: int


async def ask(client: Any) -> dict[int, Standing]:
    """Where `client` stands in each of its partitions that is not paused.

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
    found = {}
    for partition in partitions - client.paused():
        with contextlib.suppress(IllegalStateError):  # taken away meanwhile
            found[partition.partition] = Standing(await client.position(partition), ends[partition])
    return found


class Hearing:
    """Judges a client by what was seen between two answers of the broker; it is told the time."""

    def __init__(self, now: float) -> None:
        self._assigned_at = now
        self._before: Mapping[int, Standing] = {}
        self._polled = self._excused = False

    def polled(self, *, brought: int) -> None:
        """Messages were asked for, and so many came."""
        self._polled = True
        self._excused = self._excused or brought > 0

    def excuse(self) -> None:
        """There is a reason why none came since the last answer: it was paused, or partitions moved."""
        self._excused = True
        self._before = {}

    def judge(self, now_at: Mapping[int, Standing], *, assigned: bool, now: float) -> str | None:
        """Why the client is to be replaced, or None. `now_at` is what `ask` found.

        Deaf: messages waited at both answers, at the same place, and none came though they were asked for. Set back:
        it stands before where it stood, so its topic was lost and made again, and what was in between is unknown.
        """
        both = {number: (self._before[number], at) for number, at in now_at.items() if number in self._before}
        waited = [number for number, (was, at) in both.items() if at.position == was.position < was.end <= at.end]
        set_back = [number for number, (was, at) in both.items() if at.position < was.position]
        deaf = bool(waited) and self._polled and not self._excused
        self._before = now_at
        self._polled = self._excused = False
        if assigned:
            self._assigned_at = now
        if set_back:
            return f"The topic was made anew: partitions {sorted(set_back)} begin again."
        if deaf:
            return f"Messages wait in partitions {sorted(waited)} and none comes."
        if now - self._assigned_at > UNASSIGNED_LIMIT:
            return f"The group gave out no partitions within {UNASSIGNED_LIMIT:g} s."
        return None
