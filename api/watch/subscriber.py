"""One watcher's mailbox: what it has been told, and what waits to be told.

It holds at most 256 runs, each as it was last read: states in between fold. Who reads so slowly that more runs change
is neither waited for nor cut off. Its mailbox is emptied, for PostgreSQL still has all of it, and once it has read
what it was given it catches up from its own cursor, a page at a time, as one who comes back after a while does.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

from zipped.lines import Row
from zipped.services.run_cursor import Cursor, Place
from zipped.services.run_updates import Now, Page, Watched

LIMIT: Final = 256  # runs that wait for one watcher

Reason = Literal["started", "too_old", "other_database"]


@dataclass(frozen=True, slots=True)
class Changed:
    """A run as it is now."""

    #: A row of `zip_run`.
    run: Row
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Restarted:
    """What was before the cursor is not told; what comes after it is, without a gap."""

    reason: Reason
    cursor: Cursor


Update = Changed | Restarted


class Subscriber:
    """Made and fed by the hub, read by one subscription."""

    def __init__(self, watched: Watched, after: Cursor | None, ask: Callable[["Subscriber"], None]) -> None:
        self.watched = watched
        #: What has been taken from here; None until the first reading when the watcher named none.
        self.cursor = after
        #: Whether the hub brings what it reads for the topic. Who is not live asks for readings of its own.
        self.live = False
        self._ask = ask
        self._restarted: Restarted | None = None
        self._waiting: dict[UUID, Row] = {}
        #: The cursor for who has been told what waits, too.
        self._through = after
        self._failed: Exception | None = None
        self._fed = asyncio.Event()

    @property
    def queued(self) -> int:
        """Runs that wait."""
        return len(self._waiting)

    async def updates(self) -> AsyncGenerator[Update, None]:
        """What there is to tell, for ever. Each has a cursor of its own, after which everything else comes.

        Raises what kept the hub from reading for this subscriber.
        """
        while self._failed is None:
            self._fed.clear()
            updates = self._take()
            for update in updates:
                yield update
            if updates:
                continue
            if not self.live:
                self._ask(self)
            await self._fed.wait()
        raise self._failed

    def restart(self, reason: Reason, cursor: Cursor) -> None:
        """Begin at `cursor`, whatever was before."""
        self._waiting.clear()
        self.live = False
        self.cursor = self._through = cursor
        self._restarted = Restarted(reason, cursor)
        self._fed.set()

    def catch_up(self, begin: Cursor, page: Page) -> None:
        """What was read for it alone, from `begin` on."""
        self.cursor, self._through = begin, page.cursor
        self.live = page.complete
        self._fill(page.runs)

    def put(self, runs: Iterable[Row], now: Now) -> None:
        """What was read for the topic: at least all that changed between its last reading and `now`."""
        assert self._through is not None
        told, self._through = self._through.since, now.cursor
        self._fill([run for run in runs if not told.sees(run.changed_xid)])

    def fall_behind(self) -> None:
        """More has changed than a mailbox holds."""
        self._waiting.clear()
        self.live = False
        self._through = self.cursor
        self._fed.set()

    def fail(self, error: Exception) -> None:
        """It can't be read for."""
        self._failed = error
        self._fed.set()

    def _fill(self, runs: Collection[Row]) -> None:
        self._waiting.update((run.id, run) for run in runs)
        if len(self._waiting) > LIMIT:
            self.fall_behind()
            return
        if not self._waiting:
            self.cursor = self._through
        if runs or not self.live:
            self._fed.set()

    def _take(self) -> list[Update]:
        updates: list[Update] = []
        if self._restarted is not None:
            updates.append(self._restarted)
            self._restarted = None
        if self._waiting:
            assert self.cursor is not None
            assert self._through is not None
            updates += _with_cursors(self._waiting.values(), self.cursor, self._through)
            self._waiting = {}
            self.cursor = self._through
        return updates


def _with_cursors(runs: Iterable[Row], before: Cursor, after: Cursor) -> list[Update]:
    """In the order of a reading, so that a client that got one of them and not the next comes back to just there."""
    *most, last = sorted(runs, key=lambda run: (run.changed_xid, run.id))
    part = replace(after, since=before.since, until=after.until or after.since)
    return [
        *(Changed(run, replace(part, place=Place(run.changed_xid, run.id))) for run in most),
        Changed(last, after),
    ]
