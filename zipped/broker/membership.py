"""Which partitions one client reads, and who is told when they come and go."""

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRebalanceListener, TopicPartition

from zipped.broker.client import within
from zipped.errors import BrokerError
from zipped.logs import get_logger

HOOK_TIMEOUT = 3.0  # seconds; a rebalance waits for its hook

log = get_logger(__name__)

Hook = Callable[[frozenset[int]], Coroutine[Any, Any, None]]


async def _nothing(_: frozenset[int]) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What is called when partitions come and go, by number; each call has 3 s."""

    #: Ours from now on. Their messages begin at the committed offset: forget what was known of them.
    assigned: Hook = _nothing
    #: About to go to another member: the last moment to commit them.
    revoked: Hook = _nothing
    #: Gone with their client: nothing of them can be committed any more.
    lost: Hook = _nothing


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka comes without types
    """The partitions of one client, from its first assignment to its end."""

    def __init__(self, hooks: Hooks, *, on_change: Callable[[], None]) -> None:
        self._hooks = hooks
        self._on_change = on_change
        self._ended = False
        self.partitions: frozenset[int] = frozenset()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called by aiokafka after a rebalance."""
        if not self._ended:
            self.partitions = frozenset(partition.partition for partition in assigned)
            await self._tell(self._hooks.assigned, self.partitions)

    async def on_partitions_revoked(self, _: Iterable[TopicPartition]) -> None:
        """Called by aiokafka before a rebalance; it waits for this."""
        if not self._ended:
            gone, self.partitions = self.partitions, frozenset()
            await self._tell(self._hooks.revoked, gone)

    async def end(self) -> None:
        """The client is let go."""
        self._ended = True
        gone, self.partitions = self.partitions, frozenset()
        await self._tell(self._hooks.lost, gone)

    async def _tell(self, hook: Hook, partitions: frozenset[int]) -> None:
        self._on_change()
        if not partitions:
            return
        try:
            await within(HOOK_TIMEOUT, hook(partitions), what="The hook")
        except BrokerError as error:
            log.warning("consumer.hook_failed", reason=error.message)
