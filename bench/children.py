"""The bench's own processes: told by a line when to begin, heard by a line of JSON."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson

from zipped.embedded.process import importable

START_TIMEOUT = 30.0  # seconds until a child is ready
LONGEST_LINE = 64 << 20  # bytes


class ChildFailed(Exception):
    """One of the bench's own processes ended early."""


class Child:
    """A process that says "ready", and then answers one line with another."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def say(self, line: bytes) -> None:
        """Write a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        await self._process.stdin.drain()

    async def hear(self) -> bytes:
        """Read a line. Raises ChildFailed."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise ChildFailed(f"process {self.pid} ended; its own words are above")
        return line.strip()

    async def go(self) -> Any:
        """Let it begin; what it measured."""
        await self.say(b"")
        return orjson.loads(await self.hear())


@asynccontextmanager
async def child(words: Sequence[str], environment: Mapping[str, str], *, order: object = None) -> AsyncIterator[Child]:
    """A child that runs `python -m words` and is ready; ended with the block. Raises ChildFailed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        env=importable(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    one = Child(process)
    try:
        if order is not None:
            await one.say(orjson.dumps(order))
        async with asyncio.timeout(START_TIMEOUT):
            ready = await one.hear()
        if ready != b"ready":
            raise ChildFailed(f"process {one.pid} said {ready!r}")
        yield one
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
