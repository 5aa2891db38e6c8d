"""How far each partition may be committed: up to the first message that is neither claimed, finished nor parked."""

from collections import deque
from collections.abc import Collection


class Offsets:
    """Messages read and dealt with, by partition. Dealing with one out of order holds its commit back, nothing else."""

    def __init__(self) -> None:
        self._waiting: dict[int, deque[int]] = {}
        self._done: dict[int, set[int]] = {}
        self._next: dict[int, int] = {}
        self._committed: dict[int, int] = {}

    def read(self, partition: int, offset: int) -> None:
        """A message was read; its offset is higher than all before it in its partition, or it comes again."""
        waiting = self._waiting.setdefault(partition, deque())
        if waiting and offset <= waiting[-1]:
            self.forget([partition])
            waiting = self._waiting.setdefault(partition, deque())
        waiting.append(offset)
        self._done.setdefault(partition, set())

    def done(self, partition: int, offset: int) -> None:
        """Nothing more has to happen because of this message. One that is not waited for is ignored."""
        waiting = self._waiting.get(partition)
        if not waiting:
            return
        done = self._done[partition]
        done.add(offset)
        while waiting and waiting[0] in done:
            self._next[partition] = waiting.popleft() + 1
            done.discard(self._next[partition] - 1)

    def due(self) -> dict[int, int]:
        """For each partition with news the offset to commit: that of the next message to read."""
        return {partition: at for partition, at in self._next.items() if self._committed.get(partition) != at}

    def committed(self, offsets: dict[int, int]) -> None:
        """These were committed."""
        self._committed.update(offsets)

    def forget(self, partitions: Collection[int]) -> None:
        """They were taken away, or are read from their committed offset again."""
        for partition in partitions:
            for kept in (self._waiting, self._done, self._next, self._committed):
                kept.pop(partition, None)
