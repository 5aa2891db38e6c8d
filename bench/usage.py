"""What processes use: processor time of whole trees, the dead included, and memory."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

TICKS = os.sysconf("SC_CLK_TCK")  # a second
FIELDS = slice(13, 17)  # utime, stime and those of children that were waited for, in /proc/<pid>/stat


def cpu(pids: Mapping[str, int]) -> dict[str, float]:
    """Processor seconds, user and system, of each named process and everything below it."""
    return {name: sum(_seconds(one) for one in tree(pid)) for name, pid in pids.items()}


def memory(pids: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """MB by name: rss as ps says it, pss where what is shared counts for each in part."""
    found = {}
    for name, pid in pids.items():
        sizes = [_sizes(one) for one in tree(pid)]
        found[name] = {kind: round(sum(size[kind] for size in sizes) / 1024, 1) for kind in ("rss", "pss")}
    return found


def load1() -> float:
    """The machine's load of the last minute."""
    return round(os.getloadavg()[0], 2)


def tree(pid: int) -> list[int]:
    """The process and all its living descendants."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def _seconds(pid: int) -> float:
    with suppress(OSError):
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        fields = ["", "", *after_name]  # as if pid and name were still there
        return sum(map(int, fields[FIELDS])) / TICKS
    return 0.0


def _sizes(pid: int) -> dict[str, int]:
    with suppress(OSError):
        lines = [line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]]
        sizes = {words[0]: int(words[1]) for words in lines}
        return {"rss": sizes["Rss:"], "pss": sizes["Pss:"]}
    return {"rss": 0, "pss": 0}
