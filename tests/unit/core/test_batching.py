"""Group commit: batches as large as the load, and every caller its own result."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import DBAPIError

from zipped.batching import Batcher
from zipped.errors import Unavailable


def database_error(state: str) -> DBAPIError:
    """An error as the driver wraps it."""
    original = RuntimeError(state)
    original.sqlstate = state  # type: ignore[attr-defined]
    return DBAPIError("select", {}, original)


class Table:
    """What a flush writes to; it can be held shut, and refuses what it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.refuses: dict[str, Exception] = {}
        self.open = asyncio.Event()
        self.open.set()

    async def flush(self, items: Sequence[str]) -> list[str]:
        await self.open.wait()
        self.batches.append(list(items))
        for item in items:
            if item in self.refuses:
                raise self.refuses[item]
        return [item.upper() for item in items]


def batcher(table: Table, **options: int | float) -> Batcher[str, str]:
    return Batcher(table.flush, name="test", size_of=len, **options)  # type: ignore[arg-type]


async def submit_all(made: Batcher[str, str], *items: str) -> list[str | BaseException]:
    return await asyncio.gather(*(made.submit(item) for item in items), return_exceptions=True)


async def test_who_comes_alone_is_written_alone_and_at_once() -> None:
    table = Table()
    assert await batcher(table).submit("a") == "A"
    assert table.batches == [["a"]]


async def test_who_comes_again_at_once_is_not_forgotten() -> None:
    # the flusher has just looked at the empty queue, but its task is not done yet
    table = Table()
    made = batcher(table)
    async with asyncio.timeout(5):
        assert [await made.submit(item) for item in "abc"] == ["A", "B", "C"]


async def test_what_comes_while_a_batch_is_written_goes_together() -> None:
    # given
    table = Table()
    made = batcher(table)
    table.open.clear()
    first = asyncio.create_task(made.submit("a"))
    await asyncio.sleep(0)
    others = [asyncio.create_task(made.submit(item)) for item in "bcd"]
    await asyncio.sleep(0)

    # when
    table.open.set()
    results = await asyncio.gather(first, *others)

    # then
    assert results == ["A", "B", "C", "D"]
    assert table.batches == [["a"], ["b", "c", "d"]]


async def test_a_batch_is_bounded_in_rows_and_bytes() -> None:
    table = Table()
    results = await submit_all(
        batcher(table, max_rows=3, max_bytes=10), "aaaa", "bbbb", "cccc", "d", "e", "f", "x" * 50
    )
    assert results == ["AAAA", "BBBB", "CCCC", "D", "E", "F", "X" * 50]
    assert table.batches == [["aaaa", "bbbb"], ["cccc", "d", "e"], ["f"], ["x" * 50]]


@pytest.mark.parametrize("state", ["22021", "23503"])
async def test_a_poisoned_row_harms_its_caller_only(state: str) -> None:
    # given
    table = Table()
    error = table.refuses["r57"] = database_error(state)
    items = [f"r{number}" for number in range(100)]

    # when
    results = await submit_all(batcher(table), *items)

    # then
    assert results.pop(57) is error
    assert results == [item.upper() for item in items if item != "r57"]


async def test_a_deadlock_is_tried_twice_more_before_the_batch_is_split() -> None:
    # given
    table = Table()
    table.refuses["b"] = database_error("40P01")

    # when
    results = await submit_all(batcher(table), "a", "b")

    # then
    assert results[0] == "A"
    assert isinstance(results[1], Unavailable)
    assert table.batches == [["a", "b"]] * 3 + [["a"]] + [["b"]] * 3


@pytest.mark.parametrize("error", [database_error("57P01"), database_error("53100"), OSError("gone"), Unavailable()])
async def test_an_outage_fails_the_whole_batch_at_once(error: Exception) -> None:
    # given
    table = Table()
    table.refuses["b"] = error

    # when
    results = await submit_all(batcher(table), "a", "b", "c")

    # then
    assert [type(result) for result in results] == [Unavailable] * 3
    assert table.batches == [["a", "b", "c"]]


async def test_a_bug_reaches_every_caller_as_it_is() -> None:
    table = Table()
    error = table.refuses["b"] = KeyError("b")
    assert await submit_all(batcher(table), "a", "b") == [error, error]
    assert await batcher(table).submit("a") == "A"


async def test_a_wrong_number_of_results_leaves_nobody_waiting() -> None:
    async def flush(items: Sequence[str]) -> list[str]:
        return list(items)[1:]

    made: Batcher[str, str] = Batcher(flush, name="test")
    results = await submit_all(made, "a", "b")
    assert [type(result) for result in results] == [RuntimeError, RuntimeError]


async def test_a_caller_who_goes_away_cancels_nothing() -> None:
    # given
    table = Table()
    made = batcher(table)
    table.open.clear()
    tasks = [asyncio.create_task(made.submit(item)) for item in "abc"]
    await asyncio.sleep(0)

    # when
    tasks[1].cancel()
    table.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    # then
    assert results[0] == "A"
    assert isinstance(results[1], asyncio.CancelledError)
    assert results[2] == "C"
    assert table.batches == [["a", "b", "c"]]


async def test_an_old_queue_refuses_newcomers_and_gives_back_what_waited() -> None:
    # given: one batch is stuck, one item waits behind it
    table = Table()
    made = batcher(table, max_age=2.0)
    table.open.clear()
    stuck = asyncio.create_task(made.submit("a"))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(made.submit("b"))
    await asyncio.sleep(0)
    made._queue[0].since -= 2.1  # seconds that have gone by

    # when
    with pytest.raises(Unavailable, match="nothing was stored"):
        await made.submit("c")
    table.open.set()

    # then
    assert await stuck == "A"
    with pytest.raises(Unavailable, match="nothing was stored"):
        await waiting
    assert await made.submit("d") == "D"
    assert table.batches == [["a"], ["d"]]


async def test_flushers_write_at_the_same_time() -> None:
    # given
    table = Table()
    made = batcher(table, flushers=2, max_rows=1)
    table.open.clear()

    # when
    tasks = [asyncio.create_task(made.submit(item)) for item in "abc"]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert made._working == 2
    table.open.set()

    # then
    assert await asyncio.gather(*tasks) == ["A", "B", "C"]
    assert sorted(table.batches) == [["a"], ["b"], ["c"]]


async def test_a_cancelled_flusher_leaves_nobody_waiting() -> None:
    # given
    table = Table()
    made = batcher(table)
    table.open.clear()
    waiting = asyncio.create_task(made.submit("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    # when
    for task in made._tasks:
        task.cancel()

    # then
    with pytest.raises(Unavailable):
        await waiting
    table.open.set()
    assert await made.submit("b") == "B"


async def test_drain_waits_for_everything_that_was_submitted() -> None:
    table = Table()
    made = batcher(table, max_rows=1)
    tasks = [asyncio.create_task(made.submit(item)) for item in "abc"]
    await asyncio.sleep(0)
    await made.drain()
    assert table.batches == [["a"], ["b"], ["c"]]
    assert [await task for task in tasks] == ["A", "B", "C"]


async def test_an_exception_among_the_results_is_its_own_callers() -> None:
    written: list[str] = []

    async def flush(items: Sequence[str]) -> list[str | Exception]:
        written.extend(items)
        return [ValueError(item) if item == "b" else item.upper() for item in items]

    made: Batcher[str, str] = Batcher(flush, name="test")

    first, second, third = await submit_all(made, "a", "b", "c")

    assert (first, third) == ("A", "C")
    assert isinstance(second, ValueError)
    assert sorted(written) == ["a", "b", "c"]
