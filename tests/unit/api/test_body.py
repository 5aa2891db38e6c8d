"""Reading a body: up to a limit, and all requests together up to another."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.held import Memory
from api.hooks.body import ClientGone, TooLarge, read
from zipped.errors import Unavailable


def channel(*chunks: bytes | None) -> Callable[[], Awaitable[dict[str, Any]]]:
    """A client that sends these; None goes away."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        chunk = left.pop(0)
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": bool(left)}

    return receive


@pytest.mark.parametrize("chunks", [[b""], [b"abc"], [b"a", b"", b"bc"], [b"", b"abc", b""]])
async def test_all_of_it(chunks: list[bytes]) -> None:
    memory = Memory()
    held = memory.hold()
    assert await read(channel(*chunks), limit=3, held=held) == b"".join(chunks)
    assert memory.held == len(b"".join(chunks))
    held.release()
    assert memory.held == 0


@pytest.mark.parametrize("chunks", [[b"abcd"], [b"ab", b"cd"], [b"ab", b"cd", b"never read"]])
async def test_the_first_byte_too_many_ends_it(chunks: list[bytes]) -> None:
    with pytest.raises(TooLarge) as error:
        await read(channel(*chunks), limit=3, held=Memory().hold())
    assert error.value.start == b"abcd"


@pytest.mark.parametrize("chunks", [[None], [b"ab", None]])
async def test_a_client_that_goes_away(chunks: list[bytes | None]) -> None:
    with pytest.raises(ClientGone):
        await read(channel(*chunks), limit=3, held=Memory().hold())


async def test_all_together_hold_no_more_than_fits() -> None:
    # given
    memory = Memory(limit=5, reserved=0)
    one, two = memory.hold(), memory.hold()
    await read(channel(b"abc"), limit=3, held=one)

    # when
    with pytest.raises(Unavailable):
        await read(channel(b"a", b"bc"), limit=3, held=two)
    two.release()

    # then
    assert memory.held == 3
    await read(channel(b"ab"), limit=3, held=two)


async def test_slow_senders_do_not_keep_out_what_is_here_whole() -> None:
    # given
    memory = Memory(limit=5, reserved=3)
    slow, whole, more = memory.hold(), memory.hold(), memory.hold()
    await read(channel(b"abc", b"de"), limit=9, held=slow)

    # when
    assert await read(channel(b"xyz"), limit=9, held=whole) == b"xyz"

    # then
    assert memory.held == 8
    for chunks in ([b"", b"a"], [b"a"]):
        with pytest.raises(Unavailable):
            await read(channel(*chunks), limit=9, held=more)
        more.release()
    assert memory.held == 8
