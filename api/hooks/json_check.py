"""Looks for flaws in JSON without holding up the event loop.

The parser holds the interpreter while it works: 1 MiB of nothing but `[]` takes 50 ms, 10 MiB 850 ms. A body over
256 KiB is therefore looked at by a child process, one at a time; small ones are done in microseconds where they are.
"""

import asyncio
import sys
from contextlib import suppress
from typing import Final

import orjson

from api.hooks import json_flaws
from api.hooks.json_flaws import Flaw
from zipped.errors import Unavailable

INLINE_BYTES: Final = 256 << 10
KEPT_BYTES: Final = 4 << 20  # of a body after which the child is kept: 30 times as much is what a body may become
PATIENCE: Final = 10.0  # seconds for the child, waiting for one's turn included


class JsonCheck:
    """Looks at bodies; the child is started when the first large one comes."""

    def __init__(self) -> None:
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def find(self, body: bytes) -> Flaw | None:
        """The first flaw of a body; None when it is JSON. Raises Unavailable when the child can't say."""
        if len(body) <= INLINE_BYTES:
            return json_flaws.find(body)
        try:
            async with asyncio.timeout(PATIENCE), self._turn:
                try:
                    return await self._ask(body)
                except BaseException:
                    await self._end()  # its answer would be taken for that to the next question
                    raise
        except (TimeoutError, OSError, EOFError, ValueError) as error:
            raise Unavailable("This body can't be looked at right now; nothing was stored; try again.") from error

    async def close(self) -> None:
        """End the child."""
        async with self._turn:
            await self._end()

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            if child.returncode is None:
                child.kill()
            await asyncio.shield(_gone(child))

    async def _ask(self, body: bytes) -> Flaw | None:
        if self._child is not None and self._child.returncode is not None:
            await self._end()
        child = self._child
        if child is None:
            child = self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-I", json_flaws.__file__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(len(body).to_bytes(8, "big"))
        child.stdin.write(body)
        await child.stdin.drain()
        line = await child.stdout.readline()
        if not line:
            raise EOFError
        if len(body) > KEPT_BYTES:
            await self._end()  # what a process once held it may keep; the next large body has a fresh one
        told = orjson.loads(line)
        return Flaw(**told) if told else None


async def _gone(child: asyncio.subprocess.Process) -> None:
    """Wait until it has ended and both pipes are closed: what is left open outlives the loop and complains there."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.close()
    with suppress(OSError):  # what was still to be written can't be any more
        await child.stdin.wait_closed()
    await child.stdout.read()
    await child.wait()
