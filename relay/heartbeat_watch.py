"""When a worker counts as dead: it is observed, never computed from a time alone.

After a pause of the database every heartbeat is old, and a rule that only compares times declared 20 of 20 live
workers dead after one of 12 s. So who judges must itself have seen the heartbeat stand still, all the while: a
reader that was frozen, or whose database was, has seen nothing in between and begins anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from zipped.services.workers import Sign

STILL = 10.0  # seconds, of the observer's monotonic clock and of the database's
MIN_READS = 4
MAX_GAP = 3.0  # seconds between two reads


@dataclass(slots=True)
class _Still:
    seen_at: datetime
    since: float
    reads: int = 1


class HeartbeatWatch:
    """What one sweeper has seen. It is told the time."""

    def __init__(self) -> None:
        self._still: dict[UUID, _Still] = {}
        self._last_read: float | None = None

    def observe(self, signs: Sequence[Sign], *, asked: float, answered: float) -> list[Sign]:
        """Take in one read of all living workers; those that count as dead now.

        `asked` and `answered` are readings of the observer's monotonic clock, in seconds. Stillness is counted from
        the answer that first showed a heartbeat to the question of the last one: never more than what was seen.
        """
        if self._last_read is None or answered - self._last_read > MAX_GAP:
            self._still = {}
        self._last_read = answered
        watched: dict[UUID, _Still] = {}
        dead = []
        for sign in signs:
            still = self._still.get(sign.worker_id)
            if still is None or still.seen_at != sign.seen_at:
                watched[sign.worker_id] = _Still(sign.seen_at, since=answered)
                continue
            still.reads += 1
            watched[sign.worker_id] = still
            if still.reads >= MIN_READS and asked - still.since >= STILL and sign.age >= STILL:
                dead.append(sign)
        self._still = watched
        return dead
