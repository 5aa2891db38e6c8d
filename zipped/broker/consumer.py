"""Reads a topic, as a member of a group or alone from its end on, and keeps itself connected.

A silent consumer may be deaf: a broker that came back at another port, a coordinator that died and a fetch that got
lost all look like a topic on which nothing happens. So a keeper beside it asks the broker every 5 s; a client that
is not answered, or is not to be trusted for another reason, is let go and replaced. While there is none `getmany`
returns nothing; nothing here raises because the broker is away.
"""

import asyncio
import contextlib
import random
from collections.abc import Mapping
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError

from zipped import metrics
from zipped.broker.client import CONNECT_TIMEOUT, Farewells, NoAnswer, address, ended, within
from zipped.broker.membership import Hooks as Hooks
from zipped.broker.membership import Membership
from zipped.broker.proof import Hearing, ask
from zipped.broker.topics import ensure_topics
from zipped.errors import BrokerError
from zipped.logs import OutageLog, get_logger
from zipped.settings import Settings

PROOF_INTERVAL = 5.0  # seconds between round trips to the broker
PROOF_TIMEOUT = 4.0  # seconds
LOOK_INTERVAL = 0.5  # seconds between looks at the broker's address
JOIN_TIMEOUT = 30.0  # seconds; joining a group waits for its other members
COMMIT_TIMEOUT = 5.0  # seconds
SESSION_TIMEOUT = 10.0  # seconds until a dead member's partitions go to others
REQUEST_TIMEOUT = 15.0  # seconds; above the former, for joining may take that long
RETRY_INTERVAL = 1.0  # seconds between attempts to connect, ± 30% so that processes don't knock together
GRACE = 0.25  # seconds a fetch may take beyond its own time-out

log = get_logger(__name__)


class Record(Protocol):
    """A message as it was read."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Consumer:
    """Messages of one topic. With a `group` from the last commit on (a new group: from the topic's beginning),
    without one from its end on.

    On the embedded broker each member of a group reads all partitions, for a rebalance takes 7 s there and fails
    for the second member. Several workers then hear each message, which costs claims that find nothing.
    """

    def __init__(self, settings: Settings, topic: str, *, group: str | None = None, hooks: Hooks | None = None) -> None:
        self._settings = settings
        self._topic = topic
        self._group = group
        self._hooks = hooks or Hooks()
        self._client: Any = None
        self._address = ""
        self._membership: Membership | None = None
        self._paused = False
        self._connected = asyncio.Event()
        self._doubt = asyncio.Event()  # there is reason to ask the broker now
        self._verdict: str | None = None  # the client has failed for sure
        self._hearing = Hearing(0.0)
        self._keeper: asyncio.Task[None] | None = None
        self._outage = OutageLog(log, "consumer")
        self._farewells = Farewells()

    @property
    def live(self) -> bool:
        """Whether what is published now will be heard: connected, in position, and nothing speaks against it."""
        return self._client is not None and not self._doubt.is_set()

    @property
    def partitions(self) -> frozenset[int]:
        """The numbers of the partitions it reads now."""
        return self._membership.partitions if self._membership else frozenset()

    def start(self) -> None:
        """Begin to connect, for as long as it takes; returns at once."""
        self._keeper = asyncio.create_task(self._keep())

    async def wait_live(self) -> None:
        """Wait until it is connected and in position. There is no deadline here: bring one."""
        await self._connected.wait()

    async def stop(self) -> None:
        """Leave the group and close, within the deadlines of both. Commit before."""
        await ended(self._keeper)
        if self._client is not None:
            await self._let_go(self._client)
        await self._farewells.finish()

    async def getmany(self, *, timeout: float, max_records: int) -> list[Record]:
        """At most `max_records` messages as soon as there are any; none after `timeout` seconds.

        That none came proves nothing: see `live`.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        if not self._connected.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(end):
                    await self._connected.wait()
        client = self._client
        if client is None:
            return []
        left = max(0.0, end - loop.time())
        try:
            # A rebalance keeps a fetch waiting beyond its own time-out.
            call = client.getmany(timeout_ms=int(left * 1000), max_records=max_records)
            found = await within(left + GRACE, call, what="Fetching")
        except BrokerError as error:
            if not isinstance(error, NoAnswer):
                self._verdict = error.message
            self._doubt.set()
            await asyncio.sleep(end - loop.time())  # who polls in a loop must not spin
            return []
        if client is not self._client:
            return []  # of a client that was let go meanwhile: its successor brings them again
        self._hearing.polled(brought=len(found))
        return [record for records in found.values() for record in records]

    def pause(self) -> None:
        """Bring no more messages until `resume`. Go on calling `getmany`: that keeps the membership."""
        self._paused = True
        self._apply_pause(self._client)

    def resume(self) -> None:
        """Bring messages again."""
        self._paused = False
        self._apply_pause(self._client)

    async def commit(self, offsets: Mapping[int, int]) -> bool:
        """Commit for each partition the offset of the next message to read.

        False when that could not be done, because a partition is no longer ours or the broker is away: then its
        messages come again, to us or to another.
        """
        client = self._client
        if client is None:
            return False
        wanted = {TopicPartition(self._topic, partition): offset for partition, offset in offsets.items()}
        try:
            await within(COMMIT_TIMEOUT, client.commit(wanted), what="Committing")
        except BrokerError as error:
            if not isinstance(error.__cause__, CommitFailedError | IllegalStateError):
                self._doubt.set()
            return False
        return True

    async def _keep(self) -> None:
        while True:
            try:
                client = await self._open()
            except BrokerError as error:
                self._say_away(error.message)
                await asyncio.sleep(RETRY_INTERVAL * random.uniform(0.7, 1.3))
                continue
            self._say_back()
            reason = await self._watch(client)
            self._say_away(reason)
            await self._let_go(client)
            await asyncio.sleep(RETRY_INTERVAL * random.uniform(0.1, 0.3))

    async def _open(self) -> Any:
        await ensure_topics(self._settings, timeout=CONNECT_TIMEOUT)
        self._address = address(self._settings)
        client = AIOKafkaConsumer(
            bootstrap_servers=self._address,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest" if self._group else "latest",
            fetch_max_wait_ms=self._settings.fetch_max_wait_ms,
            request_timeout_ms=int(REQUEST_TIMEOUT * 1000),
            session_timeout_ms=int(SESSION_TIMEOUT * 1000),
            heartbeat_interval_ms=int(SESSION_TIMEOUT * 300),
        )
        self._verdict = None
        self._doubt.clear()
        self._hearing = Hearing(asyncio.get_running_loop().time())
        self._membership = Membership(self._hooks, on_change=lambda: self._apply_pause(client))
        try:
            await within(JOIN_TIMEOUT, self._begin(client, self._membership), what="Connecting")
        except BaseException:
            await self._let_go(client)
            raise
        self._client = client
        self._apply_pause(client)
        self._connected.set()
        return client

    async def _let_go(self, client: Any) -> None:
        self._client = None
        self._connected.clear()
        self._farewells.let_go(client)
        if self._membership:
            await self._membership.end()

    async def _begin(self, client: Any, membership: Membership) -> None:
        if self._group and self._settings.broker_file is None:
            client.subscribe([self._topic], listener=membership)
            await client.start()
            return
        await client.start()
        numbers = await client._client._wait_on_metadata(self._topic)
        partitions = [TopicPartition(self._topic, number) for number in sorted(numbers)]
        client.assign(partitions)
        if self._group is None:
            await client.seek_to_end(*partitions)
        for partition in partitions:
            await client.position(partition)
        await membership.on_partitions_assigned(partitions)

    async def _watch(self, client: Any) -> str:
        """Returns when `client` is no longer to be trusted, and says why."""
        loop = asyncio.get_running_loop()
        due = loop.time() + PROOF_INTERVAL
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_INTERVAL):
                    await self._doubt.wait()
            if self._verdict:
                return self._verdict
            try:
                # The embedded broker comes back at another port, where a client made before never looks.
                if address(self._settings) != self._address:
                    return "The broker has another address now."
                if loop.time() < due and not self._doubt.is_set():
                    continue
                standing = await within(PROOF_TIMEOUT, ask(client), what="Asking the broker")
            except BrokerError as error:
                return error.message
            self._doubt.clear()
            if loop.time() >= due:
                verdict = self._hearing.judge(standing, assigned=bool(client.assignment()), now=loop.time())
                if verdict:
                    return verdict
                due = loop.time() + PROOF_INTERVAL

    def _apply_pause(self, client: Any) -> None:
        if client is None:
            return
        partitions = client.assignment()
        self._hearing.excuse()
        if self._paused:
            client.pause(*partitions)
        else:
            client.resume(*(partitions & client.paused()))

    def _say_away(self, reason: str) -> None:
        metrics.broker_up.set(0)
        self._outage.lost(reason)

    def _say_back(self) -> None:
        metrics.broker_up.set(1)
        self._outage.found()
