"""What every server of `zipped up` has in common, brought along or our own: one child process and its log."""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import Signals
from typing import IO

from zipped.embedded import StartError
from zipped.embedded.process import stop, wait_until
from zipped.embedded.server_log import open_log, why_ended

START_TIMEOUT = 60.0  # seconds from a start until it may work


class Server(ABC):
    """A server that is started, watched and ended as a child. `start` and `spawn` belong in the main thread.

    `name` begins the sentences about it. `signs` mark the telling lines of its log, the worst first. `farewell` ends
    it, by (signal, seconds to wait) steps, before SIGKILL does; a start may take `patience` seconds.
    """

    def __init__(
        self,
        name: str,
        log: Path,
        *,
        farewell: Sequence[tuple[Signals, float]],
        signs: Sequence[str] = (),
        patience: float = START_TIMEOUT,
    ) -> None:
        self.log = log
        self.patience = patience
        self._name = name
        self._farewell = farewell
        self._signs = signs
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0  # bytes of the log that are of earlier starts

    @property
    def pid(self) -> int:
        """Its process id. Raises StartError before it is spawned."""
        if self._process is None:
            raise StartError(f"{self._name} is not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @abstractmethod
    def prepare(self) -> None:
        """Whatever has to be done before its process is started. Raises StartError."""

    def spawn(self) -> None:
        """Start its process without waiting for it. `prepare` comes first."""
        with open_log(self.log) as log:
            self._log_start = log.tell()
            self._process = self._spawned(log)

    @abstractmethod
    def ready(self) -> bool:
        """Whether it does its work by now."""

    def await_ready(self, *, check: Callable[[], None] = lambda: None) -> None:
        """Wait until it does; `check` is called at each look and may raise. Raises StartError with the reason."""

        def settled() -> bool:
            check()
            return self.ready() or not self.running

        if wait_until(settled, timeout=self.patience) and self.running:
            return
        if self.running:
            raise StartError(f"{self._name} runs, but was not ready within {self.patience:.0f} s")
        raise StartError(self.why_it_ended())

    def start(self) -> None:
        """Prepare it and start it; returns when it is ready. Raises StartError, with it ended again."""
        self.prepare()
        self.spawn()
        try:
            self.await_ready()
        except StartError:
            self.stop()
            raise

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return 0 if self._process is None else self._process.wait()

    def stop(self) -> None:
        """End it in good order. Stopping what isn't running does nothing."""
        if self._process is not None:
            stop(self._process, *self._farewell)

    def kill(self) -> None:
        """SIGKILL: what a test does to it. What it holds stays ours, so that a start may follow."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def why_it_ended(self) -> str:
        """One line on why it is not there: the signal that ended it, or what it said last."""
        return why_ended(self._name, self._process, self.log, signs=self._signs, since=self._log_start)

    @abstractmethod
    def _spawned(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        """Its process, which says everything to `log`."""
