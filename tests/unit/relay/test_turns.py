"""How the relay's parts go on through failures, and end when asked."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import structlog

from relay import turns
from relay.turns import database_outage, take_turns
from zipped.errors import Unavailable


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "retry_pause", lambda: 0.0)


def script(stop: asyncio.Event, *outcomes: Exception | float) -> Callable[[], Awaitable[float]]:
    """A part whose turns end like this, one after the other; the last one asks to stop."""
    left = list(outcomes)

    async def turn() -> float:
        outcome = left.pop(0)
        if not left:
            stop.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return turn


async def test_an_outage_of_the_database_is_told_once_and_so_is_its_end() -> None:
    stop = asyncio.Event()
    turn = script(stop, 0.0, Unavailable(), Unavailable(), Unavailable(), 0.0, 0.0)

    with structlog.testing.capture_logs() as logs:
        await take_turns(turn, name="timer", stop=stop, outage=database_outage())

    assert [line["event"] for line in logs] == ["database.away", "database.back"]


async def test_all_parts_of_a_process_tell_of_it_together() -> None:
    outage = database_outage()
    stops = [asyncio.Event() for _ in range(3)]
    turns = [script(stop, Unavailable(), Unavailable(), Unavailable()) for stop in stops]

    with structlog.testing.capture_logs() as logs:
        parts = zip(turns, stops, strict=True)
        await asyncio.gather(*(take_turns(turn, name="part", stop=stop, outage=outage) for turn, stop in parts))

    assert [line["event"] for line in logs] == ["database.away"]


async def test_a_bug_in_one_turn_is_told_and_does_not_end_the_part() -> None:
    stop = asyncio.Event()
    turn = script(stop, ZeroDivisionError("a value that somebody sent"), 0.0, 0.0)

    with structlog.testing.capture_logs() as logs:
        await take_turns(turn, name="sweeper", stop=stop, outage=database_outage())

    assert [(line["event"], line["log_level"], line["part"]) for line in logs] == [
        ("relay.turn_failed", "error", "sweeper")
    ]
    assert logs[0]["error"] == "ZeroDivisionError"
    assert "somebody" not in repr(logs)


async def test_a_long_pause_ends_when_it_is_asked_to_stop() -> None:
    stop = asyncio.Event()
    turned = asyncio.Event()

    async def turn() -> float:
        turned.set()
        return 3600.0

    task = asyncio.create_task(take_turns(turn, name="retention", stop=stop, outage=database_outage()))
    await turned.wait()
    stop.set()

    async with asyncio.timeout(1):
        await task


async def test_the_turn_in_hand_is_finished() -> None:
    stop, begun, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    finished = []

    async def turn() -> float:
        begun.set()
        await go_on.wait()
        finished.append(True)
        return 0.0

    task = asyncio.create_task(take_turns(turn, name="relay", stop=stop, outage=database_outage()))
    await begun.wait()
    stop.set()
    go_on.set()
    await task

    assert finished == [True]
