"""The parts that `zipped up` runs: servers we bring along and processes of our own, seen alike."""

import http.client
import itertools
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from zipped.embedded import StartError
from zipped.embedded.left_overs import end_left_overs
from zipped.embedded.process import importable, spawn, stop
from zipped.embedded.server_log import open_log, why_ended

#: Seconds. A worker gives its steps 25 and then hands its runs back, each thing with a limit: 60 at the very most. One
#: that is killed before leaves its runs to be found by its silence, and their steps as unknown.
STOP_TIMEOUT = 60.0
LEFT_OVER_TIMEOUT = 30.0  # seconds for the steps of one that a hard stop left behind, and handing back: somebody waits
SIGNS = ("Error", "error", "critical")  # of why a process of ours ended
ANSWER_TIMEOUT = 2.0  # seconds


class Server(Protocol):
    """What the supervisor asks of a part."""

    @property
    def pid(self) -> int: ...
    @property
    def running(self) -> bool: ...
    def prepare(self) -> None: ...
    def spawn(self) -> None: ...
    def ready(self) -> bool: ...
    def stop(self) -> None: ...
    def why_it_ended(self) -> str: ...


class OwnProcess:
    """`python -m module` in the folder of our processes, healthy when its `/readyz` says so."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str] = (),
        *,
        environ: Mapping[str, str],
        folder: Path,
        health: tuple[str, int],
    ) -> None:
        self.module = module
        self.log = folder / f"{module}.log"
        self._folder = folder
        self._command = [sys.executable, "-m", module, *arguments]
        self._environ = importable(environ)
        self._health = health
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0  # bytes of the log that are of earlier starts

    @property
    def pid(self) -> int:
        """Its process id."""
        if self._process is None:
            raise StartError(f"{self.module} is not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def prepare(self) -> None:
        """Nothing: left-overs of all our processes are ended once, before the first starts."""

    def spawn(self) -> None:
        """Start it without waiting for it."""
        with open_log(self.log) as log:
            self._log_start = log.tell()
            self._process = spawn(self._command, env=self._environ, cwd=self._folder, stdout=log, stderr=log)

    def ready(self) -> bool:
        """Whether its health page says that it may work."""
        if not self.running:
            return False
        connection = http.client.HTTPConnection(*self._health, timeout=ANSWER_TIMEOUT)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Let it finish what it is in, then end it."""
        if self._process is not None:
            stop(self._process, (signal.SIGTERM, STOP_TIMEOUT))

    def why_it_ended(self) -> str:
        """One line: the signal that ended it, or what it said last."""
        return why_ended(f"The {self.module}", self._process, self.log, signs=SIGNS, since=self._log_start)


def end_left_over_processes(folder: Path, modules: Sequence[str]) -> list[int]:
    """End processes of ours that a hard stop left working in `folder`; their ids."""

    def ours(command: list[str]) -> bool:
        return any(("-m", module) in itertools.pairwise(command) for module in modules)

    return end_left_overs(folder, ours, (signal.SIGTERM, LEFT_OVER_TIMEOUT), (signal.SIGKILL, 10.0))
