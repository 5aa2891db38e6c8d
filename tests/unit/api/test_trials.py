"""How many steps are tried at once, and how often by one caller."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from api.graphql import trials
from api.graphql.trials import BURST, PLACES, Trials
from zipped.errors import LimitExceeded

ADA, EVE = UUID(int=1), UUID(int=2)


def test_a_caller_waits_once_the_burst_is_used_up_and_nobody_else_does() -> None:
    # given
    some = Trials()
    for _ in range(int(BURST["send"])):
        some.admit(ADA, "send", now=0.0)

    # when
    with pytest.raises(LimitExceeded) as refused:
        some.admit(ADA, "send", now=0.0)

    # then
    assert refused.value.retry_after == 2.0
    some.admit(ADA, "render", now=0.0)
    some.admit(EVE, "send", now=0.0)
    some.admit(ADA, "send", now=2.0)
    with pytest.raises(LimitExceeded):
        some.admit(ADA, "send", now=2.0)


async def test_a_place_that_does_not_become_free_is_refused_and_a_free_one_is_given_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given
    some = Trials()
    async with AsyncExitStack() as held:
        for _ in range(PLACES["render"]):
            await held.enter_async_context(some.place("render"))

        # when
        monkeypatch.setattr(trials, "PATIENCE", 0.0)
        with pytest.raises(LimitExceeded):
            async with some.place("render"):
                pytest.fail("there was a place")

        # then: sending has places of its own
        monkeypatch.setattr(trials, "PATIENCE", 20.0)
        async with some.place("send"):
            pass
    await asyncio.gather(*(_taken(some) for _ in range(3 * PLACES["render"])))


async def _taken(some: Trials) -> None:
    async with some.place("render"):
        await asyncio.sleep(0)
