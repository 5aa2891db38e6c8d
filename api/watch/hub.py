"""Reads what has changed, for everybody who watches together, at most every 5 ms, and every 20 ms when much changes.

A zip, a workspace or a run that somebody watches is a topic. A topic that was rung for is read from its own last
reading on, and what is found goes to its live subscribers. Who begins, comes back with a cursor or has fallen behind
asks for a reading of its own; when that found all there was, it is live from there on. Nobody is told the same state
twice: a live subscriber drops what its cursor's snapshot has seen.

Every reading runs as the role `zipped_api`, which sees the workspaces of what is being read and no others: that a
caller may watch something was decided before it got here, and the second wall stands behind that decision as well.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from api.watch.subscriber import LIMIT, Reason, Subscriber
from zipped.broker.client import ended
from zipped.db import classify, reason
from zipped.faults import facts
from zipped.lines import Lines
from zipped.logs import OutageLog, get_logger
from zipped.services import run_updates
from zipped.services.run_cursor import NOTHING, Cursor
from zipped.services.run_updates import Now, Page, Watched

INTERVAL: Final = 0.005  # seconds between two readings, at least
CROWD: Final = 8  # runs in a reading from which on it pays to wait for their next states, which fold into one update
FOLD: Final = 0.02  # seconds, for that
LOOK: Final = 1.0  # seconds after which everything watched is read though nobody rang
LOOK_HEARD: Final = 1.0  # seconds, while the tail is live: for runs that are only queued, and for lost messages
LOOK_TOPIC: Final = 0.001  # seconds longer for each topic, while the tail is live
RETRY: Final = 0.5  # seconds after a reading that failed
TOPICS: Final = 200  # in one reading
CATCH_UPS: Final = 50  # in one reading

log = get_logger(__name__)


@dataclass(slots=True, eq=False)
class Topic:
    """What is watched, and by whom."""

    watched: Watched
    #: Its last reading; None while nobody is live.
    cursor: Cursor | None = None
    members: set[Subscriber] = field(default_factory=set)


class Hub:
    """One per api process."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._topics: dict[Watched, Topic] = {}
        #: In the order they were rung for.
        self._rung: dict[Watched, None] = {}
        self._asking: dict[Subscriber, None] = {}
        self._woken = asyncio.Event()
        #: Whether a ring comes for every change.
        self.heard = False
        self._latest: Now | None = None
        #: Runs in this reading.
        self._found = 0
        self._outage = OutageLog(log, "watch.database")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read; returns at once."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Read no more."""
        await ended(self._task)

    @property
    def topics(self) -> int:
        """How many different things are watched."""
        return len(self._topics)

    @property
    def subscribers(self) -> int:
        """How many watch."""
        return sum(len(topic.members) for topic in self._topics.values())

    @contextmanager
    def follow(self, watched: Watched, after: Cursor | None) -> Iterator[Subscriber]:
        """Watch, from the cursor on or from now on, until the block ends. The caller must be allowed to."""
        topic = self._topics.setdefault(watched, Topic(watched))
        subscriber = Subscriber(watched, after, self._ask)
        topic.members.add(subscriber)
        try:
            yield subscriber
        finally:
            self._asking.pop(subscriber, None)
            topic.members.discard(subscriber)
            if not topic.members:
                del self._topics[watched]
                self._rung.pop(watched, None)

    def ring(self, *, run_id: UUID, zip_id: UUID, workspace_id: UUID) -> None:
        """Something about this run has changed."""
        for watched in (
            Watched("zip", zip_id, workspace_id),
            Watched("workspace", workspace_id, workspace_id),
            Watched("run", run_id, workspace_id),
        ):
            if watched in self._topics:
                self._rung[watched] = None
                self._woken.set()

    def ring_all(self) -> None:
        """Anything may have changed."""
        self._rung.update(dict.fromkeys(self._topics))
        self._woken.set()

    def hears(self, heard: bool) -> None:
        """Whether a ring comes for every change from now on; after a silence everything is looked at once."""
        if heard != self.heard:
            self.heard = heard
            self.ring_all()

    def _ask(self, subscriber: Subscriber) -> None:
        self._asking[subscriber] = None
        self._woken.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while True:
            due = looked + (max(LOOK_HEARD, LOOK_TOPIC * len(self._topics)) if self.heard else LOOK)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._woken.wait()
            self._woken.clear()
            began = loop.time()
            if began >= due:
                looked = began
                self.ring_all()
            self._found = 0
            pause = RETRY if not await self._read() else INTERVAL if self._found < CROWD else FOLD
            if self._rung or self._asking:
                self._woken.set()
            await asyncio.sleep(pause)

    async def _read(self) -> bool:
        """One reading for those who have waited longest; False when it is to be tried again."""
        topics, asking = self._take_rung(), self._take_asking()
        if not topics and not asking:
            return True
        try:
            await self._read_for(topics, asking)
        except Exception as error:
            if _passing(error):
                self._outage.lost(reason(error))
                self._put_back(topics, asking)
                return False
            log.error("watch.failed", **facts(error))
            await self._read_one_by_one(topics, asking)
        self._outage.found()
        return True

    async def _read_one_by_one(self, topics: list[Topic], asking: list[Subscriber]) -> None:
        # Whose part it is that can't be read loses its subscription; the others must not.
        parts = [([topic], list[Subscriber]()) for topic in topics] + [(list[Topic](), [one]) for one in asking]
        for of_topic, of_subscriber in parts:
            try:
                await self._read_for(of_topic, of_subscriber)
            except Exception as error:
                if _passing(error):
                    self._put_back(of_topic, of_subscriber)
                    continue
                for subscriber in (*of_subscriber, *(member for topic in of_topic for member in topic.members)):
                    subscriber.fail(error)

    def _put_back(self, topics: list[Topic], asking: list[Subscriber]) -> None:
        self._rung = dict.fromkeys(topic.watched for topic in topics) | self._rung
        self._asking = dict.fromkeys(filter(self._is_open, asking)) | self._asking

    def _take_rung(self) -> list[Topic]:
        taken: list[Topic] = []
        while self._rung and len(taken) < TOPICS:
            watched = next(iter(self._rung))
            del self._rung[watched]
            topic = self._topics.get(watched)
            if topic is not None and topic.cursor is not None:
                taken.append(topic)
        return taken

    def _take_asking(self) -> list[Subscriber]:
        # Taken out before they are read for: who asks again meanwhile has read what it was given.
        taken = list(self._asking)[:CATCH_UPS]
        for subscriber in taken:
            del self._asking[subscriber]
        return taken

    def _is_open(self, subscriber: Subscriber) -> bool:
        topic = self._topics.get(subscriber.watched)
        return topic is not None and subscriber in topic.members

    async def _read_for(self, topics: list[Topic], asking: list[Subscriber]) -> None:
        of_topics = [(topic, topic.watched, topic.cursor) for topic in topics if topic.cursor is not None]
        of_asking = [(subscriber, subscriber.watched, subscriber.cursor) for subscriber in asking]
        # Many who fell behind together have the same cursor: they are read for once. Of a list nobody is told what was
        # before they began.
        wanted = list(
            dict.fromkeys(
                (watched, cursor)
                for _, watched, cursor in (*of_topics, *of_asking)
                if cursor is not None or watched.kind == "run"
            )
        )
        async with self._lines.begin_as({watched.workspace_id for watched, _ in wanted}) as line:
            reading = await run_updates.read(line, wanted, limit=LIMIT)
        now, pages = reading.now, dict(zip(wanted, reading.pages, strict=True))
        self._found += sum(len(page.runs) for page in reading.pages)
        self._notice(now)
        for topic, watched, cursor in of_topics:
            if topic.cursor is cursor:
                self._distribute(topic, pages[watched, cursor], now)
        for subscriber, watched, asked_from in of_asking:
            if subscriber.cursor is asked_from and (begin := self._beginning(subscriber, now)) is not None:
                self._let_catch_up(subscriber, begin, pages[watched, asked_from], now)

    def _notice(self, now: Now) -> None:
        """Begin anew when the database is no longer the one that was read before."""
        before, self._latest = self._latest, now
        if before is None or run_updates.unusable(before.cursor, now) != "other_database":
            return
        log.warning("watch.other_database")
        for topic in self._topics.values():
            topic.cursor = None
            for subscriber in topic.members:
                subscriber.restart("other_database", _from_now(subscriber.watched, now))

    def _beginning(self, subscriber: Subscriber, now: Now) -> Cursor | None:
        """Where a subscriber is to be read for from; None when it is told first that it begins anew."""
        cursor = subscriber.cursor
        if cursor is None and subscriber.watched.kind == "run":
            return _from_now(subscriber.watched, now)
        reason: Reason | None = "started" if cursor is None else run_updates.unusable(cursor, now)
        if reason is None:
            return cursor
        subscriber.restart(reason, _from_now(subscriber.watched, now))
        return None

    def _distribute(self, topic: Topic, page: Page, now: Now) -> None:
        live = [subscriber for subscriber in topic.members if subscriber.live]
        for subscriber in live:
            if page.complete:
                subscriber.put(page.runs, now)
            else:
                subscriber.fall_behind()
        topic.cursor = now.cursor if live else None

    def _let_catch_up(self, subscriber: Subscriber, cursor: Cursor, page: Page, now: Now) -> None:
        subscriber.catch_up(cursor, page)
        topic = self._topics.get(subscriber.watched)
        if subscriber.live and topic is not None and topic.cursor is None:
            topic.cursor = now.cursor


def _passing(error: Exception) -> bool:
    """Whether the same reading may do later: the database is away, or a migration holds the table."""
    return classify(error) in ("away", "retry")


def _from_now(watched: Watched, now: Now) -> Cursor:
    """For who has been told nothing yet: a run itself is told, of a list only what changes from now on."""
    return replace(now.cursor, since=NOTHING) if watched.kind == "run" else now.cursor
