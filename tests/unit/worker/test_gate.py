"""Many at once, or one alone."""

import asyncio

from worker.gate import Gate


async def turn() -> None:
    """Let everybody else go as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Visitor:
    """Somebody who goes in and stays until told to leave."""

    def __init__(self, gate: Gate, *, alone: bool) -> None:
        self.inside = False
        self.entered = asyncio.Event()
        self._leave = asyncio.Event()
        self._task = asyncio.create_task(self._visit(gate, alone=alone))

    async def _visit(self, gate: Gate, *, alone: bool) -> None:
        async with gate.alone() if alone else gate.shared():
            self.inside = True
            self.entered.set()
            await self._leave.wait()
            self.inside = False

    async def leave(self) -> None:
        self._leave.set()
        await self._task
        await turn()


def inside(*visitors: Visitor) -> list[bool]:
    """Who of them is inside."""
    return [visitor.inside for visitor in visitors]


def wanted(gate: Gate) -> bool:
    """Whether somebody waits to be alone, or is."""
    return gate.wanted


async def test_others_are_inside_together() -> None:
    gate = Gate()
    first, second = Visitor(gate, alone=False), Visitor(gate, alone=False)
    await turn()

    assert inside(first, second) == [True, True]
    assert wanted(gate) is False
    await first.leave()
    await second.leave()


async def test_who_is_to_be_alone_waits_for_the_others_and_goes_before_newcomers() -> None:
    gate = Gate()
    early = Visitor(gate, alone=False)
    await turn()
    suspect = Visitor(gate, alone=True)
    await turn()
    late = Visitor(gate, alone=False)
    await turn()

    assert wanted(gate) is True
    assert inside(early, suspect, late) == [True, False, False]
    await early.leave()
    assert inside(early, suspect, late) == [False, True, False]
    await suspect.leave()
    assert inside(early, suspect, late) == [False, False, True]
    assert wanted(gate) is False
    await late.leave()


async def test_two_who_are_to_be_alone_come_one_after_the_other() -> None:
    gate = Gate()
    first, second = Visitor(gate, alone=True), Visitor(gate, alone=True)
    await turn()

    assert inside(first, second) == [True, False]
    await first.leave()
    assert inside(first, second) == [False, True]
    await second.leave()


async def test_who_gives_up_waiting_to_be_alone_lets_others_pass() -> None:
    gate = Gate()
    early = Visitor(gate, alone=False)
    await turn()

    async def alone() -> None:
        async with gate.alone():
            raise AssertionError

    waiting = asyncio.create_task(alone())
    await turn()
    waiting.cancel()
    await asyncio.wait([waiting])
    late = Visitor(gate, alone=False)
    await turn()

    assert inside(early, late) == [True, True]
    await early.leave()
    await late.leave()


async def test_a_suspect_does_not_wait_for_ever_and_neither_do_the_others() -> None:
    # given
    gate = Gate(patience=0.05)
    long = Visitor(gate, alone=False)
    await turn()

    # when
    suspect = Visitor(gate, alone=True)
    await turn()
    late, next_suspect = Visitor(gate, alone=False), Visitor(gate, alone=True)
    await turn()
    assert inside(long, suspect, late, next_suspect) == [True, False, False, False]

    # then
    async with asyncio.timeout(5):
        await late.entered.wait()
    assert inside(long, suspect, late, next_suspect) == [True, True, True, False]
    assert wanted(gate) is True
    for visitor in (suspect, long, late):
        await visitor.leave()
    async with asyncio.timeout(5):
        await next_suspect.entered.wait()
    await next_suspect.leave()
    assert wanted(gate) is False
