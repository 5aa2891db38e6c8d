"""Ends what a hard stop left behind, found by the folder it works in, never by a number in a file."""

import signal
from pathlib import Path

import psutil


def end_left_overs(folder: Path, *steps: tuple[signal.Signals, float]) -> list[int]:
    """End every process whose working folder is `folder` by (signal, seconds to wait) steps; return their ids.

    Only who holds the folder's lock may call this: then nobody else supervises what works there. The first signal
    goes to the eldest of each family only, for a server closes its own children in order.
    """
    left = [process for process in psutil.process_iter() if _works_in(process, folder)]
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


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.cwd() == str(folder)
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
