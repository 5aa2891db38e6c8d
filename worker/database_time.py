"""The database's clock, between two looks at it: what is stored or compared between machines is measured by it.

A machine whose own clock is an hour ahead must neither wake a run early nor find its time used up. So the clock is
read along with claims and heartbeats, and carried on by the monotonic one; it lags by a round trip and is never ahead.
"""

from datetime import datetime, timedelta

from zipped.clock import Clock


class DatabaseTime:
    """What time it is in the database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard = clock.now()
        self._at = clock.monotonic()

    def heard(self, now: datetime) -> None:
        """The database has just said that it is `now`."""
        self._heard = now
        self._at = self._clock.monotonic()

    def now(self) -> datetime:
        """The database's time, UTC."""
        return self._heard + timedelta(seconds=self._clock.monotonic() - self._at)
