"""Token buckets in memory: what a process lets pass per key. Each api process counts for itself."""

from collections import OrderedDict
from typing import Final

MAX_KEYS: Final = 10_000  # buckets kept; who was not seen for longest is forgotten, and so is full again


class Buckets:
    """A bucket per key: `burst` tokens at first, `rate` more a second."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def take(self, key: object, *, rate: float, burst: float, now: float) -> float:
        """Take a token at `now` (monotonic seconds): 0 when there was one, else the seconds until there is."""
        tokens, seen = self._buckets.pop(key, (burst, now))
        tokens = min(burst, tokens + (now - seen) * rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / rate
        self._buckets[key] = (tokens - 1 if wait == 0 else tokens, now)
        if len(self._buckets) > MAX_KEYS:
            self._buckets.popitem(last=False)
        return wait
