"""`zipped up` as a user starts it: a command in a terminal, its lines, its processes."""

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from zipped.embedded.postgres import EmbeddedPostgres

START_TIMEOUT = 90.0  # seconds, on a machine that does much else
STOP_TIMEOUT = 90.0  # seconds
LAST_LINE = "Ctrl-C stops everything."


@dataclass
class UpCommand:
    """One `zipped --data FOLDER up`."""

    folder: Path
    port: int
    environ: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    #: Words before the command.
    wrapper: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None
    _unread: "queue.Queue[str]" = field(default_factory=queue.Queue)

    def spawn(self) -> None:
        """Start it without waiting."""
        self.close()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ZIPPED_")}
        self.lines, self._unread = [], queue.Queue()
        self.process = subprocess.Popen(
            [*self.wrapper, sys.executable, "-m", "zipped.cli", "--data", str(self.folder), "up", *self.arguments],
            env={**environ, "ZIPPED_PORT": str(self.port), **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self.process, self._unread), daemon=True).start()

    def start(self) -> None:
        """Start it and wait until it says that everything is healthy."""
        self.spawn()
        self.wait_for(LAST_LINE)

    def wait_for(self, part: str) -> str:
        """The next line that holds `part`. Fails with everything said so far."""
        end = time.monotonic() + START_TIMEOUT
        while True:
            try:
                line = self._unread.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line with {part!r} in {START_TIMEOUT:.0f} s, but:\n{self.said}") from None
            if part in line:
                return line

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def family(self) -> list[psutil.Process]:
        """Everything it has started and what those have started."""
        return psutil.Process(self.pid).children(recursive=True)

    def part(self, word: str) -> psutil.Process:
        """The child whose command line holds `word`."""
        children = psutil.Process(self.pid).children()
        (found,) = [child for child in children if word in child.cmdline()]
        return found

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and wait; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(STOP_TIMEOUT)

    def close(self) -> None:
        """However a test ended: nothing is left."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.terminate()
                self.process.wait(STOP_TIMEOUT)
            if self.process.stdout is not None:
                self.process.stdout.close()

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What another `zipped` command says of the same folder."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ZIPPED_")}
        return subprocess.run(
            [sys.executable, "-m", "zipped.cli", "--data", str(self.folder), *words],
            env={**environ, "ZIPPED_PORT": str(self.port), **self.environ},
            capture_output=True,
            text=True,
            timeout=STOP_TIMEOUT,
            check=False,
        )

    def sql(self, query: str) -> str:
        """What the folder's database answers, asked beside the running product."""
        return EmbeddedPostgres(self.folder / "postgres").sql(query)

    def runs(self) -> str:
        """Status and number of the runs."""
        return self.sql("select status, count(*) from zip_run group by 1 order by 1")

    def demo_address(self) -> str:
        """Where it said that the demo zip listens."""
        found = re.search(r"curl -X POST (\S+)", self.said)
        assert found is not None, self.said
        return found[1]

    def password(self) -> str:
        """Of the first account, as its first start printed it."""
        found = re.search(r"with password\s+(\S+)", self.said)
        assert found is not None, self.said
        return found[1]

    def post(self, document: object) -> tuple[int, dict[str, object]]:
        """Post to the demo zip; status and answer."""
        body = json.dumps(document).encode()
        request = urllib.request.Request(
            self.demo_address(), data=body, headers={"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)

    def _read(self, process: "subprocess.Popen[str]", unread: "queue.Queue[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))
            unread.put(line)


def all_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs any more."""
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)
