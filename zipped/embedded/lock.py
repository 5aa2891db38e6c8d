"""One owner per folder: a lock that the kernel drops with the process, however that process ends."""

import fcntl
import os
from pathlib import Path

from zipped.embedded import StartError


class FolderLock:
    """An exclusive lock on `path`, held until `release` or the end of this process.

    The file holds the owner's process id so that a second owner can be told who is in the way. It is never deleted:
    a lock on a file that somebody else has just unlinked guards nothing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def take(self) -> None:
        """Take the lock at once or raise StartError naming the process that holds it. Taking it twice is one lock."""
        if self.held:
            return
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise StartError(
                f"{self.path.parent} is in use by process {owner}; stop that one first, or use another folder"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back. Releasing a lock that isn't held does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
