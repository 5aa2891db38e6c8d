"""The child process that looks at large bodies."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from api.hooks import json_check
from api.hooks.json_check import INLINE_BYTES, KEPT_BYTES, JsonCheck
from api.hooks.json_flaws import Flaw
from tests.fixtures.freezing import freeze
from tests.fixtures.waiting import until
from zipped.errors import Unavailable

LARGE = b'["' + b"x" * INLINE_BYTES + b'"]'


def child_of(check: JsonCheck) -> int | None:
    """Its process id; None while there is none."""
    return check._child.pid if check._child else None


def is_asked(check: JsonCheck) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return check._turn.locked()

    return asked


async def test_one_that_died_between_two_questions_harms_neither() -> None:
    # given
    check = JsonCheck()
    assert await check.find(LARGE) is None
    assert check._child is not None
    first = check._child

    # when
    os.kill(first.pid, signal.SIGKILL)
    await first.wait()

    # then
    assert await check.find(LARGE) is None
    assert first.stdin is not None
    assert first.stdin.is_closing()
    await check.close()


async def test_small_ones_need_no_child_and_large_ones_share_one() -> None:
    # given
    check = JsonCheck()

    # then
    assert await check.find(b"{}") is None
    assert child_of(check) is None
    assert await asyncio.gather(*(check.find(LARGE) for _ in range(5))) == [None] * 5
    first = child_of(check)
    assert first is not None
    broken = LARGE[:-1] + b",\n}"
    assert await check.find(broken) == Flaw("unexpected character, expected a JSON value", 2, 1, len(broken) - 1)
    assert child_of(check) == first
    await check.close()


async def test_a_child_that_dies_harms_one_question_and_comes_back() -> None:
    # given
    check = JsonCheck()
    assert await check.find(LARGE) is None
    assert check._child is not None
    freeze(check._child.pid)

    # when
    asking = asyncio.create_task(check.find(LARGE))
    await until(is_asked(check))
    os.kill(check._child.pid, signal.SIGKILL)

    # then
    with pytest.raises(Unavailable):
        await asking
    assert await check.find(LARGE) is None
    await check.close()


async def test_who_gives_up_waiting_leaves_no_answer_behind() -> None:
    # given
    check = JsonCheck()
    assert await check.find(LARGE) is None
    assert check._child is not None
    freeze(check._child.pid)

    # when
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await check.find(LARGE[:-1])

    # then
    assert await check.find(LARGE) is None
    await check.close()


async def test_a_child_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    check = JsonCheck()
    assert await check.find(LARGE) is None
    assert check._child is not None
    freeze(check._child.pid)
    monkeypatch.setattr(json_check, "PATIENCE", 0.05)

    # then: one is asked, one waits for its turn
    asked = await asyncio.gather(check.find(LARGE), check.find(LARGE), return_exceptions=True)
    assert [type(answer) for answer in asked] == [Unavailable, Unavailable]
    monkeypatch.undo()
    assert await check.find(LARGE) is None
    await check.close()


async def test_after_a_huge_one_the_next_has_a_fresh_child() -> None:
    # given
    check = JsonCheck()
    assert await check.find(LARGE) is None
    first = child_of(check)

    # when
    assert await check.find(b'["' + b"x" * KEPT_BYTES + b'"]') is None

    # then
    assert child_of(check) is None
    assert await check.find(LARGE) is None
    assert child_of(check) not in (None, first)
    await check.close()
