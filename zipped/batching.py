"""Group commit without a timer: a flusher takes whatever waits, so that a batch is as large as the load.

One row alone is written at once; while it is being written others gather and go together next. What is wrong
with one row harms its own caller only: a batch that fails for its input is split in halves down to that row.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from zipped import metrics
from zipped.db import classify
from zipped.errors import Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

RETRIES = 2  # more tries for a deadlock or a serialization failure, before halving


class Batcher(Generic[Item, Result]):
    """Gathers items into transactions and hands each caller its own result.

    `flush` writes a list of items in one transaction and returns their results in order. An error of kind
    "input" or "retry" splits the batch; "away" fails all of it with Unavailable; a bug fails all of it as it is.
    """

    def __init__(
        self,
        flush: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        name: str,
        max_rows: int = 256,
        max_bytes: int = 8 << 20,
        max_age: float = 2.0,  # seconds an item may have waited before newcomers are refused
        flushers: int = 1,
        size_of: Callable[[Item], int] = lambda _: 0,
    ) -> None:
        self._flush = flush
        self._name = name
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._limit = flushers
        self._size_of = size_of
        self._queue: deque[tuple[Item, int, float, asyncio.Future[Result]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, item: Item) -> Result:
        """Write `item` with whatever else waits, and return its own result.

        Raises Unavailable when the queue is older than `max_age` or the database is away, and what `flush`
        raised for this item alone. A caller that goes away cancels nothing: its row is written all the same.
        """
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._queue and now - self._queue[0][2] > self._max_age:
            raise Unavailable("More is coming in than can be stored right now; nothing was stored; try again.")
        future: asyncio.Future[Result] = loop.create_future()
        self._queue.append((item, self._size_of(item), now, future))
        if len(self._tasks) < self._limit:
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(future)

    async def drain(self) -> None:
        """Wait until everything that was submitted is written."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _work(self) -> None:
        while self._queue:
            items, futures = self._take()
            metrics.batch_rows.labels(self._name).observe(len(items))
            await self._write(items, futures)

    def _take(self) -> tuple[list[Item], list[asyncio.Future[Result]]]:
        items: list[Item] = []
        futures: list[asyncio.Future[Result]] = []
        size = 0
        while self._queue and len(items) < self._max_rows:
            item, item_size, _, future = self._queue[0]
            if items and size + item_size > self._max_bytes:
                break
            self._queue.popleft()
            size += item_size
            items.append(item)
            futures.append(future)
        return items, futures

    async def _write(self, items: list[Item], futures: list[asyncio.Future[Result]], tries: int = 0) -> None:
        try:
            results = await self._flush(items)
        except Exception as error:
            fault = classify(error)
            if fault == "retry" and tries < RETRIES:
                await self._write(items, futures, tries + 1)
            elif fault in ("input", "retry") and len(items) > 1:
                middle = len(items) // 2
                await self._write(items[:middle], futures[:middle])
                await self._write(items[middle:], futures[middle:])
            else:
                away = fault in ("away", "retry") and not isinstance(error, Unavailable)
                answer = Unavailable() if away else error
                if away:
                    answer.__cause__ = error
                for future in futures:
                    _settle(future, error=answer)
            return
        for future, result in zip(futures, results, strict=True):
            _settle(future, result=result)


def _settle(future: "asyncio.Future[Result]", *, result: Result | None = None, error: Exception | None = None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)  # type: ignore[arg-type]  # a Result may itself be None
    else:
        future.set_exception(error)
        future.exception()  # read once: a caller who went away must not leave "never retrieved" behind
