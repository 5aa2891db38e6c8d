"""When a failed step is tried again: full jitter on a fixed schedule, never before the other side asked.

Full jitter draws evenly between nothing and the schedule's wait, so that a thousand runs that failed together don't
come back together. `Retry-After` is a floor with the jitter on top.
"""

from dataclasses import dataclass
from datetime import timedelta

#: Longest wait before the second try, the third …
SCHEDULE = (1.0, 5.0, 30.0, 120.0, 600.0, 1800.0, 7200.0, 21600.0)  # seconds, 8.7 hours in all
MAX_ATTEMPTS = len(SCHEDULE) + 1  # the first try and one after each wait
MAX_RETRY_AFTER = 3600.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a step is tried."""

    #: Tries in all, the first included: 1 never repeats.
    attempts: int = MAX_ATTEMPTS


def next_delay(
    policy: RetryPolicy, attempt: int, *, retry_after: float | None = None, jitter: float
) -> timedelta | None:
    """How long to wait after try number `attempt` (from 1) failed, or None when it was the last one.

    `retry_after` is in seconds; `jitter` is drawn by the caller from [0, 1).
    """
    if attempt >= min(policy.attempts, MAX_ATTEMPTS):
        return None
    floor = 0.0 if retry_after is None else min(max(0.0, retry_after), MAX_RETRY_AFTER)  # NaN is 0
    return timedelta(seconds=floor + SCHEDULE[attempt - 1] * jitter)
