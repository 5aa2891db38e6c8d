"""Room for what is large: in the order of asking, never more than there is, and nobody is shut out by size."""

import asyncio
from contextlib import AsyncExitStack

from worker import room as rooms
from worker.room import Room

UNIT = rooms.LIGHT * 2


class Guests:
    """Tasks that ask for a share and leave when they are told to."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.inside: list[str] = []
        self._leave: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, name: str, weight: int) -> None:
        self._leave[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._stay(name, weight))
        await settle()

    async def leave(self, name: str) -> None:
        self._leave[name].set()
        await self._tasks[name]
        await settle()

    async def give_up(self, name: str) -> None:
        self._tasks[name].cancel()
        await asyncio.wait([self._tasks[name]])
        await settle()

    async def _stay(self, name: str, weight: int) -> None:
        async with self.room.share(weight):
            self.inside.append(name)
            try:
                await self._leave[name].wait()
            finally:
                self.inside.remove(name)


async def settle() -> None:
    """Every task gets as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_get_in_than_there_is_room_for_and_in_the_order_of_asking() -> None:
    guests = Guests(Room(4 * UNIT))
    await guests.come("a", 3 * UNIT)
    await guests.come("b", 2 * UNIT)
    await guests.come("c", UNIT)
    assert guests.inside == ["a"]

    await guests.leave("a")

    assert guests.inside == ["b", "c"]
    await guests.leave("b")
    await guests.leave("c")


async def test_who_is_larger_than_the_room_gets_in_alone() -> None:
    guests = Guests(Room(4 * UNIT))
    await guests.come("small", UNIT)
    await guests.come("huge", 9 * UNIT)
    await guests.come("other", UNIT)
    assert guests.inside == ["small"]

    await guests.leave("small")
    assert guests.inside == ["huge"]
    await guests.leave("huge")

    assert guests.inside == ["other"]
    await guests.leave("other")


async def test_what_is_light_waits_for_nobody() -> None:
    guests = Guests(Room(UNIT))
    await guests.come("heavy", UNIT)
    await guests.come("heavier", 2 * UNIT)

    await guests.come("light", rooms.LIGHT)

    assert guests.inside == ["heavy", "light"]
    for name in ("light", "heavy", "heavier"):
        await guests.leave(name)


async def test_a_share_that_shrinks_makes_room() -> None:
    room = Room(4 * UNIT)
    guests = Guests(room)
    async with room.share(4 * UNIT) as share:
        await guests.come("next", 3 * UNIT)
        assert guests.inside == []

        share.shrink(UNIT)
        await settle()

        assert guests.inside == ["next"]
        share.shrink(2 * UNIT)
        assert share.weight == UNIT
    await guests.leave("next")


async def test_who_gives_up_waiting_keeps_nobody_out() -> None:
    guests = Guests(Room(4 * UNIT))
    await guests.come("a", 3 * UNIT)
    await guests.come("large", 4 * UNIT)
    await guests.come("small", UNIT)

    await guests.give_up("large")

    assert guests.inside == ["a", "small"]
    await guests.leave("a")
    await guests.leave("small")
    await guests.come("whole", 4 * UNIT)
    assert guests.inside == ["whole"]
    await guests.leave("whole")


async def test_who_gives_up_at_the_moment_of_admission_gives_its_share_back() -> None:
    room = Room(UNIT)
    guests = Guests(room)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(room.share(UNIT))
        await guests.come("late", UNIT)
    guests._tasks["late"].cancel()  # admitted, and not yet run since

    await settle()

    await guests.come("next", UNIT)
    assert guests.inside == ["next"]
    await guests.leave("next")


async def test_a_room_that_is_closed_keeps_nobody_waiting() -> None:
    room = Room(UNIT)
    guests = Guests(room)
    await guests.come("a", UNIT)
    await guests.come("b", UNIT)

    room.close()
    await settle()

    assert guests.inside == ["a", "b"]
    await guests.leave("a")
    await guests.leave("b")
