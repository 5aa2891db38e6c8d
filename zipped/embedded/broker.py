"""The broker of the embedded default: in memory, in a child process of its own.

It loses everything when it ends and has another port at each start. The product stands on neither: messages are
doorbells, and clients read the address file anew. What it has is Kafka's real protocol, so one code path serves both.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from zipped.embedded import StartError
from zipped.embedded.process import importable, spawn, stop, wait_until
from zipped.embedded.server_log import why_ended

SERVER = "zipped.embedded.broker_server"
START_TIMEOUT = 15.0  # seconds


class EmbeddedBroker:
    """One broker whose address stands in `<folder>/broker` while it runs. Start it in the main thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.address_file = self.folder / "broker"
        self.log = self.folder / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The broker's process id."""
        if self._process is None:
            raise StartError("The embedded broker is not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def address(self) -> str:
        """host:port of the running broker; another one after each start."""
        return self.address_file.read_text().strip()

    def start(self) -> None:
        """Start it; returns when it answers. Raises StartError."""
        self.prepare()
        self.spawn()
        if not wait_until(lambda: self.ready() or not self.running, timeout=START_TIMEOUT) or not self.running:
            why = self.why_it_ended()
            self.stop()
            raise StartError(why)

    def prepare(self) -> None:
        """Forget the address of an earlier start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address_file.unlink(missing_ok=True)

    def spawn(self) -> None:
        """Start its process without waiting for it. `prepare` comes first."""
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", SERVER, str(self.address_file)]
            self._process = spawn(command, env=importable(os.environ), cwd=self.folder, stdout=log, stderr=log)

    def ready(self) -> bool:
        """Whether it has told its address, which it does once it answers."""
        return self.running and self.address_file.exists()

    def stop(self) -> None:
        """End it and everything it holds."""
        if self._process is not None:
            stop(self._process, (signal.SIGTERM, 2.0))
        self.address_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILL: what a test does to it. The stale address stays behind, as after a real crash."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def why_it_ended(self) -> str:
        """One line on why it is not there, from the end of its log."""
        return why_ended("The embedded broker", self._process, self.log)
