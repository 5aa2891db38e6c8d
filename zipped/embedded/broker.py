"""The broker of the embedded default: in memory, in a child process of its own.

It loses everything when it ends and has another port at each start. The product stands on neither: messages are
doorbells, and clients read the address file anew. What it has is Kafka's real protocol, so one code path serves both.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

from zipped.embedded.process import importable, spawn
from zipped.embedded.server import Server

SERVER = "zipped.embedded.broker_server"
STOP_TIMEOUT = 2.0  # seconds


class EmbeddedBroker(Server):
    """One broker whose address stands in `<folder>/broker` while it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.address_file = self.folder / "broker"
        farewell = ((signal.SIGTERM, STOP_TIMEOUT),)
        super().__init__("The embedded broker", self.folder / "broker.log", farewell=farewell)

    def address(self) -> str:
        """host:port of the running broker; another one after each start."""
        return self.address_file.read_text().strip()

    def prepare(self) -> None:
        """Forget the address of an earlier start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address_file.unlink(missing_ok=True)

    def ready(self) -> bool:
        """Whether it has told its address, which it does once it answers."""
        return self.running and self.address_file.exists()

    def stop(self) -> None:
        """End it and everything it holds. After `kill` alone the stale address stays behind, as after a real crash."""
        super().stop()
        self.address_file.unlink(missing_ok=True)

    def _spawned(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", SERVER, str(self.address_file)]
        return spawn(command, env=importable(os.environ), cwd=self.folder, output=log)
