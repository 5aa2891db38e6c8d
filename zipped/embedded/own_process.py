"""Our own processes as `zipped up` runs them: relay, worker and api."""

import http.client
import itertools
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from zipped.embedded.left_overs import end_left_overs
from zipped.embedded.process import importable, spawn
from zipped.embedded.server import Server

#: Seconds. A worker gives its steps 25 and then hands its runs back, each thing with a limit: 60 at the very most. One
#: that is killed before leaves its runs to be found by its silence, and their steps as unknown.
STOP_TIMEOUT = 60.0
LEFT_OVER_TIMEOUT = 30.0  # seconds for the steps of one that a hard stop left behind, and handing back: somebody waits
SIGNS = ("Error", "error", "critical")  # of why a process of ours ended
ANSWER_TIMEOUT = 2.0  # seconds


class OwnProcess(Server):
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
        farewell = ((signal.SIGTERM, STOP_TIMEOUT),)
        super().__init__(f"The {module}", folder / f"{module}.log", farewell=farewell, signs=SIGNS)
        self._folder = folder
        self._command = [sys.executable, "-m", module, *arguments]
        self._environ = importable(environ)
        self._health = health

    def prepare(self) -> None:
        """Nothing: left-overs of all our processes are ended once, before the first starts."""

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

    def _spawned(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        return spawn(self._command, env=self._environ, cwd=self._folder, output=log)


def end_left_over_processes(folder: Path, modules: Sequence[str]) -> list[int]:
    """End processes of ours that a hard stop left working in `folder`; their ids."""

    def ours(command: list[str]) -> bool:
        return any(("-m", module) in itertools.pairwise(command) for module in modules)

    return end_left_overs(folder, ours, (signal.SIGTERM, LEFT_OVER_TIMEOUT), (signal.SIGKILL, 10.0))
