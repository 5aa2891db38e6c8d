"""Ends what a hard stop left behind, found by where it works and how it was called, never by a number in a file."""

import signal
from collections.abc import Callable
from pathlib import Path

import psutil


def end_left_overs(folder: Path, ours: Callable[[list[str]], bool], *steps: tuple[signal.Signals, float]) -> list[int]:
    """End every process that works in `folder` and whose command line is `ours`, by (signal, seconds to wait) steps.

    Returns their ids. Only who holds the folder's lock may call this: then nobody else supervises what works there.
    A shell that somebody left there is none of ours. The first signal goes to the eldest of each family only, for a
    server closes its own children in order.
    """
    left = [process for process in psutil.process_iter() if _is_one(process, folder, ours)]
    ended = [process.pid for process in left]
    for number, (signal_, seconds) in enumerate(steps):
        for process in _eldest(left) if number == 0 else left:
            try:
                process.send_signal(signal_)
            except psutil.NoSuchProcess:
                continue
        _, left = psutil.wait_procs(left, timeout=seconds)
        if not left:
            break
    return ended


def _is_one(process: psutil.Process, folder: Path, ours: Callable[[list[str]], bool]) -> bool:
    try:
        return process.cwd() == str(folder) and ours(process.cmdline())
    except (psutil.Error, OSError):
        return False


def _eldest(family: list[psutil.Process]) -> list[psutil.Process]:
    ids = {process.pid for process in family}
    return [process for process in family if _parent(process) not in ids]


def _parent(process: psutil.Process) -> int:
    try:
        return int(process.ppid())
    except psutil.NoSuchProcess:
        return 0
