"""The log file of a child: kept small, and read back for the one line that tells why the child ended."""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

LOG_LIMIT = 10 * 1024 * 1024  # bytes, looked at when starting; one older file is kept
TAIL = 16 * 1024  # bytes


def open_log(path: Path) -> IO[bytes]:
    """`path` to append to; a long one is first moved to `<path>.1`."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab")


def why_ended(
    name: str, process: subprocess.Popen[bytes] | None, log: Path, *, signs: Sequence[str] = (), since: int = 0
) -> str:
    """One line: the signal that ended `process`, else what it said last in its `log`, of which `since` bytes are older.

    Whom a signal ended had no last words: the end of its log would name something else as the reason.
    """
    code = None if process is None else process.poll()
    if code is not None and code < 0:
        return f"{name} was ended by signal {-code} ({signal.strsignal(-code) or 'unknown'}); its log is {log}"
    return f"{name} ended: {last_words(log, signs, since=since)} (more in {log})"


def last_words(path: Path, signs: Sequence[str], *, since: int = 0) -> str:
    """The telling line near the end of the log at `path`, from byte `since` on."""
    if not path.exists():
        return "it said nothing"
    with path.open("rb") as log:
        log.seek(max(since, path.stat().st_size - TAIL))
        return telling_line(log.read().decode(errors="replace"), signs)


def telling_line(text: str, signs: Sequence[str]) -> str:
    """The last line of `text` with the first of `signs` that occurs at all, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for sign in signs:
        for line in reversed(lines):
            if sign in line:
                return line
    return lines[-1] if lines else "it said nothing"
