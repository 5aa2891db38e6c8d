"""Makes the cluster (the folder that initdb fills), where the server's user can reach it."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from zipped.embedded import StartError
from zipped.embedded.postgres_binaries import open_folder, reachable
from zipped.embedded.process import User, spawn
from zipped.embedded.server_log import telling_line

DISK_NEEDED = 200 * 1024 * 1024  # bytes: an empty cluster and its first log segments
SIGNS = ("No space left", "PANIC:", "FATAL:", "error:")  # of why a program of PostgreSQL ended, worst first


def make_cluster(
    folder: Path, *, binaries: Path, user: User | None, superuser: str, environment: Mapping[str, str], outside: Path
) -> None:
    """Make `folder`/data: a cluster with checksums, UTF-8 and an order of texts that depends on no operating system.

    When `user` can't reach `folder`, the cluster lies below `outside` and `data` is a link to it.
    Raises StartError, and leaves nothing half made.
    """
    link = folder / "data"
    if link.is_symlink():
        raise StartError(f"{link} points to {link.resolve()}, where no database is; bring it back or delete the link")
    free = shutil.disk_usage(folder).free
    if free < DISK_NEEDED:
        raise StartError(f"The disk of {folder} is full: {free >> 20} MB free, {DISK_NEEDED >> 20} MB needed")
    home = folder
    if not reachable(folder, user):
        open_folder(outside)
        home = Path(tempfile.mkdtemp(prefix="data-", dir=outside))
        home.chmod(0o711)
    # initdb works beside the final name: a folder that is half made is never mistaken for a cluster.
    building = home / "data.new"
    shutil.rmtree(building, ignore_errors=True)
    own(building, user)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    making = spawn(
        [str(binaries / "initdb"), "-D", str(building), "-U", superuser, "--auth=trust", *locale, "--no-instructions"],
        user=user,
        env=environment,
        cwd="/",
        output=subprocess.PIPE,
    )
    output = making.communicate()[0].decode(errors="replace")
    if making.returncode != 0:
        shutil.rmtree(building, ignore_errors=True)
        raise StartError(f"PostgreSQL's initdb failed in {home}: {telling_line(output, SIGNS)}")
    building.rename(home / "data")
    if home != folder:
        link.symlink_to(home / "data")


def own(folder: Path, user: User | None) -> None:
    """Make `folder`, 0700, of the server's user. One that somebody else has put there is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    owner = os.geteuid() if user is None else user.uid
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (owner, os.geteuid()):
        raise StartError(f"{folder} is not a folder of ours; delete it")
    if status.st_uid != owner and user is not None:
        os.chown(folder, user.uid, user.gid)
    folder.chmod(0o700)
