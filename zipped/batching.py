"""Group commit without a timer: a flusher takes whatever waits, so that a batch is as large as the load.

One row alone is written at once; while it is being written others gather and go together next. What is wrong
with one row harms its own caller only: a batch that fails for its input is split in halves down to that row.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from zipped import metrics
from zipped.db import classify
from zipped.errors import Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

RETRIES = 2  # more tries for a deadlock or a serialization failure, before halving
OVERLOADED = "More is coming in than can be stored right now; nothing was stored; try again."


@dataclass(slots=True)
class _Waiting(Generic[Item, Result]):
    item: Item
    size: int
    since: float
    future: "asyncio.Future[Result]"

    def settle(self, result: Result) -> None:
        if not self.future.done():  # its caller may have gone away
            self.future.set_result(result)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)
            self.future.exception()  # read once: a caller who goes away now leaves no "never retrieved" behind


class Batcher(Generic[Item, Result]):
    """Gathers items into transactions and hands each caller its own result.

    `flush` writes a list of items in one transaction and returns their results in order; an exception among them is
    raised for its own caller. One that `flush` raises says that nothing was written: of kind "input" or "retry" it
    splits the batch; "away" fails all of it with Unavailable; a bug fails all of it as it is.
    """

    def __init__(
        self,
        flush: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        name: str,
        max_rows: int = 256,
        max_bytes: int = 8 << 20,
        max_age: float = 2.0,  # seconds an item may wait; then it is given back, and newcomers are refused
        flushers: int = 1,
        size_of: Callable[[Item], int] = lambda _: 0,
    ) -> None:
        self._flush = flush
        self._rows = metrics.batch_rows.labels(name)
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._limit = flushers
        self._size_of = size_of
        self._queue: deque[_Waiting[Item, Result]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._working = 0

    async def submit(self, item: Item) -> Result:
        """Write `item` with whatever else waits, and return its own result.

        Raises Unavailable when the queue is older than `max_age` or the database is away, and what `flush`
        raised for this item alone. A caller that goes away cancels nothing: its row is written all the same.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._queue and now - self._queue[0].since > self._max_age:
            raise Unavailable(OVERLOADED)
        waiting: _Waiting[Item, Result] = _Waiting(item, self._size_of(item), now, loop.create_future())
        self._queue.append(waiting)
        if self._working < self._limit:
            self._working += 1
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await waiting.future

    async def drain(self) -> None:
        """Wait until everything that was submitted is written."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _work(self) -> None:
        try:
            while batch := self._take():
                self._rows.observe(len(batch))
                try:
                    await self._write(batch)
                except BaseException:  # cancelled, at the end of the process: nobody may hang
                    for waiting in batch:
                        waiting.fail(Unavailable())
                    raise
        finally:
            # Counted here and not by who is done: between the last look at the queue and the task's callbacks
            # somebody may submit, and would wait for ever.
            self._working -= 1

    def _take(self) -> list[_Waiting[Item, Result]]:
        """What goes next. What waited too long is given back: its caller must not be kept, nor written after all."""
        now = asyncio.get_running_loop().time()
        batch: list[_Waiting[Item, Result]] = []
        size = 0
        while self._queue and len(batch) < self._max_rows:
            waiting = self._queue[0]
            if now - waiting.since > self._max_age:
                self._queue.popleft().fail(Unavailable(OVERLOADED))
                continue
            if batch and size + waiting.size > self._max_bytes:
                break
            size += waiting.size
            batch.append(self._queue.popleft())
        return batch

    async def _write(self, batch: list[_Waiting[Item, Result]], tries: int = 0) -> None:
        try:
            results = await self._flush([waiting.item for waiting in batch])
            if len(results) != len(batch):
                raise RuntimeError(f"{len(batch)} rows were written and {len(results)} results came back")
        except Exception as error:
            fault = classify(error)
            if fault == "retry" and tries < RETRIES:
                await self._write(batch, tries + 1)
            elif fault in ("input", "retry") and len(batch) > 1:
                middle = len(batch) // 2
                await self._write(batch[:middle])
                await self._write(batch[middle:])
            else:
                answer = _answer(error) if fault in ("away", "retry") else error
                for waiting in batch:
                    waiting.fail(answer)
            return
        for waiting, result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                waiting.fail(result)
            else:
                waiting.settle(result)


def _answer(error: Exception) -> Unavailable:
    if isinstance(error, Unavailable):
        return error
    answer = Unavailable()
    answer.__cause__ = error
    return answer
