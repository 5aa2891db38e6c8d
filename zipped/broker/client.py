"""What every client of the broker shares: a deadline round each call, and letting go of one that hangs.

aiokafka waits for ever on a missing topic, during a rebalance and in `stop()` of a client whose broker died, where
it may also raise CancelledError though nobody cancelled anything. So no call of it is awaited directly.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from zipped.errors import BrokerError, SettingsError
from zipped.settings import Settings

CONNECT_TIMEOUT = 5.0  # seconds
STOP_TIMEOUT = 5.0  # seconds

Result = TypeVar("Result")


class NoAnswer(BrokerError):
    """The broker did not answer in time; it may be slow, or busy with a rebalance."""


class Stoppable(Protocol):
    """A client of aiokafka."""

    async def stop(self) -> None:
        """Say goodbye to the broker and close."""
        ...


def address(settings: Settings) -> str:
    """Where the broker is now. Raises BrokerError while the embedded one hasn't told its address."""
    try:
        return settings.kafka_address()
    except SettingsError as error:
        raise BrokerError(error.message) from error


async def within(seconds: float, call: Coroutine[Any, Any, Result], *, what: str) -> Result:
    """The result of `call`. Raises NoAnswer when it takes longer, BrokerError when it fails; `what` names it.

    It runs in a task of its own, so that a CancelledError out of aiokafka is told from our own cancellation.
    """
    task = asyncio.create_task(call)
    task.add_done_callback(_look)
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not task.done():
        task.cancel()
        raise NoAnswer(f"{what}: no answer within {seconds:g} s.")
    if task.cancelled():
        raise BrokerError(f"{what}: the client gave up.")
    error = task.exception()
    if error is not None:
        raise BrokerError(f"{what}: {_words(error)}.") from error
    return task.result()


def _words(error: BaseException) -> str:
    # aiokafka's own errors begin with the name of their class.
    words, kind = str(error).rstrip("."), type(error).__name__
    return words if words.startswith(kind) else f"{kind}: {words}"


async def let_go(client: Stoppable) -> None:
    """Stop `client`, by force when it doesn't stop by itself in time. Never raises."""
    try:
        await within(STOP_TIMEOUT, client.stop(), what="Stopping")
    except BrokerError:
        await _cut(client)


async def _cut(client: Any) -> None:
    """End the tasks and close the sockets that a stop cut short leaves behind; aiokafka has no public way to."""
    connection_pool = getattr(client, "client", None) or getattr(client, "_client", None)
    parts = [getattr(client, name, None) for name in ("_coordinator", "_fetcher", "_sender")]
    names = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task", "_fetch_task", "_sender_task")
    tasks = [getattr(part, name, None) for part in parts for name in names]
    tasks += [task for part in parts for task in getattr(part, "_pending_tasks", ())]
    tasks.append(getattr(connection_pool, "_sync_task", None))
    if connection_pool is not None:
        for connection in list(connection_pool._conns.values()):
            connection.close()
    ending = [task for task in tasks if isinstance(task, asyncio.Future) and not task.done()]
    for task in ending:
        task.cancel()
    if ending:
        await asyncio.wait(ending, timeout=1.0)


def _look(task: "asyncio.Task[Any]") -> None:
    # Read once: what a call that was given up on ends with must not be reported as never retrieved.
    if not task.cancelled():
        task.exception()


class Farewells:
    """Lets go of clients in the background, so that who dropped one need not wait for it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def let_go(self, client: Stoppable) -> None:
        """Stop `client` when there is time."""
        task = asyncio.create_task(let_go(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait until all are gone; they have their deadline."""
        while self._tasks:
            await asyncio.wait(self._tasks)


async def ended(task: "asyncio.Task[Any] | None") -> None:
    """Cancel a task of our own and wait until it has ended."""
    if task is None:
        return
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
