"""Starts parts in order, starts anew what ends by itself, and stops everything in the opposite order.

One thread and no event loop: a child is tied to the life of the thread that started it (see process.spawn), and a
signal can interrupt any wait. The signal is an exception, so that every way out passes the same `finally`.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from zipped.embedded import StartError
from zipped.embedded.server import Server

POLL_INTERVAL = 0.2  # seconds
FIRST_PAUSE = 0.5  # seconds before a part that ended is started anew; doubled each time it ends again
LONGEST_PAUSE = 30.0  # seconds
STEADY_AFTER = 60.0  # seconds a part must have run for its pause to begin anew


class Stopped(KeyboardInterrupt):
    """Somebody pressed Ctrl-C or sent SIGTERM or SIGHUP.

    Of its family because asyncio lets nothing else out of a callback.
    """


class StopRequest:
    """Whether a signal has asked for the end: what raised it may have landed where exceptions are swallowed."""

    def __init__(self) -> None:
        self.made = False
        self.waits = False

    def check(self) -> None:
        """Raises Stopped when it has."""
        if self.made:
            raise Stopped

    @contextmanager
    def after(self) -> Iterator[None]:
        """What is done within is finished before the first signal counts; a second one ends it at once.

        For what runs on an event loop and is short: an exception out of nowhere in the middle of the database driver's
        own callbacks has ended this process with a segmentation fault.
        """
        self.waits = True
        try:
            yield
        finally:
            self.waits = False
        self.check()


@dataclass(slots=True)
class Part:
    """A server under supervision."""

    name: str
    server: Server
    pause: float = FIRST_PAUSE
    started_at: float = 0.0
    #: When it is to be started anew; None while it runs.
    due_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Everything `zipped up` runs, in the order of its start."""

    say: Callable[[str], None]
    request: StopRequest = field(default_factory=StopRequest)
    parts: list[Part] = field(default_factory=list)

    def spawn(self, *parts: Part) -> None:
        """Start `parts` without waiting for them. Raises StartError when one can't even be tried."""
        for part in parts:
            self.request.check()
            self.parts.append(part)  # first: also a part that is half started is stopped
            part.server.prepare()
            part.started_at = time.monotonic()
            part.server.spawn()

    def await_ready(self, *parts: Part) -> None:
        """Wait until all of `parts` may work. Raises StartError with the reason of the first that doesn't."""
        for part in parts:
            part.server.await_ready(check=self.request.check)

    def start(self, *parts: Part) -> None:
        """Start `parts` at once and wait until all of them may work. Raises StartError."""
        self.spawn(*parts)
        self.await_ready(*parts)

    def watch(self) -> None:
        """Start anew whatever ends, for ever; ended by Stopped."""
        while True:
            self.request.check()
            now = time.monotonic()
            for part in self.parts:
                self._look_after(part, now)
            time.sleep(POLL_INTERVAL)

    def _look_after(self, part: Part, now: float) -> None:
        if part.due_at is None:
            if part.server.running:
                return
            if now - part.started_at >= STEADY_AFTER:
                part.pause = FIRST_PAUSE
            self.say(f"{part.server.why_it_ended()}. Starting it again in {part.pause:g} s.")
            part.due_at = now + part.pause
            part.pause = min(part.pause * 2, LONGEST_PAUSE)
        elif now >= part.due_at:
            part.due_at, part.started_at = None, now
            try:
                part.server.prepare()
                part.server.spawn()
            except (StartError, OSError) as error:
                self.say(f"{part.name}: {error}")  # it isn't running, so the next look tries again
            else:
                self.say(f"{part.name} is started again.")

    def stop(self) -> None:
        """Stop every part, last started first."""
        while self.parts:
            part = self.parts.pop()
            if part.server.running:
                self.say(f"Stopping {part.name} …")
            part.server.stop()


@contextmanager
def stop_signals() -> Iterator[StopRequest]:
    """Within, the first Ctrl-C, SIGTERM or SIGHUP raises Stopped and later ones are ignored: stopping is under way.

    What `StopRequest.after` guards is finished first.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    request = StopRequest()

    def stop(_number: int, _frame: FrameType | None) -> None:
        first, request.made = not request.made, True
        if first and request.waits:
            return
        for number in numbers:
            signal.signal(number, _ignore)  # not SIG_IGN, which a child would inherit
        raise Stopped

    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield request
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Stopping is under way already."""
