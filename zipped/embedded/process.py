"""Children that die with us: how every server of `zipped up` is started and stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LAUNCHER = Path(__file__).with_name("launch.py")
SOURCE = Path(__file__).resolve().parents[2]  # where zipped, api, relay and worker are imported from
POLL_INTERVAL = 0.02  # seconds


@dataclass(frozen=True)
class User:
    """The user a child runs as."""

    name: str
    uid: int
    gid: int


def spawn(
    command: Sequence[str],
    *,
    output: int | IO[bytes],
    cwd: Path | str,
    env: Mapping[str, str] | None = None,
    user: User | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` (its first word an absolute path) in a process group of its own; all it says goes to `output`.

    It gets `death_signal` from the kernel when the calling *thread* ends, so call this from the main thread. A group
    of its own keeps the terminal's Ctrl-C away from it: whoever supervises it decides the order of the end.
    """
    identity = "-" if user is None else f"{user.uid}:{user.gid}"
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(death_signal)), identity]
    return subprocess.Popen(
        [*launcher, *command],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        process_group=0,
        umask=0o077,
    )


def importable(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a child that runs a module of ours in another folder than we do."""
    path = environ.get("PYTHONPATH")
    return {**environ, "PYTHONPATH": f"{SOURCE}:{path}" if path else str(SOURCE)}


def stop(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> int:
    """End `process` by the given (signal, seconds to wait) steps, then by SIGKILL; return its exit code."""
    for number, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
    return process.wait()


def wait_until(condition: Callable[[], bool], *, timeout: float) -> bool:
    """Ask `condition` again and again for at most `timeout` seconds; whether it came true."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_INTERVAL)
    return True
